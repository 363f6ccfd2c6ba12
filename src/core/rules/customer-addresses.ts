import type { Finding } from '../../contract/finding.ts'
import { regionKey } from '../arm/regions.ts'
import { idKey, lastSegment, parentResourceName } from '../arm/resource-id.ts'
import {
  addressFacts,
  type CustomerAddress,
  customerAddresses,
  customerAddressIds,
  isPrefix,
} from '../context/customer-addresses.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import { type Check, type Rule, rule } from './rule.ts'

/** AKS's mark on the addresses that it makes, in its present and its former spelling (Azure/AKS issue 2619). */
const MANAGED_TAGS = ['aks-managed-type', 'type']

const MANAGED_TAG_VALUE = /^aks-.*managed-outbound-ip$/i

export const LB_IP_UNREADABLE = rule<{ resources: string[] }>('LB_IP_UNREADABLE', {
  severity: 'blocker',
  message: (f) => `These addresses do not exist or may not be read: ${listed(f.resources)}.`,
  remedy: () => 'Name existing public IPs or prefixes that the planning identity may read.',
  confidence: 'documented',
  source: 'LoadBalancerProfileOutboundIPNotExist (RPERR)',
})

export const LB_IP_NOT_STANDARD = rule<{ resources: string[] }>('LB_IP_NOT_STANDARD', {
  severity: 'blocker',
  message: (f) => `These addresses are not of SKU Standard: ${listed(f.resources)}.`,
  remedy: () =>
    'The load balancer takes Standard addresses only; StandardV2 addresses fit NAT gateways alone.',
  confidence: 'documented',
  source: 'load-balancer-standard (LB1); BLOG',
})

export const NATV2_IP_SKU = rule<{ resources: string[] }>('NATV2_IP_SKU', {
  severity: 'blocker',
  message: (f) => `These addresses are not of SKU StandardV2: ${listed(f.resources)}.`,
  remedy: () => 'Create StandardV2 addresses in the same region; the SKUs are not interchangeable.',
  confidence: 'documented',
  source: 'NG; NSKU; BLOG',
})

export const LB_IP_AKS_OWNED = rule<{ resources: string[] }>('LB_IP_AKS_OWNED', {
  severity: 'blocker',
  message: (f) => `AKS made these addresses itself, they cannot be used as own ones: ${listed(f.resources)}.`,
  remedy: () => 'Create addresses of your own outside the node resource group.',
  confidence: 'documented',
  source: 'LB1; LB2',
})

/** The user's own addresses for a load balancer or a StandardV2 gateway must exist, fit and be free. */
export const checkCustomerAddresses: Check = (context) => {
  const wanted = customerAddressIds(context)
  if (wanted.length === 0) return []
  const { snapshot, to } = context
  const unseen = wanted.filter((id) => addressFacts(id, snapshot) === null).map((id) => ({ id }))
  const present = customerAddresses(context)
  const isLoadBalancer = to === 'loadBalancer'
  const sku = isLoadBalancer ? 'standard' : 'standardv2'
  const { location } = snapshot.cluster
  return [
    ...named(LB_IP_UNREADABLE, unseen),
    ...named(
      isLoadBalancer ? LB_IP_NOT_STANDARD : NATV2_IP_SKU,
      present.filter(({ facts }) => facts.sku.toLowerCase() !== sku),
    ),
    ...elsewhere(
      present.filter(({ facts }) => regionKey(facts.location) !== regionKey(location)),
      location,
    ),
    ...named(
      LB_IP_AKS_OWNED,
      present.filter(({ id, facts }) => isAksOwned(id, snapshot) || isMarkedByAks(facts)),
    ),
    ...inUse(present, context),
  ]
}

function named(said: Rule<{ resources: string[] }>, at: { id: string }[]): Finding[] {
  return at.length === 0 ? [] : [said.finding({ resources: at.map(({ id }) => lastSegment(id)) })]
}

export const LB_IP_WRONG_REGION = rule<{ resources: string[]; location: string }>('LB_IP_WRONG_REGION', {
  severity: 'blocker',
  message: (f) => `These addresses are not in ${f.location}: ${listed(f.resources)}.`,
  remedy: (f) => `Name addresses in ${f.location}.`,
  confidence: 'observed',
  source: 'LoadBalancerProfileOutboundIPNotInTheSameRegion (RPERR)',
})

function elsewhere(at: { id: string }[], location: string): Finding[] {
  const resources = at.map(({ id }) => lastSegment(id))
  return resources.length === 0 ? [] : [LB_IP_WRONG_REGION.finding({ resources, location })]
}

