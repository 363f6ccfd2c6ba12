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

interface Range {
  component: string
  from: string
  below: string | null
  evidence: Evidence
}

/** The versions that accept a target. */
function rangeOf(target: Target): Range {
  const azureCli = (from: string, below: string | null, evidence: Evidence): Range => ({
    component: 'azure-cli',
    from,
    below,
    evidence,
  })
  switch (target.outboundType) {
    case 'loadBalancer':
      return azureCli('2.56.0', null, documented('egress-outboundtype'))
    case 'managedNATGateway':
      return target.natGateway.sku === 'StandardV2'
        ? azureCli('2.91.0', null, documented('azure-cli pull request 34017'))
        : azureCli('2.56.0', '2.91.0', documented('egress-outboundtype', 'azure-cli pull request 34017'))
    case 'none':
      return azureCli('2.71.0', null, documented('azure-cli pull request 31095'))
    case 'block':
      return {
        component: 'aks-preview',
        from: '9.0.0b2',
        below: null,
        evidence: documented('egress-outboundtype'),
      }
    case 'userAssignedNATGateway':
    case 'userDefinedRouting':
      // 2.61.0 asks for an option that the command does not have; 2.74.0 sends the change.
      return azureCli('2.74.0', null, observed('azure-docs issue 122780', 'azure-cli pull request 33694'))
  }
}

/** The `az aks update` command of a target, and the commands for the prepared resources. */
export function azureCli(context: PlanningContext, prepared: Prepared[]): ToolCode {
  const { target, snapshot } = context
  const { component, from, below, evidence } = rangeOf(target)
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
  const needsNewerNetwork = preparesStandardV2(prepared) && from === '2.74.0'
  return {
    code: limit === null ? command : null,
    prepared: prepared.length === 0 ? null : `${prepared.map(networkCommand).join('\n')}\n`,
    validFor: { component, from: needsNewerNetwork ? STANDARD_V2_RESOURCES : from, below },
    warnings: [...(limit === null ? [] : [limit]), ...versionWarning(below)],
    evidence,
  }
}

function versionWarning(below: string | null): string[] {
  return below === null
    ? []
    : [
        `Azure CLI ${below} and later may change the NAT gateway to StandardV2, which cannot be changed back to Standard.`,
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
    ? 'The Azure CLI sends the AKS-managed addresses together with the customer-provided addresses, and AKS rejects both together.'
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
