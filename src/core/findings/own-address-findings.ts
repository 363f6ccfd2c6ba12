import { entry, listed } from './entry.ts'

/** Addresses of the user's that a target names. Source: rulebook 3.1, 3.3 and 5. */
export const OWN_ADDRESS_FINDINGS = {
  LB_IP_PROVISIONING: entry<{ resources: { name: string; provisioningState: string }[] }>({
    severity: 'blocker',
    message: (f) =>
      `These addresses are not ready: ${listed(f.resources.map((each) => `${each.name} is ${each.provisioningState || 'in an unknown state'}`))}.`,
    remedy: () => 'Wait until each is Succeeded, or name others, and plan again.',
    confidence: 'observed',
    source: 'AKS error codes on the provisioning state of outbound IPs',
  }),
  LB_PREFIX_WRONG_SUB: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) => `These prefixes are not in the cluster's subscription: ${listed(f.resources)}.`,
    remedy: () => "Name prefixes in the cluster's own subscription, or single addresses.",
    confidence: 'observed',
    source: 'LoadBalancerProfileOutboundIPPrefixNotInTheSameSubscription (RPERR)',
  }),
  LB_ONE_IP_SOURCE: entry({
    severity: 'warning',
    message: () =>
      'The target names single addresses and prefixes together. The documentation says to use one kind at a time; a release note of 2023-09-03 allows the mixture.',
    remedy: () => 'Name one kind only; AKS may refuse the mixture, which then changes nothing.',
    confidence: 'documented',
    source: 'configure-load-balancer-standard (LB2); AKS release notes 2023-09-03',
  }),
  NATV2_CUSTOM_PREFIX: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `These prefixes come from a custom IP prefix, which a StandardV2 NAT gateway does not take: ${listed(f.resources)}.`,
    remedy: () => 'Name StandardV2 prefixes of addresses that belong to Microsoft.',
    confidence: 'documented',
    source: 'nat-sku (NSKU); BLOG',
  }),
  IP_REUSE_FORBIDDEN: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `The cluster leaves by these addresses already, in another outbound configuration: ${listed(f.resources)}. An address that is in use there must not be used again in the new one.`,
    remedy: () =>
      'Name other addresses. To free these takes a step of its own, which by itself cuts the egress.',
    confidence: 'documented',
    source: 'EO',
  }),
  IP_CARRY_LB_TO_NAT: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `The load balancer holds ${listed(f.resources)}, and an address cannot be on a load balancer and a NAT gateway at once: the egress cannot keep it through this change.`,
    remedy: () =>
      'Name new addresses of SKU StandardV2, and have both the old and the new ones allowed elsewhere while the change is made.',
    confidence: 'inferred',
    source: 'EO; …AttachedToAnotherIPConfiguration (RPERR); BLOG',
  }),
  IP_PREFIX_WHOLE: entry<{ prefixes: { name: string; prefix: string | null; addresses: number }[] }>({
    severity: 'info',
    message: (f) =>
      `Prefixes are taken whole: ${listed(f.prefixes.map((each) => `${each.name} with ${each.addresses} addresses`))}.`,
    remedy: (f) =>
      `Allow ${f.prefixes.length === 1 ? 'the whole prefix' : 'the whole prefixes'} elsewhere, and use none of the addresses for anything else.`,
    confidence: 'documented',
    source: 'nat-gateway-resource (NRES); outbound-rules (LBR)',
  }),
}