function isMarkedByAks(facts: PublicIpFacts | PublicIpPrefixFacts): boolean {
  return 'tags' in facts && MANAGED_TAGS.some((tag) => MANAGED_TAG_VALUE.test(facts.tags[tag] ?? ''))
}

export const IP_IN_USE = rule<{ resources: { id: string; by: string }[] }>('IP_IN_USE', {
  severity: 'blocker',
  message: (f) =>
    `Addresses are in use: ${listed(f.resources.map((each) => `${lastSegment(each.id)} by ${each.by}`))}. An address of a former or other outbound configuration must not be used again while it is attached.`,
  remedy: () => 'Free the addresses in a step of its own, or name others.',
  confidence: 'documented',
  source: 'EO',
})

/** An address that the same profile holds already is not in somebody else's use; one of the former egress has its own code. */
function inUse(at: CustomerAddress[], context: PlanningContext): Finding[] {
  const mine = new Set(context.from === context.to ? presentIds(context) : formerEgressIds(context))
  const resources = at
    .filter(({ id }) => !mine.has(idKey(id)))
    .flatMap(({ id, facts }) => {
      const by = holderOf(facts)
      return by === null ? [] : [{ id, by: parentResourceName(by) }]
    })
  return resources.length === 0 ? [] : [IP_IN_USE.finding({ resources })]
}

function presentIds({ snapshot: { cluster }, to }: PlanningContext): string[] {
  const profile = to === 'loadBalancer' ? cluster.loadBalancerProfile : cluster.natGatewayProfile
  return [...(profile?.outboundIpIds ?? []), ...(profile?.outboundIpPrefixIds ?? [])].map(idKey)
}

function holderOf(facts: PublicIpFacts | PublicIpPrefixFacts): string | null {
  return facts.natGatewayId ?? ('attachedTo' in facts ? facts.attachedTo : facts.loadBalancerFrontendId)
}

export const IP_CARRY_LB_TO_NAT = rule<{ resources: string[] }>('IP_CARRY_LB_TO_NAT', {
  severity: 'blocker',
  message: (f) =>
    `The load balancer holds ${listed(f.resources)}, and an address cannot be on a load balancer and a NAT gateway at once: the egress cannot keep it through this change.`,
  remedy: () =>
    'Name new addresses of SKU StandardV2, and have both the old and the new ones allowed elsewhere while the change is made.',
  confidence: 'inferred',
  source: 'EO; …AttachedToAnotherIPConfiguration (RPERR); BLOG',
})

export const IP_REUSE_FORBIDDEN = rule<{ resources: string[] }>('IP_REUSE_FORBIDDEN', {
  severity: 'blocker',
  message: (f) =>
    `The cluster leaves by these addresses already, in another outbound configuration: ${listed(f.resources)}. An address that is in use there must not be used again in the new one.`,
  remedy: () =>
    'Name other addresses. To free these takes a step of its own, which by itself cuts the egress.',
  confidence: 'documented',
  source: 'EO',
})

/**
 * An address that the cluster leaves by now cannot be the address that it leaves by afterwards: the old and the
 * new egress stand side by side during the change (egress-outboundtype).
 */
export const checkAddressReuse: Check = (context) => {
  const { from, to } = context
  if (from === to) return []
  const former = new Set(formerEgressIds(context))
  const resources = customerAddressIds(context)
    .filter((id) => former.has(idKey(id)))
    .map(lastSegment)
  if (resources.length === 0) return []
  const said = from === 'loadBalancer' && to !== 'loadBalancer' ? IP_CARRY_LB_TO_NAT : IP_REUSE_FORBIDDEN
  return [said.finding({ resources })]
}

/** The resources whose addresses the cluster leaves by now, or that its profiles hold for that, in lower case. */
function formerEgressIds({ before, snapshot: { cluster } }: PlanningContext): string[] {
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile]
  const held = profiles.flatMap((profile) =>
    profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds],
  )
  return [...before.flatMap((each) => each.resourceId ?? []), ...held].map(idKey)
}

/** What else own addresses must be to be taken: ready, from the right subscription, of one kind. */
export const checkCustomerAddressForm: Check = (context) => {
  const present = customerAddresses(context)
  if (present.length === 0) return []
  const prefixes = present.filter(({ facts }) => isPrefix(facts))
  return [
    ...unready(present),
    ...(context.to === 'loadBalancer' ? balancerPrefixes(prefixes, context) : customPrefixes(prefixes)),
    ...oneSource(present, prefixes, context),
    ...whole(prefixes),
  ]
}

