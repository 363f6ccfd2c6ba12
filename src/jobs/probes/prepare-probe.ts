import { ArmFault } from '../../azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import { valueAtPointer } from '../../contract/json.ts'
import { DEFAULT_PROBE_NODES } from '../../contract/probe.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { clusterEndpoints } from '../../core/endpoints/required-endpoints.ts'
import { asSentence } from '../../core/lib/text.ts'
import { chooseInstances, podSubnetNotes } from '../../core/probe/choose-instances.ts'
import { type ProbeRun, startProbe } from '../../core/probe/probe-run.ts'
import { isolationNotes, probeTargets } from '../../core/probe/probe-targets.ts'
import type { InstanceFacts } from '../../core/snapshot/agent-pools.ts'
import type { JobsDeps } from '../deps.ts'

/** The options of a probe that a caller sets. */
export interface ProbeWish {
  endpoints?: string[] | undefined
  sourceAddressUrl?: string | undefined
  maxNodes?: number | undefined
}

/**
 * Reads the cluster, the endpoints that its nodes must reach, and its instances. A denied read of the instances is part
 * of the result. `avoid`: instances that gave no result to an earlier probe. Every other error rejects, so that the read is repeated.
 */
export async function prepareProbe(
  { arm, now }: Pick<JobsDeps, 'arm' | 'now'>,
  id: string,
  ref: ClusterRef,
  wish: ProbeWish,
  avoid: string[] = [],
): Promise<ProbeRun> {
  const [{ body, facts: cluster }, dependencies] = await Promise.all([
    arm.getCluster(ref),
    arm.listOutboundDependencies(ref).catch(unlessTransient),
  ])
  const instances = await arm
    .listInstances(cluster.subscriptionId, cluster.nodeResourceGroup)
    .catch(unlessTransient)
  const at = now().toISOString()
  const hosts = cluster.enablePrivateCluster ? ['privateFQDN', 'fqdn'] : ['fqdn', 'privateFQDN']
  const names = hosts.map((field) => valueAtPointer(body, `/properties/${field}`))
  const apiServer = names.find((name): name is string => typeof name === 'string') ?? null
  const required = clusterEndpoints(cluster, isFault(dependencies) ? null : dependencies, at.slice(0, 10))
  const targets = probeTargets(cluster, apiServer, required, wish)
  const notes = isFault(dependencies)
    ? [
        `AKS did not list the endpoints of this cluster, so only the published list was probed: ${describe(dependencies)}.`,
      ]
    : []
  if (equalsArm(cluster.nodeProvisioningMode, 'Auto'))
    notes.push('Nodes of node auto-provisioning belong to no node pool and are not measured.')
  notes.push(...podSubnetNotes(cluster.agentPools), ...isolationNotes(cluster))
  const [found, unread] = isFault(instances) ? [null, asSentence(describe(instances))] : [instances, null]
  const chosen = chooseInstances(
    cluster.agentPools,
    found as InstanceFacts[] | null,
    unread,
    wish.maxNodes ?? DEFAULT_PROBE_NODES,
    avoid,
  )
  return startProbe(id, at, { ...targets, notes: [...targets.notes, ...notes] }, chosen)
}

function isFault(value: unknown): value is ArmFault {
  return value instanceof ArmFault
}

/** Repeating a denied read, or a read of a hidden resource group, would not help. */
function unlessTransient(error: unknown): ArmFault {
  if (isFault(error) && !['transient', 'throttled', 'unknown', 'unauthenticated'].includes(error.kind))
    return error
  throw error
}

function describe({ code, message }: ArmFault): string {
  return `${code}: ${message}`
}
