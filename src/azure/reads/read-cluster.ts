import type { ClusterRef } from '../../contract/cluster.ts'
import type { MaintenanceConfiguration } from '../../contract/maintenance.ts'
import type { AgentPoolFacts, OutboundDependency } from '../../core/snapshot/snapshot.ts'
import type { ClusterReading } from '../arm.ts'
import { READ_API_VERSION } from '../client/api-versions.ts'
import type { ArmRequests } from '../client/arm-requests.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { toAgentPoolFacts } from '../mapping/agent-pool.ts'
import { toClusterFacts } from '../mapping/cluster.ts'
import { toMaintenanceConfiguration } from '../mapping/maintenance.ts'

/** One GET of the cluster: the unchanged body, and its facts. */
export async function readCluster(
  requests: ArmRequests,
  ref: ClusterRef,
  apiVersion: string = READ_API_VERSION,
): Promise<ClusterReading> {
  const [response] = await requests.ofCluster(ref, apiVersion, (aks) => aks.getCluster(ref))
  const body = response?.body ?? null
  if (body === null) throw faultOfBody('it is empty')
  return { body, facts: toClusterFacts(body), apiVersion }
}

/** The agent pools, read as resources. */
export async function readAgentPools(requests: ArmRequests, ref: ClusterRef): Promise<AgentPoolFacts[]> {
  const pools = await requests.listOfCluster(ref, READ_API_VERSION, (aks) => aks.listAgentPools(ref))
  return pools.map(toAgentPoolFacts)
}

/** The planned maintenance windows of a cluster. */
export async function readMaintenanceConfigurations(
  requests: ArmRequests,
  ref: ClusterRef,
): Promise<MaintenanceConfiguration[]> {
  const items = await requests.listOfCluster(ref, READ_API_VERSION, (aks) =>
    aks.listMaintenanceConfigurations(ref),
  )
  return items.map(toMaintenanceConfiguration)
}

/** `outboundNetworkDependenciesEndpoints` of a cluster: one entry for each name, port and protocol. */
export async function readOutboundDependencies(
  requests: ArmRequests,
  ref: ClusterRef,
): Promise<OutboundDependency[]> {
  const items = await requests.listOfCluster(ref, READ_API_VERSION, (aks) =>
    aks.listOutboundDependencies(ref),
  )
  return items.flatMap(dependenciesOf)
}

/** A detail without a name describes an address. A detail without both is ignored. */
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
