import { list } from '@azure/arm-containerservice/api/agentPools'
import { get } from '@azure/arm-containerservice/api/managedClusters'
import type { AgentPoolFacts } from '../core/snapshot.ts'
import type { ClusterRef } from '../core/target.ts'
import { READ_API_VERSION } from './api-versions.ts'
import type { ClusterReading } from './arm.ts'
import { type ArmCall, answerOf, answersOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { faultOfBody } from './fault-mapping.ts'
import { drain, itemsOn } from './paged-list.ts'
import { checkSegments } from './path-segments.ts'
import { translateAgentPool } from './translate-agent-pool.ts'
import { translateCluster } from './translate-cluster.ts'

/** One GET of the cluster: the body as it came, and its facts. */
export async function readCluster(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
  apiVersion: string = READ_API_VERSION,
): Promise<ClusterReading> {
  checkSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, apiVersion)
  const { body } = await answerOf(call, () => get(client, ref.resourceGroup, ref.name))
  if (body === null) throw faultOfBody('it is empty')
  return { body, facts: translateCluster(body), apiVersion }
}

/** The agent pools as resources of their own. */
export async function readAgentPools(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<AgentPoolFacts[]> {
  checkSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, READ_API_VERSION)
  const pages = await answersOf(call, () => drain(list(client, ref.resourceGroup, ref.name).byPage()))
  return itemsOn(pages).map(translateAgentPool)
}
