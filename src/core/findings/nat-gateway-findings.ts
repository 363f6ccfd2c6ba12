import { entry, listed, subnetWithPools } from './entry.ts'

/** Managed and user-assigned NAT gateways. Source: rulebook 3.2 to 3.4. */
export const NAT_GATEWAY_FINDINGS = {
  NATV1_NO_IPV6: entry({
    severity: 'blocker',
    message: () => 'The cluster is dual-stack, and a Standard NAT gateway carries IPv4 only.',
    remedy: () => 'Choose the SKU StandardV2 with IPv6 addresses, or stay with the load balancer.',
    confidence: 'documented',
    source: 'azure-cni-overlay (OV); BLOG',
  }),
  NATV1_NO_OWN_IPS: entry<{ parameters: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `A managed NAT gateway of SKU Standard has IPv4 addresses made by AKS only; it does not take ${listed(f.parameters)}.`,
    remedy: () => 'Leave these parameters out, or ask for the SKU StandardV2.',
    confidence: 'documented',
    source: 'NG; SDK',
  }),
  NATV1_SINGLE_ZONE: entry<{ zones: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Agent pools span the zones ${listed(f.zones)}, but a Standard NAT gateway lives in one: losing it takes all egress.`,
    remedy: () => 'Choose StandardV2, which is zone-redundant, where the region has it.',
    confidence: 'documented',
    source: 'nat-gateway (NG); reliability-zone-resiliency-recommendations (ZR)',
  }),
  NATV1_STANDARD_CHOSEN: entry<{ apiVersion: string }>({
    severity: 'info',
    message: (f) =>
      `The target is a NAT gateway of SKU Standard, written on API version ${f.apiVersion}, which has no SKU field. StandardV2 would be zone-redundant and can carry own addresses and IPv6, but has no way back at all.`,
    remedy: () =>
      'Ask for natGateway.sku StandardV2 if that is wanted. By hand or in code stay below API version 2026-06-01 and Azure CLI 2.91.0: from these on a gateway without a SKU may become StandardV2, and Standard may be refused.',
    confidence: 'observed',
    source: 'BLOG; SPEC1; CLI3',
  }),
  NATV2_REGION: entry<{ location: string }>({
    severity: 'blocker',
    message: (f) => `The region ${f.location} has no StandardV2 NAT gateway.`,
    remedy: () => 'Choose the SKU Standard or another target. The list of regions is of 2026-07-27.',
    confidence: 'documented',
    source: 'nat-sku (NSKU)',
  }),
  NATV2_IP_SKU: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) => `These addresses are not of SKU StandardV2: ${listed(f.resources)}.`,
    remedy: () => 'Create StandardV2 addresses in the same region; the SKUs are not interchangeable.',
    confidence: 'documented',
    source: 'NG; NSKU; BLOG',
  }),
  NATV2_IP_MODEL_FROZEN: entry<{ isOwn: boolean }>({
    severity: 'warning',
    message: (f) =>
      `On StandardV2 the choice of ${f.isOwn ? 'own' : 'managed'} addresses is fixed once made.`,
    remedy: () => 'Decide now between managed and own addresses.',
    confidence: 'documented',
    source: 'NG; BLOG',
  }),
  NATV2_IP_MODEL_SWITCH: entry<{ toOwn: boolean }>({
    severity: 'blocker',
    message: (f) =>
      `The StandardV2 gateway has ${f.toOwn ? 'managed' : 'own'} addresses, and the target asks for ${f.toOwn ? 'own' : 'managed'} ones: that choice is fixed once the gateway exists.`,
    remedy: (f) =>
      f.toOwn
        ? 'Change the number of managed addresses instead; own ones need a new cluster.'
        : 'Name other own addresses instead; managed ones need a new cluster.',
    confidence: 'documented',
    source: 'NG; BLOG',
  }),
  NATV2_FROM_V1_REPLACES: entry({
    severity: 'warning',
    message: () =>
      'AKS deletes the Standard gateway and makes a StandardV2 one under the same name: all egress addresses change and live connections are reset.',
    remedy: () => 'Treat it as a change of the outbound type, not as an upgrade of a SKU.',
    confidence: 'documented',
    source: 'BLOG',
  }),
  NATV2_IPV6_LB_RULES: entry({
    severity: 'blocker',
    message: () =>
      'The cluster is dual-stack, and the target gives the StandardV2 gateway no IPv6 address: one outbound type carries both families, so IPv6 egress would be lost.',
    remedy: () =>
      'Ask for managedOutboundIpv6Count 1 or more, or name a StandardV2 address or prefix of IPv6.',
    confidence: 'documented',
    source: 'nat-sku (NSKU), known issues; BLOG',
  }),
  UANAT_SUBNET_WITHOUT_GATEWAY: entry<{ subnets: { id: string; pools: string[] }[] }>({
    severity: 'blocker',
    message: (f) => `No NAT gateway is attached to ${listed(f.subnets.map(subnetWithPools))}.`,
    remedy: () =>
      "Attach a NAT gateway to every node and pod subnet, or ask with prepare.natGateway that the plan do it. Attaching it is the real cut-over: list its addresses wherever the cluster's are listed before that.",
    confidence: 'documented',
    source: 'EO; NG; SubnetNotAssociatedWithNATGateway',
  }),
  UANAT_NO_ADDRESS: entry<{ gateways: string[] }>({
    severity: 'blocker',
    message: (f) => `NAT gateways without any public address: ${listed(f.gateways)}.`,
    remedy: () => 'Give each gateway a public IP or prefix.',
    confidence: 'documented',
    source: 'troubleshoot-nat (NTS); NATGatewayNotAssociatedWithPublicIPOrIPPrefix',
  }),
  UANAT_UNREADABLE: entry<{ gateways: string[] }>({
    severity: 'warning',
    message: (f) => `The NAT gateways ${listed(f.gateways)} could not be read; their addresses are unknown.`,
    remedy: () => 'Give the planning identity Reader rights on them and plan again.',
    confidence: 'inferred',
    source: 'this service',
  }),
  UANAT_SINGLE_ZONE: entry<{ gateways: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Agent pools span zones, but these NAT gateways are of SKU Standard and live in one: ${listed(f.gateways)}.`,
    remedy: () => 'Use a StandardV2 gateway, which is zone-redundant.',
    confidence: 'documented',
    source: 'NG; NSKU',
  }),
  UANAT_DUALSTACK: entry<{ gateways: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `The cluster is dual-stack, and a Standard NAT gateway carries IPv4 only: ${listed(f.gateways)}. IPv6 egress would be lost.`,
    remedy: () => 'Use a StandardV2 gateway with IPv6 addresses.',
    confidence: 'documented',
    source: 'OV; NSKU',
  }),
  UANAT_SHADOWED_BY_ROUTE: entry<{ subnets: string[] }>({
    severity: 'warning',
    message: (f) =>
      `A default route on ${listed(f.subnets)} outranks the NAT gateway: egress stays on the appliance.`,
    remedy: () => 'Remove the default route if the NAT gateway is to carry the traffic.',
    confidence: 'documented',
    source: 'nat-overview (NOV); BLOG',
  }),
}
