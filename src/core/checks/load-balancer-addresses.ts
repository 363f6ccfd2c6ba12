import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { regionKey } from '../regions.ts'
import { idKey, nameOf, resourceNameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** The user's own addresses for a load balancer or a StandardV2 gateway must exist, fit and be free (rulebook 3.1, 3.3, 5). */
export const loadBalancerAddresses: Check = (context) => {
  const wanted = ownAddressIds(context)
  if (wanted.length === 0) return []
  const { snapshot, to } = context
  const found = wanted.map((id) => ({ id, facts: lookUp(id, context) }))
  const present = found.flatMap(({ id, facts }) => (facts === null ? [] : [{ id, facts }]))
  const isLoadBalancer = to === 'loadBalancer'
  const sku = isLoadBalancer ? 'standard' : 'standardv2'
  const { location } = snapshot.cluster
  return [
    ...rule(
      'LB_IP_UNREADABLE',
      found.filter(({ facts }) => facts === null),
    ),
    ...rule(
      isLoadBalancer ? 'LB_IP_NOT_STANDARD' : 'NATV2_IP_SKU',
      present.filter(({ facts }) => facts.sku.toLowerCase() !== sku),
    ),
    ...elsewhere(
      present.filter(({ facts }) => regionKey(facts.location) !== regionKey(location)),
      location,
    ),
    ...rule(
      'LB_IP_AKS_OWNED',
      present.filter(({ id }) => isAksOwned(id, snapshot)),
    ),
    ...inUse(present, context),
  ]
}

type ListCode = 'LB_IP_UNREADABLE' | 'LB_IP_NOT_STANDARD' | 'NATV2_IP_SKU' | 'LB_IP_AKS_OWNED'

function rule(code: ListCode, at: { id: string }[]): Finding[] {
  return at.length === 0 ? [] : [finding(code, { resources: at.map(({ id }) => nameOf(id)) })]
}

function elsewhere(at: { id: string }[], location: string): Finding[] {
  const resources = at.map(({ id }) => nameOf(id))
  return resources.length === 0 ? [] : [finding('LB_IP_WRONG_REGION', { resources, location })]
}

/** An address that the same profile holds already is not in somebody else's use. */
function inUse(
  at: { id: string; facts: PublicIpFacts | PublicIpPrefixFacts }[],
  context: PlanningContext,
): Finding[] {
  const mine = new Set(context.from === context.to ? presentIds(context) : [])
  const resources = at
    .filter(({ id }) => !mine.has(idKey(id)))
    .flatMap(({ id, facts }) => {
      const by = holderOf(facts)
      return by === null ? [] : [{ id, by: resourceNameOf(by) }]
    })
  return resources.length === 0 ? [] : [finding('IP_IN_USE', { resources })]
}

function presentIds({ snapshot: { cluster }, to }: PlanningContext): string[] {
  const profile = to === 'loadBalancer' ? cluster.loadBalancerProfile : cluster.natGatewayProfile
  return [...(profile?.outboundIpIds ?? []), ...(profile?.outboundIpPrefixIds ?? [])].map(idKey)
}

function holderOf(facts: PublicIpFacts | PublicIpPrefixFacts): string | null {
  return facts.natGatewayId ?? ('attachedTo' in facts ? facts.attachedTo : facts.loadBalancerFrontendId)
}

function lookUp(id: string, { snapshot }: PlanningContext): PublicIpFacts | PublicIpPrefixFacts | null {
  return snapshot.publicIps[idKey(id)] ?? snapshot.publicIpPrefixes[idKey(id)] ?? null
}

function ownAddressIds({ target }: PlanningContext): string[] {
  if (target.outboundType === 'loadBalancer')
    return [...target.loadBalancer.outboundIpIds, ...target.loadBalancer.outboundIpPrefixIds]
  // Standard takes none at all, which NATV1_NO_OWN_IPS says.
  if (target.outboundType === 'managedNATGateway' && target.natGateway.sku === 'StandardV2')
    return [...target.natGateway.outboundIpIds, ...target.natGateway.outboundIpPrefixIds]
  return []
}
