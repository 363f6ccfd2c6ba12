import type { CleanUpRequest } from './clean-up/clean-up.ts'
import type { NatGatewaySku, OutboundType, TypeKey } from './outbound-type.ts'
import type { RequestedPreparation } from './preparation/requested-preparation.ts'

/** The wanted load balancer egress, complete: nothing is left for ARM to fill in. */
export interface LoadBalancerTarget {
  /** 1..100; null when own addresses are named. */
  managedOutboundIpCount: number | null
  /** 0..100; null when own addresses are named. */
  managedOutboundIpv6Count: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  /** 0 (automatic) to 64000, a multiple of 8. */
  allocatedOutboundPorts: number
  /** 4..120. */
  idleTimeoutInMinutes: number
}

/** The wanted managed NAT gateway, complete. */
export interface NatGatewayTarget {
  sku: NatGatewaySku
  /** 1..16; null when own addresses are named (StandardV2 only). */
  managedOutboundIpCount: number | null
  /** 1..16 on StandardV2, null for none. */
  managedOutboundIpv6Count: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  /** 4..120. */
  idleTimeoutInMinutes: number
}

/** The canonical target. */
export type Target =
  | { outboundType: 'loadBalancer'; loadBalancer: LoadBalancerTarget }
  | { outboundType: 'managedNATGateway'; natGateway: NatGatewayTarget }
  | { outboundType: Exclude<OutboundType, 'loadBalancer' | 'managedNATGateway'> }

/** What a caller may leave out, the planner fills in from the cluster as it is and from ARM's defaults. */
export interface RequestedTarget {
  outboundType: TypeKey
  natGateway?: Partial<NatGatewayTarget>
  loadBalancer?: Partial<LoadBalancerTarget>
}

/** A cluster's identifiers, as given by the caller. */
export interface ClusterRef {
  subscriptionId: string
  resourceGroup: string
  name: string
}

/** Someone outside Azure who has allow-listed the cluster, as the caller knows them. */
export interface ConsumerRequest {
  name: string
  contact: string | null
  note: string | null
  /** What they have allow-listed, as addresses or CIDRs; empty where the caller does not know. */
  addresses: string[]
}

/** A request for a plan after validation at the edge. */
export interface PlanRequest {
  cluster: ClusterRef
  target: RequestedTarget
  /**
   * `widen`: the plan adds the new egress addresses to the API server's authorized ranges before the switch;
   * `keep`: it leaves the ranges alone, and addresses that are not covered block the plan.
   */
  authorizedRanges: 'widen' | 'keep'
  /** What a clean-up takes away; never part of a request over HTTP, made from a job (clean-up-plan). */
  cleanUp?: CleanUpRequest
  /** Whether the plan upgrades the node image of every pool at its end; left out: no. */
  upgradeNodeImages?: boolean
  /** What the plan is to make before the cut-over. */
  prepare?: RequestedPreparation
  /** Free text of the caller, such as a change number; kept with the plan and the audit. */
  reason: string | null
  /** Whom the plan has to tell of changed addresses. */
  consumers?: ConsumerRequest[]
}
