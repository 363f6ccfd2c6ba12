import { entry, listed } from './entry.ts'

/** What is odd about the cluster's network before anything is changed. Source: rulebook 2 and 12. */
export const NETWORK_STATE_FINDINGS = {
  LB_DRIFT_MANUAL_RULES: entry<{ loadBalancer: string; outboundRules: string[]; frontends: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `The load balancer ${f.loadBalancer} holds what AKS did not make: ${handMade(f)}. Reconciling it is known to fail and to take every pool down with it.`,
    remedy: () => 'Remove what was made by hand, then plan again.',
    confidence: 'observed',
    source: 'Azure/AKS issue 5634; LB2',
  }),
  LB_DRIFT_ELSEWHERE: entry<{ loadBalancer: string; outboundRules: string[]; frontends: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The load balancer ${f.loadBalancer} holds what AKS did not make: ${handMade(f)}. AKS undoes such edits whenever it reconciles the load balancer.`,
    remedy: () => 'Remove what was made by hand; nothing should depend on it.',
    confidence: 'observed',
    source: 'Azure/AKS issue 5634; LB2',
  }),
  PROFILE_OUTBOUND_IP_GONE: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `The cluster's profile names outbound addresses that do not exist any more: ${listed(f.resources.map(nameIn))}. Every update of the cluster fails until they are taken out of it.`,
    remedy: () =>
      'Bring the profile right first: name addresses that exist, or ask for managed ones, as an update of its own.',
    confidence: 'observed',
    source: 'LoadBalancerProfileOutboundIPNotExist; Azure/AKS issue 3247',
  }),
  MANAGED_NAT_MANUAL_IPS: entry<{ addresses: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The NAT gateway that AKS manages has addresses that the cluster does not know: ${listed(f.addresses)}. AKS takes them off again when it next reconciles.`,
    remedy: () => 'Expect to lose them; a NAT gateway of your own keeps its addresses.',
    confidence: 'observed',
    source: 'azure-docs issue 95631',
  }),
  MANAGED_VNET_TAMPERED: entry<{ resources: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The subnet that AKS manages carries resources of somebody else's: ${listed(f.resources.map(nameIn))}. That is not supported, and what this change makes of it is not defined.`,
    remedy: () => 'Take them off the subnet first, or try the change on a cluster of the same shape.',
    confidence: 'inferred',
    source: 'concepts-network-cni-overview (CNI); support-policies (SUP)',
  }),
  SHARED_NATGW_WAVE: entry<{ resources: { id: string; otherSubnets: number; examples: string[] }[] }>({
    severity: 'warning',
    message: (f) =>
      `Others use the same egress: ${listed(f.resources.map((each) => `${nameIn(each.id)} also serves ${each.otherSubnets} other subnet${each.otherSubnets === 1 ? '' : 's'}`))}. They share its source ports and addresses.`,
    remedy: () =>
      'Plan these clusters and machines together: add up what they need, and change nothing on the shared resource without them.',
    confidence: 'inferred',
    source: 'nat-gateway-resource (NRES)',
  }),
  SUBNET_SHARED: entry<{ subnets: { subnet: string; groups: string[] }[] }>({
    severity: 'warning',
    message: (f) =>
      `The cluster shares its subnets: ${listed(f.subnets.map((each) => `${each.subnet} also holds resources of ${listed(each.groups)}`))}. What is attached to or taken off such a subnet moves all of them at once.`,
    remedy: () => 'Tell their owners before anything is attached or detached.',
    confidence: 'inferred',
    source: 'concluded by this service from what lies in the subnet',
  }),
  IAC_DRIFT: entry<{ signs: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The cluster seems to be kept in code (${listed(f.signs)}); its next run would undo this change, or replace the cluster.`,
    remedy: () =>
      'Put the end state into the code as well, before its next run; the plan has it under handoff. Subnets that are kept in code need their NAT gateway or route table there too.',
    confidence: 'observed',
    source: 'terraform-provider-azurerm issues 7262, 24741, 25499',
  }),
}

function handMade({ outboundRules, frontends }: { outboundRules: string[]; frontends: string[] }): string {
  return listed([
    ...(outboundRules.length === 0 ? [] : [`outbound rules ${listed(outboundRules)}`]),
    ...(frontends.length === 0 ? [] : [`frontends ${listed(frontends)}`]),
  ])
}

function nameIn(id: string): string {
  return id.split('/').at(-1) ?? id
}
