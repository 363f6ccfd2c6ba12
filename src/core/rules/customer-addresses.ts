import type { Finding } from '../../contract/finding.ts'
import { isSameRegion } from '../arm/regions.ts'
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
import { serviceFrontendOn, serviceLabel } from '../context/service-frontends.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { agree, counted, groupedClauses, listed, listedCode, named, these } from '../lib/text.ts'
import { documented, errorCode, inferred, observed, STANDARD_V2_BLOG } from '../references/references.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'

/** Tags of AKS-managed addresses, in the current and the former spelling (Azure/AKS issue 2619). */
const MANAGED_TAGS = ['aks-managed-type', 'type']

/** The fields of the request that contain customer-provided addresses. */
const FIELDS = '`outboundIpIds` or `outboundIpPrefixIds` of the target'

const MANAGED_TAG_VALUE = /^aks-.*managed-outbound-ip$/i

export const LB_IP_UNREADABLE = rule<{ resources: string[] }>('LB_IP_UNREADABLE', {
  severity: 'blocker',
  message: (f) =>
    `The ${agree(f.resources, 'public IP or prefix', 'public IPs or prefixes')} ${listedCode(f.resources)} ${agree(f.resources, 'does', 'do')} not exist, or the identity of this service has no permission to read ${agree(f.resources, 'it', 'them')}.`,
  remedy: `Specify existing public IPs or prefixes in ${FIELDS}, and make sure that the identity of this service can read them, for example with the Reader role.`,
  source: documented(errorCode('LoadBalancerProfileOutboundIPNotExist')),
})

export const LB_IP_NOT_STANDARD = rule<{ resources: string[] }>('LB_IP_NOT_STANDARD', {
  severity: 'blocker',
  message: (f) =>
    `A load balancer supports only addresses of the SKU \`Standard\`, so the target cannot use ${named('address', f.resources)}.`,
  remedy: `Specify addresses of the SKU \`Standard\` in ${FIELDS}: \`StandardV2\` addresses work only with NAT gateways.`,
  source: documented('load-balancer-standard', STANDARD_V2_BLOG),
})

export const NATV2_IP_SKU = rule<{ resources: string[] }>('NATV2_IP_SKU', {
  severity: 'blocker',
  message: (f) =>
    `A StandardV2 NAT gateway supports only addresses of the SKU \`StandardV2\`, so the target cannot use ${named('address', f.resources)}.`,
  remedy: `Create addresses of the SKU \`StandardV2\` in the region of the cluster, and specify these addresses in ${FIELDS}.`,
  source: documented('nat-gateway', 'nat-sku', STANDARD_V2_BLOG),
})

export const LB_IP_AKS_OWNED = rule<{ resources: string[] }>('LB_IP_AKS_OWNED', {
  severity: 'blocker',
  message: (f) =>
    `The target cannot use ${named('address', f.resources)} as ${agree(f.resources, 'a customer-provided address', 'customer-provided addresses')}, because AKS manages ${agree(f.resources, 'this address', 'these addresses')}.`,
  remedy: `Create public IPs outside the node resource group, and specify these public IPs in ${FIELDS}.`,
  source: documented('load-balancer-standard', 'configure-load-balancer-standard'),
})

export const LB_IP_WRONG_REGION = rule<{ resources: string[]; location: string }>('LB_IP_WRONG_REGION', {
  severity: 'blocker',
  message: (f) =>
    `The target cannot use ${named('address', f.resources)}, which ${agree(f.resources, 'is', 'are')} outside the region \`${f.location}\` of the cluster.`,
  remedy: (f) => `Specify addresses of the region \`${f.location}\` in ${FIELDS}.`,
  source: observed(errorCode('LoadBalancerProfileOutboundIPNotInTheSameRegion')),
})

