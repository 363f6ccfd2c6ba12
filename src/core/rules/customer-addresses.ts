import type { Finding } from '../../contract/finding.ts'
import { regionKey } from '../arm/regions.ts'
import { idKey, lastSegment, namesOf, parentResourceName } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
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
import { documented, errorCode, inferred, observed, STANDARD_V2_BLOG } from '../references/references.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'

/** AKS's mark on the addresses that it makes, in its present and its former spelling (Azure/AKS issue 2619). */
const MANAGED_TAGS = ['aks-managed-type', 'type']

const MANAGED_TAG_VALUE = /^aks-.*managed-outbound-ip$/i

export const LB_IP_UNREADABLE = rule<{ resources: string[] }>('LB_IP_UNREADABLE', {
  severity: 'blocker',
  message: (f) => `These addresses do not exist or may not be read: ${listed(f.resources)}.`,
  remedy: 'Name existing public IPs or prefixes that the planning identity may read.',
  source: documented(errorCode('LoadBalancerProfileOutboundIPNotExist')),
})

export const LB_IP_NOT_STANDARD = rule<{ resources: string[] }>('LB_IP_NOT_STANDARD', {
  severity: 'blocker',
  message: (f) => `These addresses are not of SKU Standard: ${listed(f.resources)}.`,
  remedy: 'The load balancer takes Standard addresses only; StandardV2 addresses fit NAT gateways alone.',
  source: documented('load-balancer-standard', STANDARD_V2_BLOG),
})

export const NATV2_IP_SKU = rule<{ resources: string[] }>('NATV2_IP_SKU', {
  severity: 'blocker',
  message: (f) => `These addresses are not of SKU StandardV2: ${listed(f.resources)}.`,
  remedy: 'Create StandardV2 addresses in the same region; the SKUs are not interchangeable.',
  source: documented('nat-gateway', 'nat-sku', STANDARD_V2_BLOG),
})

export const LB_IP_AKS_OWNED = rule<{ resources: string[] }>('LB_IP_AKS_OWNED', {
  severity: 'blocker',
  message: (f) => `AKS made these addresses itself, they cannot be used as own ones: ${listed(f.resources)}.`,
  remedy: 'Create addresses of your own outside the node resource group.',
  source: documented('load-balancer-standard', 'configure-load-balancer-standard'),
})

export const LB_IP_WRONG_REGION = rule<{ resources: string[]; location: string }>('LB_IP_WRONG_REGION', {
  severity: 'blocker',
  message: (f) => `These addresses are not in ${f.location}: ${listed(f.resources)}.`,
  remedy: (f) => `Name addresses in ${f.location}.`,
  source: observed(errorCode('LoadBalancerProfileOutboundIPNotInTheSameRegion')),
})

/** Customer addresses for a load balancer or a StandardV2 gateway must exist, fit, and be free. */
export const checkCustomerAddresses: Check = (context) => {
  const ids = customerAddressIds(context)
  if (ids.length === 0) return []
  const { snapshot, to } = context
  const { location } = snapshot.cluster
  const isLoadBalancer = to === 'loadBalancer'
  const sku = isLoadBalancer ? 'standard' : 'standardv2'
  const skuRule = isLoadBalancer ? LB_IP_NOT_STANDARD : NATV2_IP_SKU
  const addresses = customerAddresses(context)
  const unseen = ids.filter((id) => addressFacts(id, snapshot) === null)
  const namesWhere = (condition: (address: CustomerAddress) => boolean) =>
    namesOf(addresses.filter(condition))
  return [
    ...LB_IP_UNREADABLE.ifAny({ resources: unseen.map(lastSegment) }),
    ...skuRule.ifAny({ resources: namesWhere(({ facts }) => !equalsArm(facts.sku, sku)) }),
    ...LB_IP_WRONG_REGION.ifAny({
      resources: namesWhere(({ facts }) => regionKey(facts.location) !== regionKey(location)),
      location,
    }),
    ...LB_IP_AKS_OWNED.ifAny({
      resources: namesWhere(({ id, facts }) => isAksOwned(id, snapshot) || isMarkedByAks(facts)),
    }),
    ...inUse(addresses, context),
  ]
}

function isMarkedByAks(facts: PublicIpFacts | PublicIpPrefixFacts): boolean {
  return 'tags' in facts && MANAGED_TAGS.some((tag) => MANAGED_TAG_VALUE.test(facts.tags[tag] ?? ''))
}

export const IP_IN_USE = rule<{ resources: { id: string; by: string }[] }>('IP_IN_USE', {
  severity: 'blocker',
  message: (f) =>
    `Addresses are in use: ${listed(f.resources.map((resource) => `${lastSegment(resource.id)} by ${resource.by}`))}. An address of a former or other outbound configuration must not be used again while it is attached.`,
  remedy: 'Free the addresses in a step of its own, or name others.',
  source: documented('egress-outboundtype'),
})

/** Without addresses of the same profile, and of the former egress, which have their own codes. */
function inUse(addresses: CustomerAddress[], context: PlanningContext): Finding[] {
  const current = new Set(context.from === context.to ? presentIds(context) : formerEgressIds(context))
  const resources = addresses
    .filter(({ id }) => !current.has(idKey(id)))
    .flatMap(({ id, facts }) => {
      const by = holderOf(facts)
      return by === null ? [] : [{ id, by: parentResourceName(by) }]
    })
  return IP_IN_USE.ifAny({ resources })
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
  remedy:
    'Name new addresses of SKU StandardV2, and have both the old and the new ones allowed elsewhere while the change is made.',
  source: inferred('egress-outboundtype', errorCode('…AttachedToAnotherIPConfiguration'), STANDARD_V2_BLOG),
})

