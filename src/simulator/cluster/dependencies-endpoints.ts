import type { ArmHandler } from '../http/arm-request.ts'
import type { JsonObject } from '../json.ts'
import { locationOf } from './merge-cluster.ts'
import { clusterOf } from './read-clusters.ts'

/**
 * GET …/outboundNetworkDependenciesEndpoints: what nodes have to reach. The form is that of the public
 * specification, the names those of the rulebook's section 10; the list is shorter than the real one.
 */
export const listDependencies: ArmHandler = (world, request) => {
  const cluster = clusterOf(world, request)
  const location = locationOf(cluster)
  const value = [
    category('azure-resource-management', [
      ['management.azure.com', 443],
      ['login.microsoftonline.com', 443],
    ]),
    category('images', [
      ['mcr.microsoft.com', 443],
      ['*.data.mcr.microsoft.com', 443],
      ['mcr-0001.mcr-msedge.net', 443],
    ]),
    category('artifacts', [
      ['packages.microsoft.com', 443],
      ['acs-mirror.azureedge.net', 443],
      ['packages.aks.azure.com', 443],
    ]),
    category('time-sync', [['ntp.ubuntu.com', 123]]),
    category('cluster', [
      [`*.hcp.${location}.azmk8s.io`, 443],
      [`*.hcp.${location}.azmk8s.io`, 1194],
      [`*.hcp.${location}.azmk8s.io`, 9000],
    ]),
  ]
  return { status: 200, headers: { 'content-type': 'application/json' }, body: { value } }
}

function category(name: string, endpoints: [string, number][]): JsonObject {
  return {
    category: name,
    endpoints: endpoints.map(([domainName, port]) => ({
      domainName,
      endpointDetails: [{ port, protocol: port === 123 || port === 1194 ? 'UDP' : 'TCP' }],
    })),
  }
}
