import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { natGatewayIdOf } from '../egress/subnet-attachments.ts'
import { agree, capitalized, named, these } from '../lib/text.ts'
import { inferred } from '../references/references.ts'
import { supportOf } from '../support-matrix/transitions.ts'
import { type Check, rule } from './rule.ts'

/** Reports resources that stay after the change, and the requirements of a rollback. */
export const checkLeftovers: Check = (context) => {
  if (context.from === context.to) return []
  return [...costs(context), ...rollback(context)]
}

export const LEFTOVER_COST = rule<{ resources: string[] }>('LEFTOVER_COST', {
  severity: 'info',
  message: (f) =>
    `${capitalized(named('resource', f.resources.map(lastSegment)))} ${agree(f.resources, 'stays', 'stay')} after the change and ${agree(f.resources, 'continues', 'continue')} to incur costs.`,
  remedy: (f) =>
    `If you need no rollback and nothing else uses ${these('resource', f.resources)}, delete ${agree(f.resources, 'the resource', 'the resources')}.`,
  source: inferred('egress-outboundtype'),
})

/** Customer resources that only the former type needed. AKS detaches them and never deletes them (inferred). */
function costs(context: PlanningContext): Finding[] {
  const resources = [...new Map(formerResources(context).map((id) => [idKey(id), id])).values()]
  return LEFTOVER_COST.ifAny({ resources })
}

function formerResources({ snapshot, snapshot: { cluster }, from, declared }: PlanningContext): string[] {
  if (from === 'userAssignedNATGateway')
    return snapshot.subnets.flatMap((subnet) => {
      const id = natGatewayIdOf(subnet, snapshot)
      return id === null || isAksOwned(id, snapshot) ? [] : [id]
    })
  const profile =
    declared === 'loadBalancer'
      ? cluster.loadBalancerProfile
      : declared === 'managedNATGateway'
        ? cluster.natGatewayProfile
        : null
  return profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds]
}

export const ROLLBACK_KEEP_PREPARATION = rule<{ from: string }>('ROLLBACK_KEEP_PREPARATION', {
  severity: 'info',
  message: (f) => `A rollback to \`${f.from}\` requires the resources that this outbound type uses now.`,
  remedy: (f) =>
    `Keep ${f.from === 'userAssignedNATGateway' ? 'the NAT gateway' : 'the default route, its next hop,'} and the old entries in allow lists until you have confirmed that the new egress path works.`,
  source: inferred('egress-outboundtype', { text: 'concluded by this service' }),
})

function rollback({ from, to, vnet, policy }: PlanningContext): Finding[] {
  if (from !== 'userAssignedNATGateway' && from !== 'userDefinedRouting') return []
  const support = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  return ROLLBACK_KEEP_PREPARATION.when(support === 'supported' || support === 'disputed', { from })
}