export const IP_REUSE_FORBIDDEN = rule<{ resources: string[] }>('IP_REUSE_FORBIDDEN', {
  severity: 'blocker',
  message: (f) =>
    `The cluster leaves by these addresses already, in another outbound configuration: ${listed(f.resources)}. An address that is in use there must not be used again in the new one.`,
  remedy: 'Name other addresses. To free these takes a step of its own, which by itself cuts the egress.',
  source: documented('egress-outboundtype'),
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
  const reuse = from === 'loadBalancer' && to !== 'loadBalancer' ? IP_CARRY_LB_TO_NAT : IP_REUSE_FORBIDDEN
  return reuse.ifAny({ resources })
}

/** The resources whose addresses the cluster leaves by now, or that its profiles hold for that, in lower case. */
function formerEgressIds({ before, snapshot: { cluster } }: PlanningContext): string[] {
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile]
  const held = profiles.flatMap((profile) =>
    profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds],
  )
  return [...before.flatMap((address) => address.resourceId ?? []), ...held].map(idKey)
}

export const LB_IP_PROVISIONING = rule<{ resources: { name: string; provisioningState: string }[] }>(
  'LB_IP_PROVISIONING',
  {
    severity: 'blocker',
    message: (f) =>
      `These addresses are not ready: ${listed(f.resources.map((resource) => `${resource.name} is ${resource.provisioningState || 'in an unknown state'}`))}.`,
    remedy: 'Wait until each is Succeeded, or name others, and plan again.',
    source: observed({ text: 'AKS error codes on the provisioning state of outbound IPs' }),
  },
)

export const LB_PREFIX_WRONG_SUB = rule<{ resources: string[] }>('LB_PREFIX_WRONG_SUB', {
  severity: 'blocker',
  message: (f) => `These prefixes are not in the cluster's subscription: ${listed(f.resources)}.`,
  remedy: "Name prefixes in the cluster's own subscription, or single addresses.",
  source: observed(errorCode('LoadBalancerProfileOutboundIPPrefixNotInTheSameSubscription')),
})

export const NATV2_CUSTOM_PREFIX = rule<{ resources: string[] }>('NATV2_CUSTOM_PREFIX', {
  severity: 'blocker',
  message: (f) =>
    `These prefixes come from a custom IP prefix, which a StandardV2 NAT gateway does not take: ${listed(f.resources)}.`,
  remedy: 'Name StandardV2 prefixes of addresses that belong to Microsoft.',
  source: documented('nat-sku', STANDARD_V2_BLOG),
})

export const LB_ONE_IP_SOURCE = rule('LB_ONE_IP_SOURCE', {
  severity: 'warning',
  message:
    'The target names single addresses and prefixes together. The documentation says to use one kind at a time; a release note of 2023-09-03 allows the mixture.',
  remedy: 'Name one kind only; AKS may refuse the mixture, which then changes nothing.',
  source: documented('configure-load-balancer-standard', 'AKS release notes 2023-09-03'),
})

export const IP_PREFIX_WHOLE = rule<{
  prefixes: { name: string; prefix: string | null; addresses: number }[]
}>('IP_PREFIX_WHOLE', {
  severity: 'info',
  message: (f) =>
    `Prefixes are taken whole: ${listed(f.prefixes.map((prefix) => `${prefix.name} with ${prefix.addresses} addresses`))}.`,
  remedy: (f) =>
    `Allow ${f.prefixes.length === 1 ? 'the whole prefix' : 'the whole prefixes'} elsewhere, and use none of the addresses for anything else.`,
  source: documented('nat-gateway-resource', 'outbound-rules'),
})

/** Customer addresses must also be ready, in the right subscription, and of one kind. */
export const checkCustomerAddressForm: Check = (context) => {
  const addresses = customerAddresses(context)
  const prefixes = addresses.flatMap(({ id, facts }) =>
    isPrefix(facts) ? [{ id, name: lastSegment(id), facts }] : [],
  )
  const isLoadBalancer = context.to === 'loadBalancer'
  const isMixed = prefixes.length > 0 && prefixes.length < addresses.length
  const home = idKey(`/subscriptions/${context.snapshot.cluster.subscriptionId}/`)
  return [
    ...LB_IP_PROVISIONING.ifAny({
      resources: addresses
        .filter(({ facts }) => !equalsArm(facts.provisioningState, 'Succeeded'))
        .map(({ id, facts }) => ({ name: lastSegment(id), provisioningState: facts.provisioningState })),
    }),
    ...(isLoadBalancer
      ? LB_PREFIX_WRONG_SUB.ifAny({
          resources: namesOf(prefixes.filter(({ id }) => !idKey(id).startsWith(home))),
        })
      : NATV2_CUSTOM_PREFIX.ifAny({
          resources: namesOf(prefixes.filter(({ facts }) => facts.customIpPrefixId !== null)),
        })),
    ...LB_ONE_IP_SOURCE.when(isLoadBalancer && isMixed, {}),
    ...IP_PREFIX_WHOLE.ifAny({
      prefixes: prefixes.map(({ name, facts: { prefix, prefixLength, version } }) => ({
        name,
        prefix,
        addresses: prefixAddressCount(prefixLength, version),
      })),
    }),
  ]
}
