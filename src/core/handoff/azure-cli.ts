import type { ClusterFacts } from '../snapshot.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../target.ts'

/** What the change needs of the Azure CLI, by what it asks for. */
const VERSIONS = {
  /** The outbound type can be updated at all (EO). */
  stable: '2.56.0',
  /** Updates to the user-managed types work: the first release after the fix of 2026-07-02 (CLI4; inferred). */
  userManaged: '2.88.0',
  /** `--outbound-type-sku` (BLOG; CLI3). */
  standardV2: '2.91.0',
  /** `block` is known to the preview extension only (EO). */
  block: 'aks-preview 9.0.0b2',
}

/**
 * The `az aks update` line for a target. `ranges` is the whole list after widening: the option replaces the
 * list, so it is named whole or not at all (AUTHORIZED_REPLACE_SEMANTICS).
 */
export function azureCli(
  target: Target,
  cluster: ClusterFacts,
  ranges: string[],
  widens: boolean,
): { line: string | null; version: string | null } {
  const options = optionsOf(target)
  if (options === null) return { line: null, version: null }
  const line = [
    'az aks update',
    `--subscription ${cluster.subscriptionId}`,
    `--resource-group ${quoted(cluster.resourceGroup)}`,
    `--name ${quoted(cluster.name)}`,
    `--outbound-type ${target.outboundType}`,
    ...options,
    ...(widens ? [`--api-server-authorized-ip-ranges ${ranges.join(',')}`] : []),
  ].join(' ')
  return { line, version: versionOf(target) }
}

function optionsOf(target: Target): string[] | null {
  if (target.outboundType === 'loadBalancer') return loadBalancerOptions(target.loadBalancer)
  if (target.outboundType === 'managedNATGateway') return natGatewayOptions(target.natGateway)
  return []
}

function loadBalancerOptions(wanted: LoadBalancerTarget): string[] {
  return [
    ...counted('--load-balancer-managed-outbound-ip-count', wanted.managedOutboundIpCount),
    ...counted('--load-balancer-managed-outbound-ipv6-count', wanted.managedOutboundIpv6Count || null),
    ...named('--load-balancer-outbound-ips', wanted.outboundIpIds),
    ...named('--load-balancer-outbound-ip-prefixes', wanted.outboundIpPrefixIds),
    `--load-balancer-outbound-ports ${wanted.allocatedOutboundPorts}`,
    `--load-balancer-idle-timeout ${wanted.idleTimeoutInMinutes}`,
  ]
}

/** Own addresses on StandardV2 are left to REST: CLI 2.91.0 keeps the managed profile and collides (NATV2_IP_MODEL_FROZEN). */
function natGatewayOptions(wanted: NatGatewayTarget): string[] | null {
  if (wanted.managedOutboundIpCount === null) return null
  return [
    ...(wanted.sku === 'StandardV2' ? ['--outbound-type-sku StandardV2'] : []),
    ...counted('--nat-gateway-managed-outbound-ip-count', wanted.managedOutboundIpCount),
    ...counted('--nat-gateway-managed-outbound-ipv6-count', wanted.managedOutboundIpv6Count),
    `--nat-gateway-idle-timeout ${wanted.idleTimeoutInMinutes}`,
  ]
}

function versionOf(target: Target): string {
  if (target.outboundType === 'block') return VERSIONS.block
  if (target.outboundType === 'managedNATGateway' && target.natGateway.sku === 'StandardV2')
    return VERSIONS.standardV2
  const isUserManaged =
    target.outboundType === 'userAssignedNATGateway' || target.outboundType === 'userDefinedRouting'
  return isUserManaged ? VERSIONS.userManaged : VERSIONS.stable
}

function counted(option: string, count: number | null): string[] {
  return count === null ? [] : [`${option} ${count}`]
}

function named(option: string, ids: string[]): string[] {
  return ids.length === 0 ? [] : [`${option} ${ids.map(quoted).join(',')}`]
}

/** Names may hold parentheses, which a shell would take for its own. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text}'`
}
