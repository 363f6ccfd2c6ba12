import { aksError } from '../arm/arm-error.ts'
import {
  hasWindows,
  isManagedNatGateway,
  supportsBlock,
  supportsManagedNatGatewayV2,
  supportsNatGatewaySku,
  vnetKindOf,
} from '../arm/managed-cluster.ts'
import { at, type JsonObject, lowerCaseAt, textAt } from '../lib/json.ts'
import type { WorldSettings } from '../world/world.ts'
import { type ChangeRule, isTypeChange } from './change-rule.ts'
import matrix from './matrix.json' with { type: 'json' }

/** `none` and `block` are for network isolated clusters: artifact source Cache and a private API server (concepts-network-isolated). */
export const notNetworkIsolated: ChangeRule = (change) => {
  if ((change.to !== 'none' && change.to !== 'block') || !isTypeChange(change)) return undefined
  const access = at(change.wanted, 'properties', 'apiServerAccessProfile')
  const isPrivate =
    at(access, 'enablePrivateCluster') === true || at(access, 'enableVnetIntegration') === true
  // A request with both changes is rejected, because nodes must be reimaged with Cache first (azurerm#32598).
  const isCached = [change.current, change.wanted].every(
    (cluster) => lowerCaseAt(cluster, 'properties', 'bootstrapProfile', 'artifactSource') === 'cache',
  )
  if (isPrivate && isCached) return undefined
  return aksError(
    400,
    'InvalidNetworkIsolatedClusterConfiguration',
    `Outbound type ${change.to} needs a network isolated cluster: ${isCached ? 'the API server must be private' : 'bootstrapProfile.artifactSource must be Cache'}. Please see https://aka.ms/aks/network-isolated for more details`,
    'networkProfile.outboundType',
  )
}

/**
 * A customer-provided registry must accept tokens of Azure Resource Manager (concepts-network-isolated); code and
 * message are inferred.
 */
export const registryWithoutArmAuthentication: ChangeRule = (change) => {
  if ((change.to !== 'none' && change.to !== 'block') || !isTypeChange(change)) return undefined
  const id = textAt(change.wanted, 'properties', 'bootstrapProfile', 'containerRegistryId')
  const status = lowerCaseAt(
    change.world.get(id ?? ''),
    'properties',
    'policies',
    'azureADAuthenticationAsArmPolicy',
    'status',
  )
  if (status !== 'disabled') return undefined
  return aksError(
    400,
    'InvalidBootstrapContainerRegistry',
    `The container registry ${id} must have authentication-as-arm enabled. Please see https://aka.ms/aks/network-isolated for more details`,
    'bootstrapProfile.containerRegistryId',
  )
}

/**
 * A load balancer of SKU `service` carries no egress, so a StandardV2 NAT gateway stays (inferred from azure-rest-api-specs
 * pull request 43720).
 */
export const serviceLoadBalancer: ChangeRule = (change) => {
  const isOwn = (type: string) => type === 'userAssignedNATGateway'
  const isLeaving = isManagedNatGateway(change.from) || isOwn(change.from)
  const mayBeV2 = change.to === 'managedNATGatewayV2' || isOwn(change.to)
  if (!isTypeChange(change) || !isLeaving || mayBeV2 || !isServiceSku(change.wanted)) return undefined
  return aksError(
    400,
    'UnsupportedOutboundType',
    `Outbound type ${change.to} is not supported with load balancer SKU service. Please see https://aka.ms/aks/outboundtype for more details`,
    'networkProfile.outboundType',
  )
}

/**
 * The SKU `service` and the backend pool type `PodIP` exist only together (azure-rest-api-specs pull request 43720); code
 * and message are inferred.
 */
export const podBackendsWithoutService: ChangeRule = (change) => {
  const type = lowerCaseAt(
    change.wanted,
    'properties',
    'networkProfile',
    'loadBalancerProfile',
    'backendPoolType',
  )
  if ((type === 'podip') === isServiceSku(change.wanted)) return undefined
  const target = 'networkProfile.loadBalancerProfile.backendPoolType'
  return aksError(
    400,
    'InvalidParameter',
    `The value of parameter ${target} is invalid: backend pool type PodIP and load balancer SKU service must be specified together.`,
    target,
  )
}

function isServiceSku(cluster: JsonObject): boolean {
  return lowerCaseAt(cluster, 'properties', 'networkProfile', 'loadBalancerSku') === 'service'
}

/** Network isolated clusters have no Windows pools (concepts-network-isolated); code and words are inferred. */
export const windowsWhenIsolated: ChangeRule = (change) => {
  if ((change.to !== 'none' && change.to !== 'block') || !hasWindows(change.wanted)) return undefined
  if (!isTypeChange(change) && hasWindows(change.current)) return undefined
  return aksError(
    400,
    'WindowsAgentPoolNotAllowedInNetworkIsolatedCluster',
    `Windows agent pools are not allowed with outbound type ${change.to}. Please see https://aka.ms/aks/network-isolated for more details`,
    'agentPoolProfile.osType',
  )
}

/** Cached artifacts need a managed identity; pasted in AKS#5821. */
export const cacheWithServicePrincipal: ChangeRule = (change) => {
  const [before, after] = [change.current, change.wanted].map((cluster) =>
    lowerCaseAt(cluster, 'properties', 'bootstrapProfile', 'artifactSource'),
  )
  const client = lowerCaseAt(change.wanted, 'properties', 'servicePrincipalProfile', 'clientId')
  const hasIdentity = !['', 'none'].includes(lowerCaseAt(change.wanted, 'identity', 'type'))
  if (after !== 'cache' || before === 'cache' || hasIdentity || client === 'msi' || client === '')
    return undefined
  return aksError(
    400,
    'BootstrapArtifactSourceNotAllowed',
    `When feature "ServicePrincipalCluster" is enabled, bootstrapProfile.artifactSource 'Cache' is not allowed`,
  )
}

