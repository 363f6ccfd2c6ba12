import type { FieldChange } from './cluster-write.ts'
import type { Json } from './json.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from './target.ts'

const NETWORK = '/properties/networkProfile'
export const OUTBOUND_TYPE_PATH = `${NETWORK}/outboundType`
export const LOAD_BALANCER_PATH = `${NETWORK}/loadBalancerProfile`
export const NAT_GATEWAY_PATH = `${NETWORK}/natGatewayProfile`
export const RANGES_PATH = '/properties/apiServerAccessProfile/authorizedIPRanges'

/**
 * The fields that a target sets in the cluster's body. The profile of any other type goes out of the
 * body whole: the service refuses some mixtures (InvalidUserDefinedRoutingWithLoadBalancerProfile) and
 * drops others in silence (needs N7). The Azure CLI does the same (cli-rules 4).
 */
export function fieldChanges(target: Target): FieldChange[] {
  const type = set(OUTBOUND_TYPE_PATH, target.outboundType)
  switch (target.outboundType) {
    case 'loadBalancer':
      return [type, ...loadBalancerFields(target.loadBalancer), remove(NAT_GATEWAY_PATH)]
    case 'managedNATGateway':
      return [type, ...natGatewayFields(target.natGateway), remove(LOAD_BALANCER_PATH)]
    default:
      return [type, remove(LOAD_BALANCER_PATH), remove(NAT_GATEWAY_PATH)]
  }
}

/** The three kinds of addresses exclude each other, so the two that are not wanted are removed (LB_ONE_IP_SOURCE). */
function loadBalancerFields(wanted: LoadBalancerTarget): FieldChange[] {
  const at = (field: string) => `${LOAD_BALANCER_PATH}/${field}`
  return [
    setOrRemove(at('managedOutboundIPs'), managedCounts(wanted)),
    setOrRemove(
      at('outboundIPs'),
      listOf(
        'publicIPs',
        wanted.outboundIpIds.map((id) => ({ id })),
      ),
    ),
    setOrRemove(
      at('outboundIPPrefixes'),
      listOf(
        'publicIPPrefixes',
        wanted.outboundIpPrefixIds.map((id) => ({ id })),
      ),
    ),
    set(at('allocatedOutboundPorts'), wanted.allocatedOutboundPorts),
    set(at('idleTimeoutInMinutes'), wanted.idleTimeoutInMinutes),
  ]
}

/**
 * StandardV2 names its SKU and takes ids as plain strings; Standard is written on an API version that
 * has no SKU field, so the field is taken out (rulebook 3.2, 3.3; NATV1_SKU_REJECTED_IN_V2_REGION).
 */
function natGatewayFields(wanted: NatGatewayTarget): FieldChange[] {
  const at = (field: string) => `${NAT_GATEWAY_PATH}/${field}`
  return [
    setOrRemove(at('sku'), wanted.sku === 'StandardV2' ? wanted.sku : null),
    setOrRemove(at('managedOutboundIPProfile'), managedCounts(wanted)),
    setOrRemove(at('outboundIPs'), listOf('publicIPs', wanted.outboundIpIds)),
    setOrRemove(at('outboundIPPrefixes'), listOf('publicIPPrefixes', wanted.outboundIpPrefixIds)),
    set(at('idleTimeoutInMinutes'), wanted.idleTimeoutInMinutes),
  ]
}

function managedCounts(wanted: LoadBalancerTarget | NatGatewayTarget): Json {
  const { managedOutboundIpCount: count, managedOutboundIpv6Count: countIPv6 } = wanted
  if (count === null) return null
  return countIPv6 === null || countIPv6 === 0 ? { count } : { count, countIPv6 }
}

function listOf(key: string, ids: Json[]): Json {
  return ids.length === 0 ? null : { [key]: ids }
}

function set(path: string, value: Json): FieldChange {
  return { op: 'set', path, value }
}

function remove(path: string): FieldChange {
  return { op: 'remove', path }
}

function setOrRemove(path: string, value: Json): FieldChange {
  return value === null ? remove(path) : set(path, value)
}
