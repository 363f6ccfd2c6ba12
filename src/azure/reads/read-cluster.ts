import type { ClusterRef } from '../../contract/plan-request.ts'
import type { AgentPoolFacts, OutboundDependency } from '../../core/snapshot/snapshot.ts'
import type { ClusterReading } from '../arm.ts'
import { READ_API_VERSION } from '../client/api-versions.ts'
import { type ArmCall, responseOf, responsesOf } from '../client/arm-call.ts'
import type { AksClient, ArmClients } from '../client/arm-clients.ts'
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
  const { sdk, context } = await aksOf(clients, ref, apiVersion)
  const { body } = await responseOf(call, () => sdk.getManagedCluster(context, ref.resourceGroup, ref.name))
  if (body === null) throw faultOfBody('it is empty')
  return { body, facts: toClusterFacts(body), apiVersion }
}

/** The agent pools as resources of their own. */
export async function readAgentPools(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<AgentPoolFacts[]> {
  const { sdk, context } = await aksOf(clients, ref)
  const list = () => sdk.listAgentPools(context, ref.resourceGroup, ref.name)
  return (await itemsOf(call, list)).map(toAgentPoolFacts)
}

/** `outboundNetworkDependenciesEndpoints` of a cluster, all pages: one entry for each name, port and protocol. */
export async function readOutboundDependencies(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<OutboundDependency[]> {
  const { sdk, context } = await aksOf(clients, ref)
  const list = () => sdk.listOutboundNetworkDependenciesEndpoints(context, ref.resourceGroup, ref.name)
  return (await itemsOf(call, list)).flatMap(dependenciesOf)
}

async function aksOf(
  clients: ArmClients,
  ref: ClusterRef,
  apiVersion = READ_API_VERSION,
): Promise<AksClient> {
  assertSafeSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  return clients.aks(ref.subscriptionId, apiVersion)
}

async function itemsOf(
  call: ArmCall,
  list: () => { byPage(): AsyncIterableIterator<unknown> },
): Promise<BodyReader[]> {
  return pageItems(await responsesOf(call, () => drainPages(list().byPage())))
}

/** A detail without a name of its own is that of an address; what names neither says nothing. */
function dependenciesOf(item: BodyReader): OutboundDependency[] {
  const category = item.string('category') ?? ''
  return item.list('endpoints').flatMap((endpoint) =>
    endpoint.list('endpointDetails').flatMap((detail) => {
      const destination = endpoint.string('domainName') || detail.string('ipAddress')
      const port = detail.number('port')
      if (!destination || port === null) return []
      return [{ category, destination, port, protocol: detail.string('protocol') ?? '' }]
    }),
  )
}
