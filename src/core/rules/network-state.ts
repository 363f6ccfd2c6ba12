import type { Finding } from '../../contract/finding.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { distinctIds, idKey, lastSegment, nodeGroupId } from '../arm/resource-id.ts'
import { addressFacts } from '../context/customer-addresses.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { declaredProfile, isAksOwned } from '../egress/addresses.ts'
import { gatewaysOn } from '../egress/outbound-resources.ts'
import { defaultRouteOf, natGatewayIdOf, routesToAppliance } from '../egress/subnet-attachments.ts'
import { agree, listed, named, these } from '../lib/text.ts'
import { errorCode, inferred, observed } from '../references/references.ts'
import { subnetOf } from '../snapshot/assemble.ts'
import { neighboursOn } from '../snapshot/neighbours.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const PROFILE_OUTBOUND_IP_GONE = rule<{ resources: string[] }>('PROFILE_OUTBOUND_IP_GONE', {
  severity: 'blocker',
  message: (f) =>
    `Every update of the cluster fails while its load balancer or NAT gateway profile references ${named('outbound address', f.resources.map(lastSegment))}, which no longer exist${agree(f.resources, 's', '')}.`,
  remedy: (f) =>
    `Replace ${these('address', f.resources)} in the profile with existing addresses or AKS-managed addresses, in a separate update. This update succeeds, because it removes the reference. Then create a new plan.`,
  source: observed(errorCode('LoadBalancerProfileOutboundIPNotExist'), 'Azure/AKS issue 3247'),
})

/**
 * The profile of the declared type references a customer-provided address that no longer exists: every update of the
 * cluster fails until the profile drops it (LoadBalancerProfileOutboundIPNotExist, Azure/AKS issue 3247).
 */
export const checkProfileAddresses: Check = ({ snapshot, declared }) => {
  const profile = declaredProfile(snapshot, declared)
  const ids = profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds]
  return PROFILE_OUTBOUND_IP_GONE.ifAny({ resources: ids.filter((id) => isGone(id, snapshot)) })
}

/** True if the address is not in the lists and its ID returns 404. After any other error, its existence is unknown. */
function isGone(id: string, snapshot: Snapshot): boolean {
  if (addressFacts(id, snapshot) !== null) return false
  const unread = snapshot.unread.find(({ what }) => idKey(what) === idKey(id))
  return unread === undefined || unread.reason === 'not-found'
}

/** Manual changes in the network that AKS manages. */
export const checkManagedNetwork: Check = (context) => {
  return context.vnet.kind === 'managed' ? [...addedAddresses(context), ...attached(context)] : []
}

