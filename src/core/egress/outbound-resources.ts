import { aksLoadBalancerId, idKey, isInResourceGroup } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { memoize } from '../lib/memoize.ts'
import type {
  LoadBalancerFacts,
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  SubnetFacts,
} from '../snapshot/network-facts.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { natGatewayIdOf } from './subnet-attachments.ts'

/** The names that AKS uses on its load balancer (sample output in configure-load-balancer-standard). */
const AKS_OUTBOUND_RULE = /^aksOutboundRule/i

/**
 * A frontend of a Service is named after the Service's UID: `a` and 31 or 32 hexadecimal digits, optionally with a
 * suffix (cloud-provider-azure).
 */
const SERVICE_FRONTEND = /^a[0-9a-f]{31,32}([-_]|$)/i

/** The tags that the cloud provider writes on the address of a Service, in the current and former spelling (cloud-provider-azure). */
export const SERVICE_TAGS = ['k8s-azure-service', 'service']

/** The public load balancer `kubernetes` in the node resource group; null if there is none. */
export const aksLoadBalancer = memoize((snapshot: Snapshot): LoadBalancerFacts | null => {
  const { subscriptionId, nodeResourceGroup } = snapshot.cluster
  const byName = () =>
    Object.values(snapshot.loadBalancers).find(
      ({ id, name }) =>
        equalsArm(name, 'kubernetes') && isInResourceGroup(id, subscriptionId, nodeResourceGroup),
    )
  return snapshot.loadBalancers[idKey(aksLoadBalancerId(snapshot.cluster))] ?? byName() ?? null
})

/** Whether Services of type LoadBalancer use the load balancer. */
export function hasServices(balancer: LoadBalancerFacts): boolean {
  return balancer.loadBalancingRules.length > 0
}

/** Outbound rules that a user created. AKS keeps them and removes their frontends (Azure/AKS issue 5634). */
export function manualOutboundRules(balancer: LoadBalancerFacts): string[] {
  return balancer.outboundRules.map((rule) => rule.name).filter((name) => !AKS_OUTBOUND_RULE.test(name))
}

/**
 * Names of public frontends that neither AKS nor a Service owns: not in AKS's outbound rule, without a rule of a
 * Service, and without an address of the cluster's profile. AKS removes them (Azure/AKS issue 5634,
 * configure-load-balancer-standard).
 */
export function manualFrontends(balancer: LoadBalancerFacts, snapshot: Snapshot): string[] {
  const profile = snapshot.cluster.loadBalancerProfile
  const own = new Set([...(profile?.effectiveOutboundIpIds ?? []), ...customerIpIds(profile)].map(idKey))
  const aksRules = balancer.outboundRules.filter((rule) => AKS_OUTBOUND_RULE.test(rule.name))
  const inUse = new Set([
    ...aksRules.flatMap((rule) => rule.frontendIds.map(idKey)),
    ...balancer.loadBalancingRules.map((rule) => idKey(rule.frontendId)),
  ])
  return balancer.frontends
    .filter((frontend) => frontend.privateAddress === null && !inUse.has(idKey(frontend.id)))
    .filter((frontend) => !own.has(idKey(frontend.publicIpId ?? frontend.publicIpPrefixId ?? '')))
    .filter(
      (frontend) => !SERVICE_FRONTEND.test(frontend.name) && !isServiceAddress(frontend.publicIpId, snapshot),
    )
    .map((frontend) => frontend.name)
}

/** Before a reconcile, the frontend of a Service may have no rule yet, but the tags of its address name the Service. */
function isServiceAddress(publicIpId: string | null, snapshot: Snapshot): boolean {
  const tags = publicIpId === null ? undefined : snapshot.publicIps[idKey(publicIpId)]?.tags
  return tags !== undefined && SERVICE_TAGS.some((tag) => tags[tag] !== undefined)
}

/** The distinct NAT gateways of these subnets, or of their virtual networks, that could be read. */
export function gatewaysOn(subnets: SubnetFacts[], snapshot: Snapshot): NatGatewayFacts[] {
  const keys = new Set(subnets.map((subnet) => idKey(natGatewayIdOf(subnet, snapshot) ?? '')))
  return [...keys].flatMap((key) => snapshot.natGateways[key] ?? [])
}

/** The gateway's single addresses that could be read. */
export function ipsOf(gateway: NatGatewayFacts, snapshot: Snapshot): PublicIpFacts[] {
  return gateway.publicIpIds.flatMap((id) => snapshot.publicIps[idKey(id)] ?? [])
}

/** The gateway's prefixes that could be read. */
export function prefixesOf(gateway: NatGatewayFacts, snapshot: Snapshot): PublicIpPrefixFacts[] {
  return gateway.publicIpPrefixIds.flatMap((id) => snapshot.publicIpPrefixes[idKey(id)] ?? [])
}

export function isStandardV2(gateway: NatGatewayFacts): boolean {
  return equalsArm(gateway.sku, 'StandardV2')
}
