import type { JsonObject } from '../../contract/json.ts'
import type { Handoff } from '../../contract/plan.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import { writeApiVersion } from '../arm/api-versions.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isObject } from '../lib/json.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { fieldChanges } from '../target/cluster-patch.ts'
import { type LiteralSyntax, literal, terraformAzapi, terraformAzurerm } from './terraform.ts'

/** The target's fields as they stand in ARM's `properties`, nested; only what is set, nothing of other types. */
function armFragment(target: Target): JsonObject {
  const root: JsonObject = {}
  for (const change of fieldChanges(target)) {
    if (change.op !== 'set') continue
    const path = change.path.split('/').slice(2)
    const last = path.pop() ?? ''
    let at = root
    for (const segment of path) at = childOf(at, segment)
    at[last] = change.value
  }
  return root
}

function childOf(parent: JsonObject, key: string): JsonObject {
  const present = parent[key]
  if (isObject(present)) return present
  const child: JsonObject = {}
  parent[key] = child
  return child
}

/** What the change needs of the Azure CLI, by what it asks for. */
const VERSIONS = {
  /** The outbound type can be updated at all (egress-outboundtype). */
  stable: '2.56.0',
  /** Updates to the user-managed types work: the first release after the fix of 2026-07-02 (CLI4; inferred). */
  userManaged: '2.88.0',
  /** `--outbound-type-sku` (AKS engineering blog, azure-cli pull request 34017). */
  standardV2: '2.91.0',
  /** `block` is known to the preview extension only (egress-outboundtype). */
  block: 'aks-preview 9.0.0b2',
}

/**
 * The `az aks update` line for a target. `ranges` is the whole list after widening: the option replaces the
 * list, so it is named whole or not at all (AUTHORIZED_REPLACE_SEMANTICS).
 */
function azureCli(
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

/** The fields to put into the cluster's resource in Bicep; the rest of the resource stays as the code has it. */
function bicep(cluster: ClusterFacts, properties: JsonObject, apiVersion: string): string {
  return [
    `// Merge into the cluster's resource; loadBalancerProfile and natGatewayProfile of another type must not be there.`,
    `resource cluster 'Microsoft.ContainerService/managedClusters@${apiVersion}' = {`,
    `  name: ${BICEP.text(cluster.name)}`,
    `  properties: ${literal(properties, 1, BICEP)}`,
    '}',
    '',
  ].join('\n')
}

const BICEP: LiteralSyntax = {
  text: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${')}'`,
  assign: ':',
  separator: '',
}

/** The hand-off of a plan. No fragment holds a field of the former type. */
export function buildHandoff(context: PlanningContext): Handoff {
  const { target, to, policy, snapshot, ranges } = context
  const apiVersion = writeApiVersion(to, policy.previewApiVersion)
  const properties = armFragment(target)
  const command = azureCli(
    target,
    snapshot.cluster,
    [...ranges.current, ...ranges.add],
    ranges.add.length > 0,
  )
  return {
    azureCli: command.line,
    azureCliVersion: command.version,
    arm: { apiVersion, properties },
    bicep: bicep(snapshot.cluster, properties, apiVersion),
    terraform: terraformAzurerm(target),
    terraformAzapi: terraformAzapi(snapshot.cluster, properties, apiVersion),
  }
}