export const LB_IP_PROVISIONING = rule<{ resources: { name: string; provisioningState: string }[] }>(
  'LB_IP_PROVISIONING',
  {
    severity: 'blocker',
    message: (f) =>
      `These addresses are not ready: ${listed(f.resources.map((each) => `${each.name} is ${each.provisioningState || 'in an unknown state'}`))}.`,
    remedy: () => 'Wait until each is Succeeded, or name others, and plan again.',
    confidence: 'observed',
    source: 'AKS error codes on the provisioning state of outbound IPs',
  },
)

function unready(at: CustomerAddress[]): Finding[] {
  const resources = at
    .filter(({ facts }) => facts.provisioningState !== 'Succeeded')
    .map(({ id, facts }) => ({ name: lastSegment(id), provisioningState: facts.provisioningState }))
  return resources.length === 0 ? [] : [LB_IP_PROVISIONING.finding({ resources })]
}

export const LB_PREFIX_WRONG_SUB = rule<{ resources: string[] }>('LB_PREFIX_WRONG_SUB', {
  severity: 'blocker',
  message: (f) => `These prefixes are not in the cluster's subscription: ${listed(f.resources)}.`,
  remedy: () => "Name prefixes in the cluster's own subscription, or single addresses.",
  confidence: 'observed',
  source: 'LoadBalancerProfileOutboundIPPrefixNotInTheSameSubscription (RPERR)',
})

function balancerPrefixes(
  prefixes: CustomerAddress[],
  { snapshot: { cluster } }: PlanningContext,
): Finding[] {
  const home = idKey(`/subscriptions/${cluster.subscriptionId}/`)
  const resources = prefixes.filter(({ id }) => !idKey(id).startsWith(home)).map(({ id }) => lastSegment(id))
  return resources.length === 0 ? [] : [LB_PREFIX_WRONG_SUB.finding({ resources })]
}

export const NATV2_CUSTOM_PREFIX = rule<{ resources: string[] }>('NATV2_CUSTOM_PREFIX', {
  severity: 'blocker',
  message: (f) =>
    `These prefixes come from a custom IP prefix, which a StandardV2 NAT gateway does not take: ${listed(f.resources)}.`,
  remedy: () => 'Name StandardV2 prefixes of addresses that belong to Microsoft.',
  confidence: 'documented',
  source: 'nat-sku (NSKU); BLOG',
})

function customPrefixes(prefixes: CustomerAddress[]): Finding[] {
  const resources = prefixes
    .filter(({ facts }) => isPrefix(facts) && facts.customIpPrefixId !== null)
    .map(({ id }) => lastSegment(id))
  return resources.length === 0 ? [] : [NATV2_CUSTOM_PREFIX.finding({ resources })]
}

export const LB_ONE_IP_SOURCE = rule('LB_ONE_IP_SOURCE', {
  severity: 'warning',
  message: () =>
    'The target names single addresses and prefixes together. The documentation says to use one kind at a time; a release note of 2023-09-03 allows the mixture.',
  remedy: () => 'Name one kind only; AKS may refuse the mixture, which then changes nothing.',
  confidence: 'documented',
  source: 'configure-load-balancer-standard (LB2); AKS release notes 2023-09-03',
})

function oneSource(
  present: CustomerAddress[],
  prefixes: CustomerAddress[],
  { to }: PlanningContext,
): Finding[] {
  const isMixed = prefixes.length > 0 && prefixes.length < present.length
  return to === 'loadBalancer' && isMixed ? [LB_ONE_IP_SOURCE.finding({})] : []
}

export const IP_PREFIX_WHOLE = rule<{
  prefixes: { name: string; prefix: string | null; addresses: number }[]
}>('IP_PREFIX_WHOLE', {
  severity: 'info',
  message: (f) =>
    `Prefixes are taken whole: ${listed(f.prefixes.map((each) => `${each.name} with ${each.addresses} addresses`))}.`,
  remedy: (f) =>
    `Allow ${f.prefixes.length === 1 ? 'the whole prefix' : 'the whole prefixes'} elsewhere, and use none of the addresses for anything else.`,
  confidence: 'documented',
  source: 'nat-gateway-resource (NRES); outbound-rules (LBR)',
})

function whole(prefixes: CustomerAddress[]): Finding[] {
  const taken = prefixes.flatMap(({ id, facts }) =>
    isPrefix(facts)
      ? [
          {
            name: lastSegment(id),
            prefix: facts.prefix,
            addresses: prefixAddressCount(facts.prefixLength, facts.version),
          },
        ]
      : [],
  )
  return taken.length === 0 ? [] : [IP_PREFIX_WHOLE.finding({ prefixes: taken })]
}
