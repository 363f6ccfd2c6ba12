import { type ArmError, aksError } from '../arm/arm-error.ts'
import { hasBasicLoadBalancer, networkProfileOf, poolsOf } from '../arm/managed-cluster.ts'
import { type JsonObject, listAt, lowerCaseAt, objectAt, textAt } from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { type ChangeRule, isTypeChange, type RequestedChange } from './change-rule.ts'
import {
  loadBalancerProfileWithRouting,
  nodePublicIpWithRouting,
  subnetsWithoutDefaultRoute,
  subnetsWithoutNatGateway,
} from './customer-routing.ts'
import {
  loadBalancerAddresses,
  loadBalancerNumbers,
  natGatewayProfileInvalid,
  windowsWithoutOutboundNat,
} from './egress-profiles.ts'
import {
  cacheWithServicePrincipal,
  natGatewaySkuInvalid,
  notNetworkIsolated,
  outboundTypeOfOtherNetwork,
  outboundTypeUnknown,
  podBackendsWithoutService,
  registryWithoutArmAuthentication,
  serviceLoadBalancer,
  transitionNotAllowed,
  windowsWhenIsolated,
} from './outbound-type.ts'

const MAX_AUTHORIZED_RANGES = 200

/** At most 200 authorized ranges; the code is inferred. */
const tooManyAuthorizedRanges: ChangeRule = (change) => {
  const ranges = listAt(change.wanted, 'properties', 'apiServerAccessProfile', 'authorizedIPRanges')
  if (ranges.length <= MAX_AUTHORIZED_RANGES) return undefined
  return aksError(
    400,
    'InvalidAuthorizedIPRanges',
    `The number of authorized IP ranges ${ranges.length} is over the limit of ${MAX_AUTHORIZED_RANGES}.`,
    'apiServerAccessProfile.authorizedIPRanges',
  )
}

/** States without an operation in progress. A failed or canceled cluster accepts a new PUT (inferred for Failed). */
const TERMINAL_STATES = ['Succeeded', 'Failed', 'Canceled']

/** 409 while another operation is in progress on the cluster or on one of its pools; the words are recorded. */
export function operationInProgress(world: World, cluster: JsonObject): ArmError | undefined {
  const state = textAt(cluster, 'properties', 'provisioningState') ?? 'Succeeded'
  const busyPool = poolsOf(cluster).find(
    (pool) => !TERMINAL_STATES.includes(String(pool.provisioningState ?? 'Succeeded')),
  )
  let what: string
  if (!TERMINAL_STATES.includes(state)) what = state
  else if (busyPool !== undefined) what = `${busyPool.name} - ${busyPool.provisioningState}`
  else if (world.operationOn(textAt(cluster, 'id') ?? '') !== undefined) what = 'Updating'
  else return undefined
  return aksError(
    409,
    'OperationNotAllowed',
    `Operation is not allowed: Another operation (${what}) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details`,
  )
}

/** A stopped cluster accepts only start and delete (start-stop-cluster); status and message are inferred. */
export function clusterStopped(cluster: JsonObject): ArmError | undefined {
  if (textAt(cluster, 'properties', 'powerState', 'code') !== 'Stopped') return undefined
  return aksError(
    409,
    'OperationNotAllowed',
    'Operation is not allowed: the managed cluster is stopped. Start the cluster before any other operation. See https://aka.ms/aks-start-stop for more details',
  )
}

/**
 * If-Match and If-None-Match of a cluster PUT, as recorded in test/data/recordings. `*` requires an existing cluster,
 * and a value requires exactly that ETag. If-None-Match accepts only `*`, which requires a missing cluster. Code and
 * message of the 412 are inferred.
 */
export function etagPrecondition(
  cluster: JsonObject | undefined,
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): ArmError | undefined {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '') {
    if (ifNoneMatch !== '*')
      return aksError(
        400,
        'InvalidParameter',
        'The header If-None-Match only supports the value *.',
        'If-None-Match',
      )
    if (cluster !== undefined) return mismatch('the resource exists already')
  }
  if (ifMatch === undefined || ifMatch === '') return undefined
  if (cluster === undefined) return mismatch('the resource does not exist')
  if (ifMatch === '*' || unquoted(ifMatch) === textAt(cluster, 'eTag')) return undefined
  return mismatch('the resource was changed by another request')
}

