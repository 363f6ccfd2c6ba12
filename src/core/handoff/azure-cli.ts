import type { TypeKey } from '../../contract/outbound-type.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { documented, type Evidence, observed } from '../references/references.ts'
import { completeRanges, type ToolCode } from './end-state.ts'
import {
  type Prepared,
  type PreparedResource,
  preparesStandardV2,
  propertiesOf,
  referencedIds,
  skuOf,
} from './prepared-resources.ts'

/** The validators of the Azure CLI reject a longer idle timeout of the load balancer, which ARM allows. */
const MAX_LOAD_BALANCER_IDLE_MINUTES = 100

/** The first version whose `az network` commands know StandardV2 (azure-cli pull request 31532). */
const STANDARD_V2_RESOURCES = '2.75.0'

type Range = Pick<ToolCode, 'validFor' | 'evidence'>

function azureCliRange(from: string, below: string | null, evidence: Evidence): Range {
  return { validFor: { component: 'azure-cli', from, below }, evidence }
}

/** The versions that accept each target. */
const RANGES: Record<TypeKey, Range> = {
  loadBalancer: azureCliRange('2.56.0', null, documented('egress-outboundtype')),
  managedNATGateway: azureCliRange(
    '2.56.0',
    '2.91.0',
    documented('egress-outboundtype', 'azure-cli pull request 34017'),
  ),
  managedNATGatewayV2: azureCliRange('2.91.0', null, documented('azure-cli pull request 34017')),
  // 2.61.0 asks for an option that the command does not have; 2.74.0 sends the change.
  userAssignedNATGateway: azureCliRange(
    '2.74.0',
    null,
    observed('azure-docs issue 122780', 'azure-cli pull request 33694'),
  ),
  userDefinedRouting: azureCliRange(
    '2.74.0',
    null,
    observed('azure-docs issue 122780', 'azure-cli pull request 33694'),
  ),
  none: azureCliRange('2.71.0', null, documented('azure-cli pull request 31095')),
  block: {
    validFor: { component: 'aks-preview', from: '9.0.0b2', below: null },
    evidence: documented('egress-outboundtype'),
  },
}

/** The `az aks update` command of a target, and the commands for the prepared resources. */
export function azureCli(context: PlanningContext, prepared: Prepared[]): ToolCode {
  const { target, to, snapshot } = context
  const { validFor, evidence } = RANGES[to]
  const limit = limitOf(target)
  const { subscriptionId, resourceGroup, name } = snapshot.cluster
  const ranges = completeRanges(context)
  const command = [
    'az aks update',
    `--subscription ${subscriptionId}`,
    `--resource-group ${quoted(resourceGroup)}`,
    `--name ${quoted(name)}`,
    `--outbound-type ${target.outboundType}`,
    ...optionsOf(target),
    // The option replaces the list, so it needs the whole list (AUTHORIZED_REPLACE_SEMANTICS).
    ...(ranges === null ? [] : [`--api-server-authorized-ip-ranges ${ranges.join(',')}`]),
  ].join(' ')
  // Only `userAssignedNATGateway` prepares StandardV2 resources for a command of an older version.
  const isNewer = to === 'userAssignedNATGateway' && preparesStandardV2(prepared)
  return {
    code: limit === null ? command : null,
    prepared: prepared.length === 0 ? null : `${prepared.map(networkCommand).join('\n')}\n`,
    validFor: isNewer ? { ...validFor, from: STANDARD_V2_RESOURCES } : validFor,
    warnings: [...(limit === null ? [] : [limit]), ...versionWarning(validFor.below)],
    evidence,
  }
}

function versionWarning(below: string | null): string[] {
  return below === null
    ? []
    : [
        `With Azure CLI ${below} and later, AKS may change the Standard NAT gateway to StandardV2. AKS does not support the change back to Standard.`,
      ]
}

/** What the Azure CLI cannot express; null if it can express the target. */
function limitOf(target: Target): string | null {
  if (target.outboundType === 'loadBalancer') {
    const { idleTimeoutInMinutes: idle } = target.loadBalancer
    return idle > MAX_LOAD_BALANCER_IDLE_MINUTES
      ? `The Azure CLI accepts idle timeouts of the load balancer from 4 to ${MAX_LOAD_BALANCER_IDLE_MINUTES} min, and the target has ${idle} min.`
      : null
  }
  // Azure CLI 2.91.0 keeps the managed profile beside customer-provided addresses (NATV2_IP_MODEL_FROZEN).
  return target.outboundType === 'managedNATGateway' && target.natGateway.managedOutboundIpCount === null
    ? 'The Azure CLI sends the AKS-managed addresses together with the customer-provided addresses, and AKS rejects this combination.'
    : null
}

