import type { ArmHandler } from '../arm/arm-request.ts'
import { hasWindows } from '../arm/managed-cluster.ts'
import { type JsonObject, textAt } from '../lib/json.ts'
import { locationOf } from './merge-cluster.ts'
import { clusterOf } from './read-clusters.ts'

type Endpoint = [domainName: string, port: number, protocol: string]

/**
 * GET …/outboundNetworkDependenciesEndpoints: the endpoints that nodes must reach. Form, categories and protocols are
 * from the example in the public specification, the names from outbound-rules-control-egress. Like the real response,
 * it contains the API server of the cluster and is incomplete.
 */
export const listOutboundDependencies: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const apiServer = textAt(cluster, 'properties', 'fqdn')
  const value = [
    category('azure-resource-management', [
      https('management.azure.com'),
      https('login.microsoftonline.com'),
    ]),
    category('images', [
      https('mcr.microsoft.com'),
      https('*.data.mcr.microsoft.com'),
      https('mcr-0001.mcr-msedge.net'),
    ]),
    category('artifacts', [
      https('packages.microsoft.com'),
      https('acs-mirror.azureedge.net'),
      https('packages.aks.azure.com'),
    ]),
    category('time-sync', [['ntp.ubuntu.com', 123, 'UDP']]),
    category('ubuntu-optional', [
      http('security.ubuntu.com'),
      http('azure.archive.ubuntu.com'),
      http('changelogs.ubuntu.com'),
    ]),
    ...(apiServer === undefined ? [] : publicApiServer(apiServer, locationOf(cluster))),
    ...(hasWindows(cluster) ? [category('windows', windows())] : []),
  ]
  return { status: 200, headers: { 'content-type': 'application/json' }, body: { value } }
}

/** Nodes of a private cluster reach the API server inside the network. */
function publicApiServer(host: string, location: string): JsonObject[] {
  return [
    category('apiserver', [https(host)]),
    category('tunnel-classic', [
      [`AzureCloud.${location}`, 9000, 'TCP'],
      [`AzureCloud.${location}`, 1194, 'UDP'],
    ]),
  ]
}

function windows(): Endpoint[] {
  return [https('onegetcdn.azureedge.net'), https('go.microsoft.com'), http('www.msftconnecttest.com')]
}

function https(name: string): Endpoint {
  return [name, 443, 'Https']
}

function http(name: string): Endpoint {
  return [name, 80, 'Http']
}

function category(name: string, endpoints: Endpoint[]): JsonObject {
  return {
    category: name,
    endpoints: endpoints.map(([domainName, port, protocol]) => ({
      domainName,
      endpointDetails: [{ port, protocol }],
    })),
  }
}
