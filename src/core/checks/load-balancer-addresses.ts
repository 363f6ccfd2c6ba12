import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../network-facts.ts'
import { addressFacts, type OwnAddress, ownAddresses, ownAddressIds } from '../own-addresses.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { regionKey } from '../regions.ts'
import { idKey, nameOf, resourceNameOf } from '../resource-id.ts'
import type { Check } from './check.ts'
import { formerEgressIds } from './former-egress-addresses.ts'

/** AKS's mark on the addresses that it makes, in its present and its former spelling (Azure/AKS issue 2619). */
const MANAGED_TAGS = ['aks-managed-type', 'type']
const MANAGED_TAG_VALUE = /^aks-.*managed-outbound-ip$/i

/** The user's own addresses for a load balancer or a StandardV2 gateway must exist, fit and be free (rulebook 3.1, 3.3, 5). */
export const loadBalancerAddresses: Check = (context) => {
  const wanted = ownAddressIds(context)
  if (wanted.length === 0) return []
  const { snapshot, to } = context
  const unseen = wanted.filter((id) => addressFacts(id, snapshot) === null).map((id) => ({ id }))
  const present = ownAddresses(context)
  const isLoadBalancer = to === 'loadBalancer'
  const sku = isLoadBalancer ? 'standard' : 'standardv2'
  const { location } = snapshot.cluster
  return [
    ...rule('LB_IP_UNREADABLE', unseen),
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
      present.filter(({ id, facts }) => isAksOwned(id, snapshot) || isMarkedByAks(facts)),
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

function isMarkedByAks(facts: PublicIpFacts | PublicIpPrefixFacts): boolean {
  return 'tags' in facts && MANAGED_TAGS.some((tag) => MANAGED_TAG_VALUE.test(facts.tags[tag] ?? ''))
}

/** An address that the same profile holds already is not in somebody else's use; one of the former egress has its own code. */
function inUse(at: OwnAddress[], context: PlanningContext): Finding[] {
  const mine = new Set(context.from === context.to ? presentIds(context) : formerEgressIds(context))
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
