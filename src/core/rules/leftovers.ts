import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { listed } from '../lib/text.ts'
import { supportOf } from '../support-matrix/transitions.ts'
import { type Check, rule } from './rule.ts'

/** What stays after the change, and what to keep for a way back. */
export const checkLeftovers: Check = (context) => {
  if (context.from === context.to) return []
  return [...costs(context), ...wayBackNotes(context)]
}

export const LEFTOVER_COST = rule<{ resources: string[] }>('LEFTOVER_COST', {
  severity: 'info',
  message: (f) => `These stay after the change and go on costing: ${listed(f.resources.map(lastSegment))}.`,
  remedy: () => 'Delete them when the way back is no longer wanted and nothing else uses them.',
  confidence: 'inferred',
  source: 'EO',
})

/** The user's own resources that only the former type needed: AKS lets go of them and never deletes them (inferred). */
function costs(context: PlanningContext): Finding[] {
  const resources = [...new Map(formerResources(context).map((id) => [idKey(id), id])).values()]
  return resources.length === 0 ? [] : [LEFTOVER_COST.finding({ resources })]
}

function formerResources({ snapshot, snapshot: { cluster }, from, declared }: PlanningContext): string[] {
  if (from === 'userAssignedNATGateway')
    return snapshot.subnets.flatMap(({ natGatewayId }) =>
      natGatewayId === null || isAksOwned(natGatewayId, snapshot) ? [] : [natGatewayId],
    )
  const profile =
    declared === 'loadBalancer'
      ? cluster.loadBalancerProfile
      : declared === 'managedNATGateway'
        ? cluster.natGatewayProfile
        : null
  return profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds]
}

export const ROLLBACK_NEW_IPS = rule<{ from: string }>('ROLLBACK_NEW_IPS', {
  severity: 'warning',
  message: (f) =>
    `A way back to ${f.from} brings new addresses, not the present ones: allow-lists that are right today would not help after it.`,
  remedy: () => 'Use addresses of your own on both sides where the way back has to be quick.',
  confidence: 'inferred',
  source: 'AKS release notes 2023-07-30; EO',
})

export const ROLLBACK_KEEP_PREPARATION = rule<{ from: string }>('ROLLBACK_KEEP_PREPARATION', {
  severity: 'info',
  message: (f) => `The way back to ${f.from} needs what is prepared for it now.`,
  remedy: () =>
    'Keep the NAT gateway, or the route and its appliance, and the old entries in allow-lists until the new egress has proved itself.',
  confidence: 'inferred',
  source: 'EO; concluded by this service',
})

function wayBackNotes({ from, to, vnet, policy, ledger, snapshot }: PlanningContext): Finding[] {
  if (from === null) return []
  const back = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  if (back !== 'supported' && back !== 'disputed') return []
  const isOnSubnets = from === 'userAssignedNATGateway' || from === 'userDefinedRouting'
  const losesManaged = ledger.some(
    (each) =>
      each.change === 'lost' &&
      !each.recoverable &&
      each.resourceId !== null &&
      isAksOwned(each.resourceId, snapshot),
  )
  return [
    ...(losesManaged ? [ROLLBACK_NEW_IPS.finding({ from })] : []),
    ...(isOnSubnets ? [ROLLBACK_KEEP_PREPARATION.finding({ from })] : []),
  ]
}
