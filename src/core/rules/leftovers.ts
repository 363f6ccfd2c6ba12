import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { listed } from '../lib/text.ts'
import { inferred } from '../references/references.ts'
import { supportOf } from '../support-matrix/transitions.ts'
import { type Check, rule } from './rule.ts'

/** Resources that stay after the change, and what a rollback needs. */
export const checkLeftovers: Check = (context) => {
  if (context.from === context.to) return []
  return [...costs(context), ...rollback(context)]
}

export const LEFTOVER_COST = rule<{ resources: string[] }>('LEFTOVER_COST', {
  severity: 'info',
  message: (f) => `These stay after the change and go on costing: ${listed(f.resources.map(lastSegment))}.`,
  remedy: 'Delete them when the way back is no longer wanted and nothing else uses them.',
  source: inferred('egress-outboundtype'),
})

/** Customer resources that only the former type needed. AKS detaches them and never deletes them (inferred). */
function costs(context: PlanningContext): Finding[] {
  const resources = [...new Map(formerResources(context).map((id) => [idKey(id), id])).values()]
  return LEFTOVER_COST.ifAny({ resources })
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
  remedy: 'Use addresses of your own on both sides where the way back has to be quick.',
  source: inferred('AKS release notes 2023-07-30', 'egress-outboundtype'),
})

export const ROLLBACK_KEEP_PREPARATION = rule<{ from: string }>('ROLLBACK_KEEP_PREPARATION', {
  severity: 'info',
  message: (f) => `The way back to ${f.from} needs what is prepared for it now.`,
  remedy:
    'Keep the NAT gateway, or the route and its appliance, and the old entries in allow-lists until the new egress has proved itself.',
  source: inferred('egress-outboundtype', { text: 'concluded by this service' }),
})

function rollback({ from, to, vnet, policy, ledger, snapshot }: PlanningContext): Finding[] {
  if (from === null) return []
  const support = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  if (support !== 'supported' && support !== 'disputed') return []
  const isOnSubnets = from === 'userAssignedNATGateway' || from === 'userDefinedRouting'
  const losesManaged = ledger.some(
    ({ change, recoverable, resourceId }) =>
      change === 'lost' && !recoverable && resourceId !== null && isAksOwned(resourceId, snapshot),
  )
  return [
    ...ROLLBACK_NEW_IPS.when(losesManaged, { from }),
    ...ROLLBACK_KEEP_PREPARATION.when(isOnSubnets, { from }),
  ]
}
