import type { EffectivePath } from '../../contract/egress.ts'
import type { TypeKey } from '../../contract/outbound-type.ts'
import type { ZoneResilience, ZoneSide } from '../../contract/zone-resilience.ts'
import { lastSegment } from '../arm/resource-id.ts'
import { addressFacts } from '../context/customer-addresses.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import type { EgressAddress } from '../egress/addresses.ts'
import { gatewaysOn, isStandardV2 } from '../egress/outbound-resources.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { poolsIn } from '../egress/subnet-attachments.ts'
import { agree, groupedClauses, named } from '../lib/text.ts'
import { zonesOf } from '../snapshot/agent-pools.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** What the loss of an availability zone does to the egress, before and after the change. */
export function assessZoneResilience(context: PlanningContext): ZoneResilience {
  const { snapshot, prepared, effective, from, to, target } = context
  const { before: addressesBefore, after } = context.internet
  const created = after.created.IPv4 + after.created.IPv6 > 0
  const addresses = [...after.known, ...after.prepared]
  const before = zoneSide(effective.before, from, snapshot.subnets, snapshot, addressesBefore, false)
  return {
    poolZones: zonesOf(snapshot.cluster),
    before,
    after: context.isPossible
      ? zoneSide(effective.after, to, projectedSubnets(prepared, target), prepared, addresses, created)
      : before,
  }
}

/** What the loss of an availability zone does to one egress path. `created`: AKS creates further addresses. */
export function zoneSide(
  path: EffectivePath,
  type: TypeKey | null,
  subnets: SubnetFacts[],
  snapshot: Snapshot,
  addresses: EgressAddress[],
  created: boolean,
): ZoneSide {
  switch (path) {
    case 'natGateway':
      return natGateway(type, subnets, snapshot)
    case 'loadBalancer':
      return loadBalancer(snapshot, addresses, created)
    case 'instancePublicIp':
      return redundant('Each node uses its own public IP, in its own zone.')
    case 'none':
      return { kind: 'noEgress', zones: [], because: 'The cluster has no egress.' }
    default:
      return unknown('Azure Resource Manager does not show the zones of this path.')
  }
}

/**
 * A Standard gateway is in one zone, even if it does not name the zone; a StandardV2 gateway is in all zones
 * (nat-gateway, nat-sku, reliability-zone-resiliency-recommendations).
 */
function natGateway(type: TypeKey | null, subnets: SubnetFacts[], snapshot: Snapshot): ZoneSide {
  const gateways = gatewaysOn(subnets, snapshot)
  if (type === 'managedNATGatewayV2') return redundant('A StandardV2 NAT gateway is zone-redundant.')
  if (type === 'managedNATGateway')
    return zonal([], 'A Standard NAT gateway is in one zone, which Azure chooses.')
  if (gateways.length === 0) return unknown('The NAT gateway could not be read.')
  if (gateways.every(isStandardV2)) return redundant('StandardV2 NAT gateways are zone-redundant.')
  const isStacked = subnets.every((subnet) => isInZoneOfGateway(subnet, snapshot))
  if (isStacked) return redundant('Each node uses a NAT gateway in its own zone.')
  const zones = [...new Set(gateways.flatMap((gateway) => gateway.zones))].sort()
  return zonal(zones, 'Each Standard NAT gateway is in one zone.')
}

/** A pool with nodes outside the zone of the Standard NAT gateway of its subnet. */
export interface ZoneMismatch {
  pool: string
  poolZones: string[]
  gateway: string
  /** null for a gateway without a zone: Azure places it in one zone and does not show which (nat-availability-zones). */
  gatewayZone: string | null
}

/** The pools whose egress depends on another zone than the zone of their nodes. */
export function zoneMismatches(subnets: SubnetFacts[], snapshot: Snapshot): ZoneMismatch[] {
  return subnets.flatMap((subnet) => {
    const [gateway] = gatewaysOn([subnet], snapshot)
    if (gateway === undefined || isStandardV2(gateway)) return []
    const gatewayZone = gateway.zones[0] ?? null
    return poolsIn(subnet, snapshot)
      .filter(({ availabilityZones }) => availabilityZones.some((zone) => zone !== gatewayZone))
      .map(({ name, availabilityZones }) => ({
        pool: name,
        poolZones: [...availabilityZones].sort(),
        gateway: lastSegment(gateway.id),
        gatewayZone,
      }))
  })
}

/** Whether a subnet, its gateway and all its pools are in the same zone. */
function isInZoneOfGateway(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const pools = poolsIn(subnet, snapshot)
  const areZonal = pools.length > 0 && pools.every(({ availabilityZones }) => availabilityZones.length > 0)
  const [gateway] = gatewaysOn([subnet], snapshot)
  return gateway !== undefined && areZonal && zoneMismatches([subnet], snapshot).length === 0
}

/** The load balancer itself is in every zone; its addresses decide (load-balancer-standard; inferred for those that AKS creates). */
function loadBalancer(snapshot: Snapshot, addresses: EgressAddress[], created: boolean): ZoneSide {
  const zonesOfEach = addresses.flatMap(({ resourceId }) =>
    resourceId === null ? [] : [addressFacts(resourceId, snapshot)?.zones ?? null],
  )
  if (zonesOfEach.some((zones) => zones === null)) return unknown('An address could not be read.')
  const single = zonesOfEach.flatMap((zones) => (zones?.length === 1 ? zones : []))
  if (single.length > 0)
    return zonal(
      [...new Set(single)].sort(),
      'At least one address of the load balancer is in a single zone.',
    )
  if (created || zonesOfEach.some((zones) => zones?.length === 0))
    return redundant('Addresses without a zone are zone-redundant in regions that have availability zones.')
  return zonesOfEach.length === 0
    ? unknown('No address is known.')
    : redundant('The addresses of the load balancer are zone-redundant.')
}

function redundant(because: string): ZoneSide {
  return { kind: 'zoneRedundant', zones: [], because }
}

function zonal(zones: string[], because: string): ZoneSide {
  return { kind: 'zonal', zones, because }
}

function unknown(because: string): ZoneSide {
  return { kind: 'unknown', zones: [], because }
}

/** ``the node pools `system` and `user` use the gateway `gateway` in zone 1``: the pools of each gateway together. */
export function mismatchLabels(pools: ZoneMismatch[]): string[] {
  const uses = pools.map(({ pool, gateway, gatewayZone }) => ({
    pool,
    gateway: `\`${gateway}\`${gatewayZone === null ? ', whose zone Azure chooses' : ` in zone ${gatewayZone}`}`,
  }))
  return groupedClauses(
    uses,
    'pool',
    'gateway',
    (names, gateway) => `${named('node pool', names)} use${agree(names, 's', '')} the gateway ${gateway}`,
  )
}
