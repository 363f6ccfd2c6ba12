import type { RollbackOutlook, RollbackPreview } from '../../contract/plan.ts'
import type { RequestedTarget, Target } from '../../contract/target.ts'
import { idKey } from '../arm/resource-id.ts'
import { buildPlanningContext, type PlanningContext } from '../context/planning-context.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { listed } from '../lib/text.ts'
import { resolveCutover } from '../plan/cutover.ts'
import { buildSteps } from '../plan/steps/build-steps.ts'
import { defaultRequest } from '../request/plan-request.ts'
import { evaluateRules, findingCodes } from '../rules/index.ts'
import { customerIpIds, customerIpIdsOf } from '../snapshot/network-profile.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { supportOf, transitionPaths } from '../support-matrix/transitions.ts'
import { formerTarget, profileOf, profilesAfter } from '../target/egress-profile.ts'

/**
 * What a plan back would say, asked of the cluster as it will be then: its steps, what would block it, what would
 * have to be acknowledged. null where there is no way back. Addresses that AKS makes during the change are not in it,
 * because nobody knows them yet.
 */
function previewRollback(context: PlanningContext, target: RequestedTarget | null): RollbackPreview | null {
  if (target === null) return null
  const request = defaultRequest(context.snapshot.cluster, target)
  const back = buildPlanningContext(snapshotAfter(context), request, context.policy)
  const findings = evaluateRules(back)
  const blockers = findingCodes(findings, 'blocker')
  const stepsBack = buildSteps(back)
  return {
    status: blockers.length > 0 ? 'blocked' : 'applicable',
    steps: stepsBack.map(({ key, title }) => ({ key, title })),
    cutOver: resolveCutover(back, stepsBack),
    blockers,
    acknowledgements: findingCodes(findings, 'acknowledge'),
  }
}

/** The cluster at rest on its target; its own network as the change leaves it. */
function snapshotAfter({ prepared, target, ranges }: PlanningContext): Snapshot {
  const cluster: ClusterFacts = {
    ...prepared.cluster,
    provisioningState: 'Succeeded',
    agentPools: prepared.cluster.agentPools.map((pool) => ({ ...pool, provisioningState: 'Succeeded' })),
    outboundType: target.outboundType,
    ...profilesAfter(target),
    authorizedIPRanges: [...prepared.cluster.authorizedIPRanges, ...ranges.add],
  }
  // What lies around is asked about when the way back is really planned; today it would only cost time.
  const subnets = projectedSubnets(prepared, target)
  return { ...prepared, cluster, subnets, ...freedAddresses(prepared, target), surroundings: null }
}

/** Own addresses of the former type that the target does not name: AKS takes them off and leaves them. */
function freedAddresses(
  { cluster, publicIps, publicIpPrefixes }: Snapshot,
  target: Target,
): Pick<Snapshot, 'publicIps' | 'publicIpPrefixes'> {
  const kept = new Set(customerIpIds(profileOf(target)).map(idKey))
  const freed = new Set(
    customerIpIdsOf(cluster)
      .map(idKey)
      .filter((id) => !kept.has(id)),
  )
  if (freed.size === 0) return { publicIps, publicIpPrefixes }
  const mapped = <T extends object>(held: Record<string, T>, free: Partial<T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(held).map(([id, facts]) => [id, freed.has(id) ? { ...facts, ...free } : facts]),
    )
  return {
    publicIps: mapped(publicIps, { attachedTo: null, natGatewayId: null }),
    publicIpPrefixes: mapped(publicIpPrefixes, { loadBalancerFrontendId: null, natGatewayId: null }),
  }
}

/**
 * The way back: whether the matrix has one, to which target exactly (the recorded former profile, not
 * defaults), and what does not come back.
 */
export function buildRollbackOutlook(context: PlanningContext): RollbackOutlook {
  const { from, to, vnet, policy, isChange } = context
  if (from === null || !isChange)
    return { supported: false, support: null, target: null, lost: [], routes: [], plan: null }
  const support = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  const isOpen = support === 'supported' || support === 'sameType'
  const target = isOpen || support === 'disputed' ? formerTarget(context.snapshot.cluster, from) : null
  return {
    supported: isOpen,
    support,
    target,
    lost: permanentLosses(context),
    routes: isOpen ? [] : transitionPaths(vnet.kind, to, from, policy.pinnedEdition),
    plan: previewRollback(context, target),
  }
}

function permanentLosses(context: PlanningContext): string[] {
  const released = context.ledger.flatMap((entry) =>
    entry.change === 'lost' && !entry.recoverable && entry.address !== null ? [entry.address] : [],
  )
  const sentences =
    released.length > 0 ? [`A rollback gets new addresses instead of ${listed(released)}.`] : []
  if (context.ledger.some((entry) => entry.change === 'unknown' && entry.address !== null))
    sentences.push(
      'A rollback does not restore all current addresses: AKS releases some of them, and which ones cannot be predicted.',
    )
  const unused = context.released.flatMap((address) => address.address ?? [])
  if (unused.length > 0)
    sentences.push(
      `A rollback does not restore ${listed(unused)}: AKS releases ${unused.length === 1 ? 'it' : 'them'}, although no traffic uses ${unused.length === 1 ? 'it' : 'them'}.`,
    )
  return sentences
}