const OUTBOUND_TYPES = [
  'loadBalancer',
  'managedNATGateway',
  'managedNATGatewayV2',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
]

/** Regions without StandardV2 (nat-sku, list of 2026-07-27). */
const REGIONS_WITHOUT_STANDARD_V2 = [
  'canadaeast',
  'indonesiacentral',
  'israelnorthwest',
  'qatarcentral',
  'swedensouth',
  'westindia',
]

/** True when NAT gateways of SKU StandardV2 exist in the region. */
export function hasStandardV2(location: string): boolean {
  return !REGIONS_WITHOUT_STANDARD_V2.includes(location.toLowerCase().replaceAll(' ', ''))
}

/** Outbound types that the api-version of the request does not have. The status 400 is known; code and message are inferred. */
export const outboundTypeUnknown: ChangeRule = (change) => {
  const sent = textAt(change.sent, 'outboundType')
  if (sent === undefined) return undefined
  const known =
    OUTBOUND_TYPES.includes(sent) &&
    (sent !== 'managedNATGatewayV2' || supportsManagedNatGatewayV2(change.apiVersion)) &&
    (sent !== 'block' || supportsBlock(change.apiVersion))
  if (known) return undefined
  return aksError(
    400,
    'InvalidParameter',
    `The value of parameter networkProfile.outboundType is invalid: '${sent}' is not supported by api-version ${change.apiVersion}. Please see https://aka.ms/aks/outboundtype for more details`,
    'networkProfile.outboundType',
  )
}

/** SKU rules of the managed NAT gateway (nat-gateway). */
export const natGatewaySkuInvalid: ChangeRule = (change) => {
  const sku = at(change.sent, 'natGatewayProfile', 'sku')
  if (sku === undefined || sku === null || !supportsNatGatewaySku(change.apiVersion)) return undefined
  const target = 'networkProfile.natGatewayProfile.sku'
  if (sku !== 'Standard' && sku !== 'StandardV2')
    return aksError(400, 'InvalidParameter', `The value of parameter ${target} is invalid.`, target)
  if (!isManagedNatGateway(change.to)) return undefined
  const location = textAt(change.current, 'location') ?? ''
  if (sku === 'StandardV2' && !hasStandardV2(location))
    return aksError(
      400,
      'UnsupportedOutboundType',
      `NAT gateway SKU StandardV2 is not available in ${location}.`,
      target,
    )
  // A Standard gateway shows its SKU, so a PUT of the GET's body must be accepted.
  if (sku === 'Standard' && !isManagedNatGateway(change.from) && hasStandardV2(location))
    return aksError(
      400,
      'UnsupportedOutboundType',
      `NAT gateway SKU Standard can not be chosen in ${location} with api-version ${change.apiVersion}; use StandardV2, or an earlier api-version.`,
      target,
    )
  return undefined
}

/**
 * Types that require the other kind of virtual network. Both codes are known codes of the service; the messages are
 * inferred.
 */
export const outboundTypeOfOtherNetwork: ChangeRule = (change) => {
  if (!isTypeChange(change)) return undefined
  const kind = vnetKindOf(change.current)
  if (kind === 'byo' && isManagedNatGateway(change.to))
    return aksError(
      400,
      'ManagedNATGatewayWithCustomVNetNotAllowed',
      'Managed NAT Gateway is not allowed with a custom virtual network. Please see https://aka.ms/aks/outboundtype for more details',
      'networkProfile.outboundType',
    )
  if (kind === 'managed' && change.to === 'userAssignedNATGateway')
    return aksError(
      400,
      'UserAssignedNATGatewayWithManagedVNetNotAllowed',
      'User assigned NAT Gateway is not allowed with a managed virtual network. Please see https://aka.ms/aks/outboundtype for more details',
      'networkProfile.outboundType',
    )
  return undefined
}

/**
 * Whether this simulated Azure allows a transition, by the published support matrix of the configured editions. The
 * edition that the real service follows is unknown, so by default one edition that allows it is enough.
 */
export function isTransitionAllowed(
  belief: WorldSettings['matrix'],
  kind: 'managed' | 'byo',
  from: string,
  to: string,
): boolean {
  if (belief === 'union' && isStated(kind, from, to)) return true
  return matrix.editions
    .filter((edition) => belief === 'union' || edition.edition === belief)
    .some((edition) => {
      const { columns, rows } = edition[kind]
      const row = new Map<string, string[] | undefined>(Object.entries(rows)).get(from)
      return row?.[columns.indexOf(to)] === 'Supported'
    })
}

/** Pairs that release notes allow although the matrix does not. */
function isStated(kind: 'managed' | 'byo', from: string, to: string): boolean {
  return matrix.statements.some((statement) =>
    new Map<string, string[]>(Object.entries(statement[kind])).get(from)?.includes(to),
  )
}

/** Rejects transitions that the support matrix does not allow; code and message are inferred. */
export const transitionNotAllowed: ChangeRule = (change) => {
  if (!isTypeChange(change)) return undefined
  const { world, from, to } = change
  if (isTransitionAllowed(world.settings.matrix, vnetKindOf(change.current), from, to)) return undefined
  return aksError(
    400,
    'UpdatingOutboundTypeNotAllowed',
    `Updating outboundType from ${from} to ${to} is not allowed. Please see https://aka.ms/aks/outboundtype for more details`,
    'networkProfile.outboundType',
  )
}
