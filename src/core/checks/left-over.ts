import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey } from '../resource-id.ts'
import { supportOf } from '../transitions.ts'
import type { Check } from './check.ts'

/** What stays after the change, and what to keep for a way back (rulebook 4, 11). */
export const leftOver: Check = (context) => {
  if (context.from === context.to) return []
  return [...costs(context), ...wayBackNotes(context)]
}

/** The user's own resources that only the former type needed: AKS lets go of them and never deletes them (inferred: U, L−). */
function costs(context: PlanningContext): Finding[] {
  const resources = [...new Map(formerResources(context).map((id) => [idKey(id), id])).values()]
  return resources.length === 0 ? [] : [finding('LEFTOVER_COST', { resources })]
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
    ...(losesManaged ? [finding('ROLLBACK_NEW_IPS', { from })] : []),
    ...(isOnSubnets ? [finding('ROLLBACK_KEEP_PREPARATION', { from })] : []),
  ]
}
