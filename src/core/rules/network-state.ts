import type { Finding } from '../../contract/finding.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { addressFacts } from '../context/customer-addresses.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { declaredProfile, isAksOwned } from '../egress/addresses.ts'
import { gatewaysOn } from '../egress/outbound-resources.ts'
import { defaultRouteOf, routesToAppliance } from '../egress/paths.ts'
import { listed } from '../lib/text.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const PROFILE_OUTBOUND_IP_GONE = rule<{ resources: string[] }>('PROFILE_OUTBOUND_IP_GONE', {
  severity: 'blocker',
  message: (f) =>
    `The cluster's profile names outbound addresses that do not exist any more: ${listed(f.resources.map(lastSegment))}. Every update of the cluster fails until they are taken out of it.`,
  remedy: () =>
    'Bring the profile right first: name addresses that exist, or ask for managed ones, as an update of its own.',
  confidence: 'observed',
  source: 'LoadBalancerProfileOutboundIPNotExist; Azure/AKS issue 3247',
})

/**
 * An own address in the profile of the declared type that does not exist any more: every update of such a
 * cluster fails until it is taken out (LoadBalancerProfileOutboundIPNotExist, Azure/AKS 3247).
 */
export const checkProfileAddresses: Check = ({ snapshot, declared }) => {
  const profile = declaredProfile(snapshot, declared)
  const named = profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds]
  const resources = named.filter((id) => isGone(id, snapshot))
  return resources.length === 0 ? [] : [PROFILE_OUTBOUND_IP_GONE.finding({ resources })]
}

/** Neither in the lists nor by its id; what failed otherwise is unknown and not gone. */
function isGone(id: string, snapshot: Snapshot): boolean {
  if (addressFacts(id, snapshot) !== null) return false
  const unread = snapshot.unread.find((each) => idKey(each.what) === idKey(id))
  return unread === undefined || unread.reason === 'not-found'
}

/** What somebody changed by hand in the network that AKS manages. */
export const checkManagedNetwork: Check = (context) => {
  return context.vnet.kind === 'managed' ? [...addedAddresses(context), ...attached(context)] : []
}

export const MANAGED_NAT_MANUAL_IPS = rule<{ addresses: string[] }>('MANAGED_NAT_MANUAL_IPS', {
  severity: 'warning',
  message: (f) =>
    `The NAT gateway that AKS manages has addresses that the cluster does not know: ${listed(f.addresses)}. AKS takes them off again when it next reconciles.`,
  remedy: () => 'Expect to lose them; a NAT gateway of your own keeps its addresses.',
  confidence: 'observed',
  source: 'azure-docs issue 95631',
})

function addedAddresses({ snapshot, declared }: PlanningContext): Finding[] {
  const effective = snapshot.cluster.natGatewayProfile?.effectiveOutboundIpIds ?? []
  if (declared !== 'managedNATGateway' || effective.length === 0) return []
  const known = new Set(effective.map(idKey))
  const addresses = gatewaysOn(snapshot.subnets, snapshot)
    .filter((gateway) => isAksOwned(gateway.id, snapshot))
    .flatMap((gateway) => [...gateway.publicIpIds, ...gateway.publicIpPrefixIds])
    .filter((id) => !known.has(idKey(id)))
    .map(lastSegment)
  return addresses.length === 0 ? [] : [MANAGED_NAT_MANUAL_IPS.finding({ addresses })]
}

export const MANAGED_VNET_TAMPERED = rule<{ resources: string[] }>('MANAGED_VNET_TAMPERED', {
  severity: 'warning',
  message: (f) =>
    `The subnet that AKS manages carries resources of somebody else's: ${listed(f.resources.map(lastSegment))}. That is not supported, and what this change makes of it is not defined.`,
  remedy: () => 'Take them off the subnet first, or try the change on a cluster of the same shape.',
  confidence: 'inferred',
  source: 'concepts-network-cni-overview (CNI); support-policies (SUP)',
})