export const MANAGED_NAT_MANUAL_IPS = rule<{ addresses: string[] }>('MANAGED_NAT_MANUAL_IPS', {
  severity: 'warning',
  message: (f) =>
    `AKS removes ${named('address', f.addresses)} from the AKS-managed NAT gateway at the next reconciliation, because the cluster profile does not contain ${agree(f.addresses, 'this address', 'these addresses')}.`,
  remedy: (f) =>
    `Use a customer-managed NAT gateway to keep ${these('address', f.addresses)}. Otherwise, remove ${these('address', f.addresses)} from every allow list.`,
  source: observed('azure-docs issue 95631'),
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
  return MANAGED_NAT_MANUAL_IPS.ifAny({ addresses })
}

export const MANAGED_VNET_TAMPERED = rule<{ resources: string[] }>('MANAGED_VNET_TAMPERED', {
  severity: 'warning',
  message: (f) =>
    `The effect of this change on ${named('customer-managed resource', f.resources.map(lastSegment))} in the AKS-managed virtual network is unknown, because AKS does not support such resources in this network.`,
  remedy: (f) =>
    `Test the change on a cluster with the same configuration, or first detach ${these('resource', f.resources)} from the subnets of the cluster or the virtual network, which can move traffic immediately.`,
  source: inferred('concepts-network-cni-overview', 'support-policies'),
})

function attached({ snapshot }: PlanningContext): Finding[] {
  const resources = snapshot.subnets.flatMap((subnet) => {
    const { routeTableId } = subnet
    const natGatewayId = natGatewayIdOf(subnet, snapshot)
    const route = defaultRouteOf(subnet, snapshot)
    const isRouted = route !== null && route !== 'unread' && routeTableId !== null
    return [
      ...(natGatewayId === null || isAksOwned(natGatewayId, snapshot) ? [] : [natGatewayId]),
      ...(isRouted ? [routeTableId] : []),
    ]
  })
  return MANAGED_VNET_TAMPERED.ifAny({ resources: [...new Set(resources)] })
}

/** Outbound types whose preparation and cleanup change subnets, which affects all resources in them. */
const ON_SUBNETS: (OutboundType | null)[] = ['userAssignedNATGateway', 'userDefinedRouting']

/** NAT gateways, route tables, and subnets that the cluster shares with other resources. */
export const checkSharedNetwork: Check = (context) => {
  const { vnet, from, to, declared, target, cleanUp, preparation } = context
  // A cleanup changes only the subnets from which it detaches something.
  const cleaned = cleanUp.detachments.flatMap(({ subnets }) => subnets)
  if (cleaned.length > 0) return sharedSubnets(context, cleaned)
  const isTouched = ON_SUBNETS.includes(declared) || ON_SUBNETS.includes(target.outboundType)
  const isChange = from !== to || preparation.writes.length > 0
  if (vnet.kind !== 'byo' || !isChange || !isTouched) return []
  const subnetIds = context.snapshot.subnets.map(({ id }) => id)
  return [...sharedResources(context), ...sharedSubnets(context, subnetIds)]
}

type SharedResource = { id: string; otherSubnets: number; examples: string[] }

export const SHARED_NATGW_WAVE = rule<{ resources: SharedResource[] }>('SHARED_NATGW_WAVE', {
  severity: 'warning',
  message: (f) =>
    `Other subnets share source ports and addresses with the cluster: ${sharedWith('NAT gateway', f.resources, 'also serves')}.`,
  remedy:
    'Plan the change together with the owners of the other subnets, and calculate the capacity that all subnets need together. Do not change the shared NAT gateway without the consent of these owners.',
  source: inferred('nat-gateway-resource'),
})

export const SHARED_ROUTE_TABLE = rule<{ resources: SharedResource[] }>('SHARED_ROUTE_TABLE', {
  severity: 'warning',
  message: (f) =>
    `Other subnets follow the same routes as the cluster: ${sharedWith('route table', f.resources, 'is also associated with')}.`,
  remedy:
    'Inform the owners of the other subnets before you change a route, because the new next hop then also carries the traffic of these subnets. Make sure that the new next hop has enough capacity.',
  source: inferred('egress-udr'),
})

function sharedWith(noun: string, resources: SharedResource[], how: string): string {
  const others = (count: number) => `${count} other subnet${count === 1 ? '' : 's'}`
  return listed(
    resources.map(
      ({ id, otherSubnets }) => `the ${noun} \`${lastSegment(id)}\` ${how} ${others(otherSubnets)}`,
    ),
  )
}

/** Those that the cluster shares now, and those that it will share: a plan may attach a gateway of others. */
function sharedResources({ snapshot, prepared }: PlanningContext): Finding[] {
  const gateways = [snapshot, prepared].flatMap((network) =>
    network.subnets.flatMap((subnet) => natGatewayIdOf(subnet, network) ?? []),
  )
  // A table without a default route does not affect egress, and many subnets of a network may share it.
  const tables = snapshot.subnets
    .filter((subnet) => routesToAppliance(subnet, snapshot))
    .flatMap(({ routeTableId }) => routeTableId ?? [])
  return [
    ...SHARED_NATGW_WAVE.ifAny({ resources: sharedAmong(gateways, snapshot) }),
    ...SHARED_ROUTE_TABLE.ifAny({ resources: sharedAmong(tables, snapshot) }),
  ]
}

function sharedAmong(ids: string[], snapshot: Snapshot): SharedResource[] {
  return distinctIds(ids)
    .filter((id) => !isAksOwned(id, snapshot))
    .map((id) => {
      const others = neighboursOn(id, snapshot).filter((other) => !isOfCluster(other.id, snapshot))
      return { id, otherSubnets: others.length, examples: others.slice(0, 5).map((other) => other.id) }
    })
    .filter(({ otherSubnets }) => otherSubnets > 0)
}

/**
 * Whether only the cluster uses a subnet: it holds the API server, or only resources of the node resource group, such
 * as an internal load balancer. An empty subnet may belong to others.
 */
function isOfCluster(subnetId: string, { cluster, virtualNetworks }: Snapshot): boolean {
  const key = idKey(subnetId)
  if (cluster.apiServerSubnetId !== null && idKey(cluster.apiServerSubnetId) === key) return true
  const occupants = subnetOf({ virtualNetworks }, subnetId)?.occupantGroups ?? []
  return occupants.length > 0 && occupants.every((group) => group === idKey(nodeGroupId(cluster)))
}

export const SUBNET_SHARED = rule<{ subnets: { subnet: string; groups: string[] }[] }>('SUBNET_SHARED', {
  severity: 'warning',
  message: (f) =>
    `Attaching or detaching a NAT gateway or route table also affects resources outside the cluster: ${listed(f.subnets.map((subnet) => `the subnet \`${subnet.subnet}\` contains resources of ${named('resource group', subnet.groups)}`))}.`,
  remedy: (f) =>
    `Inform the owners of ${these(
      'resource group',
      f.subnets.flatMap(({ groups }) => groups),
    )} before you execute the plan.`,
  source: inferred({ text: 'concluded by this service from the resources in the subnet' }),
})

function sharedSubnets({ snapshot, snapshot: { cluster } }: PlanningContext, touched: string[]): Finding[] {
  const ids = new Set(touched.map(idKey))
  const nodeGroup = idKey(nodeGroupId(cluster))
  const subnets = snapshot.subnets
    .filter(({ id }) => ids.has(idKey(id)))
    .map((subnet) => ({
      subnet: lastSegment(subnet.id),
      groups: subnet.occupantGroups.filter((group) => group !== nodeGroup).map(lastSegment),
    }))
    .filter(({ groups }) => groups.length > 0)
  return SUBNET_SHARED.ifAny({ subnets })
}