function mismatch(why: string): ArmError {
  return aksError(
    412,
    'EtagMismatch',
    `The condition of the ETag header is not met: ${why}. Read the resource again and repeat the change.`,
  )
}

function unquoted(value: string): string {
  return value.replace(/^(W\/)?"(.*)"$/, '$2')
}

const UNCHANGEABLE = ['networkPlugin', 'serviceCidr', 'dnsServiceIP', 'podCidr', 'loadBalancerSku']

/**
 * Properties fixed at creation; the words are recorded for networkPlugin (errors-from-public-issues.json). Two of them
 * can change in one direction: kubenet to overlay, optionally with other pod addresses (upgrade-azure-cni), and a Basic
 * load balancer to Standard (upgrade-basic-load-balancer-on-aks).
 */
const unchangeableProperty: ChangeRule = (change) => {
  const current = networkProfileOf(change.current)
  const becomes = (member: string, before: string, after: string) =>
    lowerCaseAt(current, member) === before && lowerCaseAt(change.sent, member) === after
  const isOverlay = lowerCaseAt(change.sent, 'networkPluginMode') === 'overlay'
  const allowed = [
    ...(isOverlay && becomes('networkPlugin', 'kubenet', 'azure') ? ['networkPlugin', 'podCidr'] : []),
    ...(isOverlay && becomes('networkPluginMode', '', 'overlay') ? ['podCidr'] : []),
    ...(becomes('loadBalancerSku', 'basic', 'standard') ? ['loadBalancerSku'] : []),
  ]
  const changed = UNCHANGEABLE.find((member) => {
    const sent = lowerCaseAt(change.sent, member)
    const present = lowerCaseAt(current, member)
    return sent !== '' && present !== '' && sent !== present && !allowed.includes(member)
  })
  if (changed === undefined) return undefined
  const target = `networkProfile.${changed}`
  return aksError(400, 'PropertyChangeNotAllowed', `Changing property '${target}' is not allowed.`, target)
}

/** A Basic load balancer has no profile (message from AKS#2072) and supports no other outbound type (inferred). */
const basicLoadBalancer: ChangeRule = (change) => {
  if (!hasBasicLoadBalancer(networkProfileOf(change.wanted))) return undefined
  if (isTypeChange(change))
    return aksError(
      400,
      'UnsupportedOutboundType',
      `Outbound type ${change.to} needs a Standard load balancer. Please see https://aka.ms/aks/outboundtype for more details`,
      'networkProfile.outboundType',
    )
  if (objectAt(change.sent, 'loadBalancerProfile') === undefined) return undefined
  return aksError(
    400,
    'UnexpectedLoadBalancerProfileForNonStandardLoadBalancerCluster',
    'Load balancer profile should not be specified for cluster without standard load balancer',
    'networkProfile.loadBalancerProfile',
  )
}

/** The rules in the order of evaluation: first errors of the request, then of its environment (inferred). */
const CHANGE_RULES: readonly ChangeRule[] = [
  outboundTypeUnknown,
  natGatewaySkuInvalid,
  unchangeableProperty,
  basicLoadBalancer,
  cacheWithServicePrincipal,
  windowsWhenIsolated,
  outboundTypeOfOtherNetwork,
  loadBalancerProfileWithRouting,
  transitionNotAllowed,
  serviceLoadBalancer,
  podBackendsWithoutService,
  windowsWithoutOutboundNat,
  loadBalancerNumbers,
  loadBalancerAddresses,
  natGatewayProfileInvalid,
  notNetworkIsolated,
  registryWithoutArmAuthentication,
  nodePublicIpWithRouting,
  subnetsWithoutNatGateway,
  subnetsWithoutDefaultRoute,
  tooManyAuthorizedRanges,
]

/** Rejects a change that this simulated service does not implement. */
export function assertChangeAllowed(change: RequestedChange): void {
  for (const refusal of CHANGE_RULES) {
    const found = refusal(change)
    if (found !== undefined) throw found
  }
}
