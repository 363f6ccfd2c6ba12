import ipaddr from 'ipaddr.js'

/**
 * Looks public and is not: Azure's own virtual address inside every virtual machine (DHCP, DNS, the agent's channel).
 * Source: learn.microsoft.com, "What is IP address 168.63.129.16?".
 */
const AZURE_PLATFORM = '168.63.129.16'
/** All that IANA gives out of IPv6 to be reached by everybody; `unicast` says it of whatever has no other name. */
const GLOBAL_UNICAST = '2000::/3'

/**
 * Whether messages may be sent to this address: only what is public unicast, since everything else (loopback, private,
 * link-local, carrier-grade NAT, the ranges that carry IPv4 inside IPv6, …) leads to something that the owner of a
 * webhook may not reach otherwise; and what an operator has allowed.
 *
 * `allowed` are CIDRs or single addresses. What is no address at all is refused.
 */
export function mayReceive(address: string, allowed: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  if (isAllowed(address, allowed)) return true
  const parsed = plain(address)
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(ipaddr.IPv6.parseCIDR(GLOBAL_UNICAST))) return false
  return parsed.range() === 'unicast' && parsed.toString() !== AZURE_PLATFORM
}

/** Whether an operator has allowed this address by name; such receivers may be asked without TLS. */
export function isAllowed(address: string, allowed: readonly string[]): boolean {
  return ipaddr.isValid(address) && allowed.some((network) => isInside(plain(address), network))
}

/** ::ffff:10.0.0.1 is 10.0.0.1, for whoever connects and so for whoever judges. */
function plain(address: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const parsed = ipaddr.parse(address)
  return parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed
}

function isInside(address: ipaddr.IPv4 | ipaddr.IPv6, network: string): boolean {
  const cidr = ipaddr.parseCIDR(
    network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`,
  )
  return address.kind() === cidr[0].kind() && address.match(cidr)
}
