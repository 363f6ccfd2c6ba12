import type { EffectivePath } from '../../contract/egress.ts'
import type { EgressAddress } from '../egress/addresses.ts'
import { firewallAt, hopsOf } from '../egress/next-hop-firewall.ts'
import type { EgressPath } from '../egress/paths.ts'
import { gatewayBehind } from '../egress/subnet-attachments.ts'
import { holdsAddress, prefixAddressCount } from '../lib/cidr.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { PORTS_PER_FRONTEND, PORTS_PER_GATEWAY_ADDRESS } from './snat-sizing.ts'

/** An Azure Firewall has these ports per address and instance, and at least two instances (integrate-with-nat-gateway). */
export const FIREWALL_PORTS = 2_496
export const MIN_FIREWALL_INSTANCES = 2

/** The SNAT ports of all addresses of an IPv4 path; null if unknown. A firewall has the ports of its minimum number of instances. */
export function portsOfPath({ path, via, addresses }: EgressPath, snapshot: Snapshot): number | null {
  if (path === 'none' && addresses.length === 0) return 0
  const each = portsPerAddress(path, via, snapshot)
  const existing = addresses.filter(({ created, planned }) => created === undefined && planned === undefined)
  const isOpen = existing.some(({ address, isUndecided }) => address === null || isUndecided === true)
  const known = isOpen ? null : countOf(existing)
  const coming = addresses.reduce((sum, { created, planned }) => sum + (created ?? planned ?? 0), 0)
  return each === null || known === null ? null : (known + coming) * each
}

function portsPerAddress(path: EffectivePath, via: string | null, snapshot: Snapshot): number | null {
  if (path === 'loadBalancer') return PORTS_PER_FRONTEND
  if (path === 'natGateway') return PORTS_PER_GATEWAY_ADDRESS
  if (path !== 'virtualAppliance') return null
  const ports = hopsOf(via).map((hop) => {
    const firewall = firewallAt(hop, snapshot)
    if (firewall === null) return null
    return gatewayBehind(firewall, snapshot) === null
      ? FIREWALL_PORTS * MIN_FIREWALL_INSTANCES
      : PORTS_PER_GATEWAY_ADDRESS
  })
  return ports.every((each) => each === ports[0]) ? (ports[0] ?? null) : null
}

/** The number of IPv4 addresses, including each address of a prefix; null if one is unknown. */
export function countOf(addresses: EgressAddress[]): number | null {
  const v4 = addresses.filter((address) => address.family === 'IPv4').map(({ address }) => address)
  if (v4.some((address) => address === null)) return null
  const known = v4.flatMap((address) => address ?? [])
  // A resource can use a prefix, and also a public IP from this prefix.
  const isPart = (address: string) =>
    known.some((prefix) => prefix !== address && prefix.includes('/') && holdsAddress(prefix, address))
  return known
    .filter((address) => !isPart(address))
    .reduce((sum, address) => {
      const [, length] = address.split('/')
      return sum + (length === undefined ? 1 : prefixAddressCount(Number(length), 'IPv4'))
    }, 0)
}
