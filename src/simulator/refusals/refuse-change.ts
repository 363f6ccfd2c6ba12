import { tooManyAuthorizedRanges } from './authorized-ranges.ts'
import { loadBalancerAddresses, loadBalancerNumbers, windowsWithoutOutboundNat } from './load-balancer.ts'
import { natGatewayProfileRefused } from './nat-gateway.ts'
import { notNetworkIsolated } from './network-isolation.ts'
import { natGatewaySkuRefused, outboundTypeOfOtherNetwork, outboundTypeUnknown } from './outbound-type.ts'
import type { Refusal, WantedChange } from './refusal.ts'
import { transitionNotAllowed } from './transition.ts'
import { unchangeableProperty } from './unchangeable.ts'
import { subnetsWithoutNatGateway } from './user-assigned-nat-gateway.ts'
import {
  loadBalancerProfileWithRouting,
  nodePublicIpWithRouting,
  subnetsWithoutDefaultRoute,
} from './user-defined-routing.ts'

/** In the order in which they are looked at: what is wrong with the request first, then with the surroundings (inferred). */
const REFUSALS: readonly Refusal[] = [
  outboundTypeUnknown,
  natGatewaySkuRefused,
  unchangeableProperty,
  outboundTypeOfOtherNetwork,
  loadBalancerProfileWithRouting,
  transitionNotAllowed,
  windowsWithoutOutboundNat,
  loadBalancerNumbers,
  loadBalancerAddresses,
  natGatewayProfileRefused,
  notNetworkIsolated,
  nodePublicIpWithRouting,
  subnetsWithoutNatGateway,
  subnetsWithoutDefaultRoute,
  tooManyAuthorizedRanges,
]

/**
 * Refuses a change that this simulated service does not carry out.
 * @throws ArmRefusal the first reason found
 */
export function refuseChange(change: WantedChange): void {
  for (const refusal of REFUSALS) {
    const found = refusal(change)
    if (found !== undefined) throw found
  }
}