function optionsOf(target: Target): string[] {
  if (target.outboundType === 'loadBalancer') return loadBalancerOptions(target.loadBalancer)
  if (target.outboundType === 'managedNATGateway') return natGatewayOptions(target.natGateway)
  return []
}

function loadBalancerOptions(target: LoadBalancerTarget): string[] {
  return [
    ...counted('--load-balancer-managed-outbound-ip-count', target.managedOutboundIpCount),
    ...counted('--load-balancer-managed-outbound-ipv6-count', target.managedOutboundIpv6Count || null),
    ...named('--load-balancer-outbound-ips', target.outboundIpIds),
    ...named('--load-balancer-outbound-ip-prefixes', target.outboundIpPrefixIds),
    `--load-balancer-outbound-ports ${target.allocatedOutboundPorts}`,
    `--load-balancer-idle-timeout ${target.idleTimeoutInMinutes}`,
  ]
}

function natGatewayOptions(target: NatGatewayTarget): string[] {
  return [
    ...(target.sku === 'StandardV2' ? ['--outbound-type-sku StandardV2'] : []),
    ...counted('--nat-gateway-managed-outbound-ip-count', target.managedOutboundIpCount),
    ...counted('--nat-gateway-managed-outbound-ipv6-count', target.managedOutboundIpv6Count),
    `--nat-gateway-idle-timeout ${target.idleTimeoutInMinutes}`,
  ]
}

function networkCommand(prepared: Prepared): string {
  if (prepared.kind === 'association') {
    const option = prepared.property === 'natGateway' ? '--nat-gateway' : '--route-table'
    return `az network vnet subnet update --ids ${quoted(prepared.id)} ${option} ${quoted(prepared.resourceId)}`
  }
  const { type, name, subscriptionId, resourceGroup } = prepared
  const group = `--subscription ${subscriptionId} --resource-group ${quoted(resourceGroup)}`
  const common = `${group} --name ${quoted(name)}`
  const placed = [common, `--location ${prepared.body.location}`, ...skuAndZones(prepared)].join(' ')
  const properties = propertiesOf(prepared)
  switch (type) {
    case 'publicIp':
      return `az network public-ip create ${placed} --allocation-method Static --version IPv4`
    case 'publicIpPrefix':
      return `az network public-ip prefix create ${placed} --length ${properties.prefixLength} --version IPv4`
    case 'natGateway':
      return [
        `az network nat gateway create ${placed} --idle-timeout ${properties.idleTimeoutInMinutes}`,
        ...spaced('--public-ip-addresses', referencedIds(properties.publicIpAddresses)),
        ...spaced('--public-ip-prefixes', referencedIds(properties.publicIpPrefixes)),
      ].join(' ')
    case 'routeTable':
      return [
        `az network route-table create ${common} --location ${prepared.body.location}`,
        ...routesOf(prepared).map((route) =>
          routeCommand(`${group} --route-table-name ${quoted(name)}`, route),
        ),
      ].join('\n')
    case 'route':
      return routeCommand(`${group} --route-table-name ${quoted(prepared.parentName ?? '')}`, {
        name,
        ...properties,
      })
  }
}

/** Standard is the default of the commands, and older versions do not have the option everywhere. */
function skuAndZones(resource: PreparedResource): string[] {
  const { zones } = resource.body
  const sku = skuOf(resource)
  return [
    ...(equalsArm(sku, 'StandardV2') || resource.type === 'publicIp' ? [`--sku ${sku}`] : []),
    ...(Array.isArray(zones) && zones.length > 0 ? [`--zone ${zones.join(' ')}`] : []),
  ]
}

interface Route {
  name: string
  addressPrefix?: unknown
  nextHopType?: unknown
  nextHopIpAddress?: unknown
}

function routesOf(table: PreparedResource): Route[] {
  const routes = (propertiesOf(table).routes ?? []) as { name: string; properties: object }[]
  return routes.map(({ name, properties }) => ({ name, ...properties }))
}

function routeCommand(table: string, { name, addressPrefix, nextHopType, nextHopIpAddress }: Route): string {
  const address = nextHopIpAddress === undefined ? '' : ` --next-hop-ip-address ${nextHopIpAddress}`
  return `az network route-table route create ${table} --name ${quoted(name)} --address-prefix ${addressPrefix} --next-hop-type ${nextHopType}${address}`
}

function counted(option: string, count: number | null): string[] {
  return count === null ? [] : [`${option} ${count}`]
}

function named(option: string, ids: string[]): string[] {
  return ids.length === 0 ? [] : [`${option} ${ids.map(quoted).join(',')}`]
}

function spaced(option: string, ids: string[]): string[] {
  return ids.length === 0 ? [] : [`${option} ${ids.map(quoted).join(' ')}`]
}

/** Names may contain parentheses, which a shell interprets. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text}'`
}
