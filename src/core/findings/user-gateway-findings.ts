import { entry, listed } from './entry.ts'

/** The user's own NAT gateways: their addresses and where they are attached. Source: rulebook 3.4. */
export const USER_GATEWAY_FINDINGS = {
  UANAT_TOO_MANY_ADDRESSES: entry<{ gateways: { gateway: string; ipv4: number; ipv6: number }[] }>({
    severity: 'blocker',
    message: (f) =>
      `A NAT gateway takes 16 addresses of a family: ${listed(f.gateways.map((each) => `${each.gateway} has ${each.ipv4} IPv4 and ${each.ipv6} IPv6`))}.`,
    remedy: () => 'Take addresses off the gateway until there are 16 or fewer of each family.',
    confidence: 'documented',
    source: 'nat-sku (NSKU); troubleshoot-nat (NTS)',
  }),
  UANAT_PREFIX_SIZE: entry<{ prefixes: { name: string; prefixLength: number }[] }>({
    severity: 'blocker',
    message: (f) =>
      `Prefixes that are too large for a NAT gateway: ${listed(f.prefixes.map((each) => `${each.name} is a /${each.prefixLength}`))}.`,
    remedy: () => 'Use IPv4 prefixes from /28 to /31, and IPv6 prefixes of /124 or smaller.',
    confidence: 'documented',
    source: 'NTS; NSKU',
  }),
  UANAT_IP_SKU: entry<{ addresses: { name: string; gateway: string }[] }>({
    severity: 'blocker',
    message: (f) => `Addresses whose SKU is not that of their NAT gateway: ${onGateways(f.addresses)}.`,
    remedy: () => 'A Standard gateway takes Standard addresses, a StandardV2 gateway StandardV2 ones.',
    confidence: 'documented',
    source: 'NSKU; nat-gateway-resource (NRES)',
  }),
  UANAT_IP_ROUTING_PREF: entry<{ addresses: { name: string; gateway: string }[] }>({
    severity: 'blocker',
    message: (f) =>
      `A NAT gateway does not take addresses with the routing preference Internet: ${onGateways(f.addresses)}.`,
    remedy: () => 'Use addresses with the routing preference of the Microsoft network.',
    confidence: 'documented',
    source: 'NRES',
  }),
  UANAT_IP_DDOS: entry<{ addresses: { name: string; gateway: string }[] }>({
    severity: 'warning',
    message: (f) =>
      `DDoS protection is enabled on addresses of a NAT gateway, which an older page says is not supported: ${onGateways(f.addresses)}.`,
    remedy: () => 'Test the gateway before the change, or protect the virtual network instead.',
    confidence: 'documented',
    source: 'NRES; contradicted by the tutorial on NAT gateways and DDoS protection',
  }),
  UANAT_ZONE_MISMATCH: entry<{ addresses: { name: string; gateway: string }[] }>({
    severity: 'blocker',
    message: (f) => `Addresses that are not in the zone of their NAT gateway: ${onGateways(f.addresses)}.`,
    remedy: () =>
      'Give a zonal gateway addresses of its own zone or zone-redundant ones, or use a gateway without a zone.',
    confidence: 'documented',
    source: 'NTS; nat-availability-zones',
  }),
  UANAT_DUALSTACK_NO_V6: entry<{ gateways: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The cluster is dual-stack, and these NAT gateways have no IPv6 address: ${listed(f.gateways)}. IPv6 egress would be lost.`,
    remedy: () => 'Give each gateway an IPv6 address or prefix of SKU StandardV2.',
    confidence: 'documented',
    source: 'OV; NSKU',
  }),
  UANAT_GATEWAY_VNET: entry<{ gateways: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `NAT gateways that are attached to subnets of another virtual network: ${listed(f.gateways)}. A gateway serves one virtual network.`,
    remedy: () => "Use a gateway of its own for the cluster's virtual network.",
    confidence: 'documented',
    source: 'NSKU; NRES',
  }),
  UANAT_GATEWAY_SUBNET: entry<{ subnets: string[] }>({
    severity: 'blocker',
    message: (f) => `A NAT gateway cannot serve ${listed(f.subnets)}, which is for virtual network gateways.`,
    remedy: () => 'Put the pools into a subnet of their own.',
    confidence: 'documented',
    source: 'NRES',
  }),
  UANAT_ATTACH_IS_THE_CUTOVER: entry<{ subnets: string[] }>({
    severity: 'warning',
    message: (f) =>
      `New connections of ${listed(f.subnets)} leave by the NAT gateway from the moment when it is attached, before anything is changed on the cluster.`,
    remedy: () =>
      'Add the addresses of the gateway to the authorized ranges and to allow-lists elsewhere before it is attached. Until the outbound type is changed, detaching it is the way back.',
    confidence: 'inferred',
    source: 'nat-overview (NOV); nat-gateway-design (NDES)',
  }),
  UANAT_PLUGIN: entry({
    severity: 'warning',
    message: () =>
      'The cluster uses kubenet; one page says that this outbound type needs Azure CNI, another does not exclude kubenet.',
    remedy: () => 'Try the change on a cluster with kubenet first, or move to Azure CNI Overlay.',
    confidence: 'documented',
    source: 'nat-gateway (NG); EO is silent',
  }),
}

function onGateways(addresses: { name: string; gateway: string }[]): string {
  return listed(addresses.map((each) => `${each.name} on ${each.gateway}`))
}
