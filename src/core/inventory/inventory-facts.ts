import type { InventoryFacts, InventoryFlag } from '../../contract/inventory.ts'
import { readOutboundType } from '../arm/outbound-type.ts'
import { equalsArm } from '../arm/words.ts'
import { distinctAddresses, isUnknown } from '../egress/addresses.ts'
import { INTERNET } from '../egress/destinations.ts'
import { effectivePathOf, effectivePathOfSubnets } from '../egress/effective-path.ts'
import { declaredPathOf } from '../egress/path-labels.ts'
import { currentSide, type EgressPath, egressAddressesOf, egressPaths } from '../egress/paths.ts'
import { prefixesInUse } from '../egress/static-gateway.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { foldCase } from '../lib/fold-case.ts'
import { zoneSide } from '../plan/zone-resilience.ts'
import { reportRanges } from '../planner/egress-report.ts'
import { zonesOf } from '../snapshot/agent-pools.ts'
import { declaredEgress, declaredType, isKubenet } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { readVnet } from '../snapshot/vnet-kind.ts'

/** The facts of one cluster for the inventory. Pure; evaluates no target and creates no plan. */
export function buildInventoryFacts(snapshot: Snapshot): InventoryFacts {
  const { cluster } = snapshot
  const { declared: type } = currentSide(snapshot)
  const paths = egressPaths(currentSide(snapshot))
  const addresses = distinctAddresses([
    ...egressAddressesOf(snapshot),
    ...prefixesInUse(currentSide(snapshot)).map(({ address }) => address),
  ])
  const { mode, count, coversEgress } = reportRanges(snapshot, paths)
  return {
    id: cluster.id,
    subscriptionId: cluster.subscriptionId,
    resourceGroup: cluster.resourceGroup,
    name: cluster.name,
    location: cluster.location,
    tags: cluster.tags,
    vnet: readVnet(cluster).kind,
    declared: declaredType(cluster),
    effective: effectivePathOfSubnets(snapshot.subnets, snapshot, type),
    addresses: addresses.flatMap(({ address }) => address ?? []).toSorted(),
    isComplete: !addresses.some(isUnknown),
    authorizedRanges: { mode, count, coversEgress },
    apiServer: cluster.enablePrivateCluster ? 'private' : 'public',
    provisioningState: cluster.provisioningState,
    powerState: cluster.powerState,
    kubernetesVersion: cluster.kubernetesVersion,
    flags: flagsOf(snapshot, paths, coversEgress),
  }
}

/**
 * The facts as a job reads them after its change. While it has yet to authorize the new addresses, it is unknown whether
 * the ranges cover the egress.
 */
export function factsAfterChange(snapshot: Snapshot, authorizesLater: boolean): InventoryFacts {
  const facts = buildInventoryFacts(snapshot)
  if (!authorizesLater || facts.authorizedRanges.coversEgress !== false) return facts
  return {
    ...facts,
    authorizedRanges: { ...facts.authorizedRanges, coversEgress: null },
    flags: facts.flags.filter((flag) => flag !== 'rangesUncovered'),
  }
}

/**
 * The facts as a job reads them after it has authorized its new addresses. Not all addresses reach the API server, so it stays
 * unknown whether ranges that lack one of them cover the egress.
 */
export function factsAfterAuthorization(facts: InventoryFacts, ranges: string[]): InventoryFacts {
  const { mode, coversEgress } = facts.authorizedRanges
  if (mode !== 'enforced' || coversEgress !== null) return facts
  const isProven = facts.isComplete && facts.addresses.length > 0 && !facts.flags.includes('pathUncertain')
  const isCovered = isProven && uncovered(ranges, facts.addresses.map(toCidr)).length === 0
  return {
    ...facts,
    authorizedRanges: { mode, count: ranges.length, coversEgress: isCovered ? true : null },
  }
}

/** The flags in the order of `INVENTORY_FLAGS`. */
function flagsOf(snapshot: Snapshot, paths: EgressPath[], coversEgress: boolean | null): InventoryFlag[] {
  const { cluster, subnets, unread } = snapshot
  const internet = paths.filter(({ destination }) => destination === INTERNET)
  const flags: [InventoryFlag, boolean][] = [
    ['rangesUncovered', coversEgress === false],
    ['pathDiffers', differsFromDeclared(snapshot)],
    ['defaultOutboundAccess', paths.some(({ path }) => path === 'defaultOutbound')],
    ['singleZone', isZonal(snapshot)],
    ['pathUncertain', internet.some(({ certainty }) => certainty !== 'certain')],
    ['notSucceeded', !equalsArm(cluster.provisioningState, 'Succeeded')],
    ['stopped', equalsArm(cluster.powerState, 'Stopped')],
    ['basicLoadBalancer', equalsArm(cluster.loadBalancerSku, 'basic')],
    ['retiringNetworkPlugin', isKubenet(cluster)],
    ['incomplete', unread.length > 0 || subnets.length === 0],
  ]
  return flags.flatMap(([flag, isSet]) => (isSet ? [flag] : []))
}

/** Whether packets of a subnet certainly use another path than the path of the declared type. */
function differsFromDeclared(snapshot: Snapshot): boolean {
  const { outboundType } = declaredEgress(snapshot.cluster)
  if (outboundType === null) return false
  const expected = declaredPathOf(outboundType)
  return snapshot.subnets.some((subnet) => {
    const path = effectivePathOf(subnet, snapshot, outboundType)
    return path !== 'unknown' && !expected.includes(path)
  })
}

/** Whether the failure of one zone stops the egress of pools that span several zones. */
function isZonal(snapshot: Snapshot): boolean {
  const { outboundType, key } = declaredEgress(snapshot.cluster)
  const path = effectivePathOfSubnets(snapshot.subnets, snapshot, outboundType)
  const { kind } = zoneSide(path, key, snapshot.subnets, snapshot, egressAddressesOf(snapshot), false)
  return kind === 'zonal' && zonesOf(snapshot.cluster).length > 1
}

/** The type key of the support matrix, or the word of ARM for a type that the matrix does not list. */
export function typeKeyOf({ declared: { outboundType, natGatewaySku } }: InventoryFacts): string {
  const type = readOutboundType(outboundType, natGatewaySku)
  return type.kind === 'unknown' ? outboundType : type.key
}

/** A filter `name` or `name=value`. ARM ignores the letter case of tag names, but not of values (Learn: tag-resources). */
export function tagKey(tag: string): string {
  const [name = '', ...value] = tag.split('=')
  return [foldCase(name), ...value].join('=')
}

/** The filters that the tags of a cluster match. A tag name with `=`, which Azure allows, matches only as a whole. */
export function tagKeys(tags: InventoryFacts['tags']): string[] {
  return Object.entries(tags).flatMap(([name, value]) => [foldCase(name), `${foldCase(name)}=${value}`])
}
