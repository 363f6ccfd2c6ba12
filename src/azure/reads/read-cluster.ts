import { list } from '@azure/arm-containerservice/api/agentPools'
import {
  get,
  listOutboundNetworkDependenciesEndpoints,
} from '@azure/arm-containerservice/api/managedClusters'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { AgentPoolFacts, OutboundDependency } from '../../core/snapshot/snapshot.ts'
import type { ClusterReading } from '../arm.ts'
import { READ_API_VERSION } from '../client/api-versions.ts'
import { type ArmCall, responseOf, responsesOf } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { type BodyReader, drainPages, pageItems } from '../client/body-reader.ts'
import { assertSafeSegments } from '../client/resource-path.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { toAgentPoolFacts, toClusterFacts } from '../mapping/cluster.ts'

/** One GET of the cluster: the body as it came, and its facts. */
export async function readCluster(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
  apiVersion: string = READ_API_VERSION,
): Promise<ClusterReading> {
  assertSafeSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, apiVersion)
  const { body } = await responseOf(call, () => get(client, ref.resourceGroup, ref.name))
  if (body === null) throw faultOfBody('it is empty')
  return { body, facts: toClusterFacts(body), apiVersion }
}

/** The agent pools as resources of their own. */
export async function readAgentPools(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<AgentPoolFacts[]> {
  assertSafeSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, READ_API_VERSION)
  const pages = await responsesOf(call, () => drainPages(list(client, ref.resourceGroup, ref.name).byPage()))
  return pageItems(pages).map(toAgentPoolFacts)
}

/** `outboundNetworkDependenciesEndpoints` of a cluster, all pages: one entry for each name, port and protocol. */
export async function readOutboundDependencies(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<OutboundDependency[]> {
  assertSafeSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, READ_API_VERSION)
  const list = () => listOutboundNetworkDependenciesEndpoints(client, ref.resourceGroup, ref.name).byPage()
  const pages = await responsesOf(call, () => drainPages(list()))
  return pageItems(pages).flatMap(dependenciesOf)
}

/** A detail without a name of its own is that of an address; what names neither says nothing. */
function dependenciesOf(item: BodyReader): OutboundDependency[] {
  const category = item.text('category') ?? ''
  return item.list('endpoints').flatMap((endpoint) =>
    endpoint.list('endpointDetails').flatMap((detail) => {
      const destination = endpoint.text('domainName') || detail.text('ipAddress')
      const port = detail.number('port')
      if (!destination || port === null) return []
      return [{ category, destination, port, protocol: detail.text('protocol') ?? '' }]
    }),
  )
}