/** Customer-provided addresses must exist, have the required SKU and region, and not be in use. */
export const checkCustomerAddresses: Check = (context) => {
  const ids = customerAddressIds(context)
  if (ids.length === 0) return []
  const { snapshot, to } = context
  const { location } = snapshot.cluster
  const isLoadBalancer = to === 'loadBalancer'
  const sku = isLoadBalancer ? 'standard' : 'standardv2'
  const skuRule = isLoadBalancer ? LB_IP_NOT_STANDARD : NATV2_IP_SKU
  const addresses = customerAddresses(context)
  const unreadable = ids.filter((id) => addressFacts(id, snapshot) === null)
  const namesWhere = (condition: (address: CustomerAddress) => boolean) =>
    namesOf(addresses.filter(condition))
  return [
    ...LB_IP_UNREADABLE.ifAny({ resources: unreadable.map(lastSegment) }),
    ...skuRule.ifAny({ resources: namesWhere(({ facts }) => !equalsArm(facts.sku, sku)) }),
    ...LB_IP_WRONG_REGION.ifAny({
      resources: namesWhere(({ facts }) => !isSameRegion(facts.location, location)),
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

export const IP_IN_USE = rule<{ resources: { id: string; by: string; service: string | null }[] }>(
  'IP_IN_USE',
  {
    severity: 'blocker',
    message: (f) =>
      f.resources.length === 1
        ? `The target cannot use the address ${f.resources.map(({ id, ...holder }) => `\`${lastSegment(id)}\`, because this address is attached to ${holderLabel(holder)}`).join('')}.`
        : `The target cannot use addresses that other resources use: ${f.resources.map(({ id, ...holder }) => `\`${lastSegment(id)}\` is attached to ${holderLabel(holder)}`).join('; ')}.`,
    remedy: (f) =>
      f.resources.some(({ service }) => service !== null)
        ? `Specify other addresses in ${FIELDS}. To use the address of a Service of this cluster for egress, give the Service another address first.`
        : `Specify other addresses in ${FIELDS}. To use ${these('address', f.resources)}, first detach ${agree(f.resources, 'the address', 'the addresses')} from the other ${agree(f.resources, 'resource, which then loses it', 'resources, which then lose them')}.`,
    source: documented('egress-outboundtype'),
  },
)

function holderLabel({ by, service }: { by: string; service: string | null }): string {
  return service ?? `the resource \`${by}\``
}

/** Excludes addresses of the same profile, and addresses of the former egress, which have separate codes. */
function inUse(addresses: CustomerAddress[], context: PlanningContext): Finding[] {
  const current = new Set(context.from === context.to ? presentIds(context) : formerEgressIds(context))
  const resources = addresses
    .filter(({ id }) => !current.has(idKey(id)))
    .flatMap(({ id, facts }) => {
      const by = holderOf(facts)
      if (by === null) return []
      const frontend = serviceFrontendOn(id, context.snapshot)
      const service = frontend === null ? null : serviceLabel(frontend)
      return [{ id, by: parentResourceName(by), service }]
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
    `The cluster cannot keep ${named('egress address', f.resources)}, because an address cannot be attached to a load balancer and a NAT gateway at the same time.`,
  remedy: `Specify new addresses of the SKU \`StandardV2\` in ${FIELDS}, and keep both the old and the new addresses in external allow lists during the change.`,
  source: inferred('egress-outboundtype', errorCode('…AttachedToAnotherIPConfiguration'), STANDARD_V2_BLOG),
})

export const IP_REUSE_FORBIDDEN = rule<{ resources: string[] }>('IP_REUSE_FORBIDDEN', {
  severity: 'blocker',
  message: (f) =>
    `The target cannot use ${named('address', f.resources)}, because the current outbound configuration of the cluster uses ${agree(f.resources, 'this address', 'these addresses')}.`,
  remedy: (f) =>
    `Specify other addresses in ${FIELDS}. To use ${these('address', f.resources)}, first remove ${agree(f.resources, 'it', 'them')} from the current outbound configuration in a separate change, which can interrupt egress.`,
  source: documented('egress-outboundtype'),
})

/**
 * The new egress cannot use an address of the current egress, because both exist at the same time during the change
 * (egress-outboundtype).
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

/** The resources of the current egress addresses, and those that the cluster's profiles contain, in lower case. */
function formerEgressIds({ before, snapshot: { cluster } }: PlanningContext): string[] {
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile]
  const profileIds = profiles.flatMap((profile) =>
    profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds],
  )
  return [...before.flatMap((address) => address.resourceId ?? []), ...profileIds].map(idKey)
}

export const LB_IP_PROVISIONING = rule<{ resources: { name: string; provisioningState: string }[] }>(
  'LB_IP_PROVISIONING',
  {
    severity: 'blocker',
    message: (f) =>
      `The target cannot use addresses that are not ready: ${listed(
        groupedClauses(
          f.resources,
          'name',
          'provisioningState',
          (names, state) => `the provisioning state of ${named('address', names)} is \`${state}\``,
        ),
      )}.`,
    remedy: `Wait until the provisioning state of each address is \`Succeeded\`, or specify other addresses in ${FIELDS}. Then create a new plan.`,
    source: observed({ text: 'AKS error codes on the provisioning state of outbound IPs' }),
  },
)