function attached({ snapshot }: PlanningContext): Finding[] {
  const resources = snapshot.subnets.flatMap((subnet) => {
    const route = defaultRouteOf(subnet, snapshot)
    const isRouted = route !== null && route !== 'unread' && subnet.routeTableId !== null
    return [
      ...(subnet.natGatewayId === null || isAksOwned(subnet.natGatewayId, snapshot)
        ? []
        : [subnet.natGatewayId]),
      ...(isRouted ? [subnet.routeTableId ?? ''] : []),
    ]
  })
  return resources.length === 0 ? [] : [MANAGED_VNET_TAMPERED.finding({ resources: [...new Set(resources)] })]
}

/** Types whose preparation and cleaning up are done on subnets, so that whoever shares them is met too. */
const ON_SUBNETS: (OutboundType | null)[] = ['userAssignedNATGateway', 'userDefinedRouting']

/** Gateways, tables and subnets of the cluster that others use as well. */
export const checkSharedNetwork: Check = (context) => {
  const { vnet, from, to, declared, target, cleanUp } = context
  // A clean-up touches only the subnets that it takes something off, whatever the type is.
  const cleaned = cleanUp.detachments.flatMap(({ subnets }) => subnets)
  if (cleaned.length > 0) return sharedSubnets(context, cleaned)
  const isTouched = ON_SUBNETS.includes(declared) || ON_SUBNETS.includes(target.outboundType)
  if (vnet.kind !== 'byo' || from === to || !isTouched) return []
  return [
    ...sharedResources(context),
    ...sharedSubnets(
      context,
      context.snapshot.subnets.map(({ id }) => id),
    ),
  ]
}

export const SHARED_NATGW_WAVE = rule<{
  resources: { id: string; otherSubnets: number; examples: string[] }[]
}>('SHARED_NATGW_WAVE', {
  severity: 'warning',
  message: (f) =>
    `Others use the same egress: ${listed(f.resources.map((each) => `${lastSegment(each.id)} also serves ${each.otherSubnets} other subnet${each.otherSubnets === 1 ? '' : 's'}`))}. They share its source ports and addresses.`,
  remedy: () =>
    'Plan these clusters and machines together: add up what they need, and change nothing on the shared resource without them.',
  confidence: 'inferred',
  source: 'nat-gateway-resource (NRES)',
})

function sharedResources({ snapshot }: PlanningContext): Finding[] {
  const mine = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  const gateways = snapshot.subnets.flatMap((each) => each.natGatewayId ?? [])
  // A table without a default route decides nothing here, and many subnets of a network may share it.
  const tables = snapshot.subnets
    .filter((each) => routesToAppliance(each, snapshot))
    .flatMap((each) => each.routeTableId ?? [])
  const resources = distinct([...gateways, ...tables])
    .filter((id) => !isAksOwned(id, snapshot))
    .map((id) => {
      const found = snapshot.natGateways[idKey(id)] ?? snapshot.routeTables[idKey(id)]
      const others = (found?.subnetIds ?? []).filter((subnet) => !mine.has(idKey(subnet)))
      return { id, otherSubnets: others.length, examples: others.slice(0, 5) }
    })
    .filter(({ otherSubnets }) => otherSubnets > 0)
  return resources.length === 0 ? [] : [SHARED_NATGW_WAVE.finding({ resources })]
}

export const SUBNET_SHARED = rule<{ subnets: { subnet: string; groups: string[] }[] }>('SUBNET_SHARED', {
  severity: 'warning',
  message: (f) =>
    `The cluster shares its subnets: ${listed(f.subnets.map((each) => `${each.subnet} also holds resources of ${listed(each.groups)}`))}. What is attached to or taken off such a subnet moves all of them at once.`,
  remedy: () => 'Tell their owners before anything is attached or detached.',
  confidence: 'inferred',
  source: 'concluded by this service from what lies in the subnet',
})

function sharedSubnets({ snapshot, snapshot: { cluster } }: PlanningContext, touched: string[]): Finding[] {
  const ids = new Set(touched.map(idKey))
  const own = idKey(`/subscriptions/${cluster.subscriptionId}/resourceGroups/${cluster.nodeResourceGroup}`)
  const subnets = snapshot.subnets
    .filter(({ id }) => ids.has(idKey(id)))
    .map((subnet) => ({
      subnet: lastSegment(subnet.id),
      groups: subnet.occupantGroups.filter((group) => group !== own).map(lastSegment),
    }))
    .filter(({ groups }) => groups.length > 0)
  return subnets.length === 0 ? [] : [SUBNET_SHARED.finding({ subnets })]
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
