import type { EgressIpChange } from '../../contract/egress.ts'
import { equalsArm } from '../arm/words.ts'
import { neighboursOn } from '../snapshot/neighbours.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** Marks the lost addresses that other resources may continue to use. */
export function withShared(ledger: EgressIpChange[], snapshot: Snapshot): EgressIpChange[] {
  return ledger.map((row) =>
    row.change === 'lost' && isShared(row, snapshot) ? { ...row, isShared: true } : row,
  )
}

/**
 * Whether an address belongs to a firewall, whose users ARM does not show, or to a NAT gateway that also serves subnets
 * outside of the cluster.
 */
function isShared({ address, resourceId }: EgressIpChange, snapshot: Snapshot): boolean {
  const isAmong = (ids: string[]) => resourceId !== null && ids.some((id) => equalsArm(id, resourceId))
  const { firewalls, natGateways } = snapshot
  return (
    Object.values(firewalls).some(
      ({ publicIpIds, hubPublicAddresses }) =>
        isAmong(publicIpIds) || (address !== null && hubPublicAddresses.includes(address)),
    ) ||
    Object.values(natGateways).some(
      ({ id, publicIpIds, publicIpPrefixIds, sourceVirtualNetworkId }) =>
        isAmong([...publicIpIds, ...publicIpPrefixIds]) &&
        (sourceVirtualNetworkId !== null || neighboursOn(id, snapshot).length > 0),
    )
  )
}