export const LB_PREFIX_WRONG_SUB = rule<{ resources: string[] }>('LB_PREFIX_WRONG_SUB', {
  severity: 'blocker',
  message: (f) =>
    `The target cannot use ${named('prefix', f.resources)}, which ${agree(f.resources, 'is', 'are')} not in the subscription of the cluster.`,
  remedy:
    'Specify prefixes of the subscription of the cluster in `loadBalancer.outboundIpPrefixIds`, or specify individual addresses in `loadBalancer.outboundIpIds`. This restriction is known only for prefixes, not for individual addresses.',
  source: observed(errorCode('LoadBalancerProfileOutboundIPPrefixNotInTheSameSubscription')),
})

export const NATV2_CUSTOM_PREFIX = rule<{ resources: string[] }>('NATV2_CUSTOM_PREFIX', {
  severity: 'blocker',
  message: (f) =>
    `A StandardV2 NAT gateway does not support prefixes from a custom IP prefix (BYOIP), so the target cannot use ${named('prefix', f.resources)}.`,
  remedy: 'Specify StandardV2 prefixes with Microsoft-owned addresses in `natGateway.outboundIpPrefixIds`.',
  source: documented('nat-sku', STANDARD_V2_BLOG),
})

export const LB_ONE_IP_SOURCE = rule('LB_ONE_IP_SOURCE', {
  severity: 'warning',
  message:
    'AKS may reject the target, which combines individual addresses and prefixes: the documentation allows either addresses or prefixes, but the release notes of 2023-09-03 allow both together.',
  remedy:
    'Specify only individual addresses (`loadBalancer.outboundIpIds`) or only prefixes (`loadBalancer.outboundIpPrefixIds`). If AKS rejects the target, the cluster does not change.',
  source: documented('configure-load-balancer-standard', 'AKS release notes 2023-09-03'),
})

export const IP_PREFIX_WHOLE = rule<{
  prefixes: { name: string; prefix: string | null; addresses: number }[]
}>('IP_PREFIX_WHOLE', {
  severity: 'info',
  message: (f) =>
    `Egress uses every address of the ${agree(f.prefixes, 'prefix', 'prefixes')} ${listed(f.prefixes.map((prefix) => `\`${prefix.name}\` (${counted(prefix.addresses, 'address')})`))}.`,
  remedy: (f) =>
    `Add ${f.prefixes.length === 1 ? 'the whole prefix' : 'the whole prefixes'} to external allow lists, and do not use any of the addresses for other purposes.`,
  source: documented('nat-gateway-resource', 'outbound-rules'),
})

/** Customer-provided addresses must also be ready, in the required subscription, and of one kind. */
export const checkCustomerAddressForm: Check = (context) => {
  const addresses = customerAddresses(context)
  const prefixes = addresses.flatMap(({ id, facts }) =>
    isPrefix(facts) ? [{ id, name: lastSegment(id), facts }] : [],
  )
  const isLoadBalancer = context.to === 'loadBalancer'
  const isMixed = prefixes.length > 0 && prefixes.length < addresses.length
  const subscriptionScope = idKey(`/subscriptions/${context.snapshot.cluster.subscriptionId}/`)
  return [
    ...LB_IP_PROVISIONING.ifAny({
      resources: addresses
        // An address that shows no state is ready: its last operation has succeeded (async-operations).
        .filter(({ facts }) => !['', 'Succeeded'].some((state) => equalsArm(facts.provisioningState, state)))
        .map(({ id, facts }) => ({ name: lastSegment(id), provisioningState: facts.provisioningState })),
    }),
    ...(isLoadBalancer
      ? LB_PREFIX_WRONG_SUB.ifAny({
          resources: namesOf(prefixes.filter(({ id }) => !idKey(id).startsWith(subscriptionScope))),
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
