import { listed } from './lib/text.ts'
import type { RollbackOutlook } from './plan.ts'
import type { PlanningContext } from './planning-context.ts'
import { rollbackPreview } from './rollback-preview.ts'
import { routesBetween } from './routes-between.ts'
import type { ClusterFacts } from './snapshot.ts'
import type { RequestedTarget } from './target.ts'
import { supportOf } from './transitions.ts'

/**
 * The way back: whether the matrix has one, to which target exactly (the recorded former profile, not
 * defaults), and what does not come back (rulebook 11).
 */
export function rollbackOutlook(context: PlanningContext): RollbackOutlook {
  const { from, to, vnet, policy, isNoChange, transition } = context
  if (isNoChange || from === null || transition?.support === 'unsupported')
    return { supported: false, support: null, target: null, lost: [], routes: [], plan: null }
  const support = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  const isOpen = support === 'supported' || support === 'sameType'
  const target = isOpen || support === 'disputed' ? formerTarget(context.snapshot.cluster, from) : null
  return {
    supported: isOpen,
    support,
    target,
    lost: lostForGood(context),
    routes: isOpen ? [] : routesBetween(vnet.kind, to, from, policy.pinnedEdition),
    plan: rollbackPreview(context, target),
  }
}

/** The former egress as a request, parameter by parameter. */
export function formerTarget(cluster: ClusterFacts, from: RequestedTarget['outboundType']): RequestedTarget {
  if (from === 'loadBalancer') return { outboundType: from, loadBalancer: formerLoadBalancer(cluster) }
  if (from === 'managedNATGateway' || from === 'managedNATGatewayV2')
    return { outboundType: 'managedNATGateway', natGateway: formerNatGateway(cluster, from) }
  return { outboundType: from }
}

function formerLoadBalancer(cluster: ClusterFacts): RequestedTarget['loadBalancer'] {
  const profile = cluster.loadBalancerProfile
  if (profile === null) return {}
  return defined({
    ...addresses(profile),
    allocatedOutboundPorts: profile.allocatedOutboundPorts,
    idleTimeoutInMinutes: profile.idleTimeoutInMinutes,
  })
}

function formerNatGateway(cluster: ClusterFacts, from: string): RequestedTarget['natGateway'] {
  const sku = from === 'managedNATGatewayV2' ? 'StandardV2' : 'Standard'
  const profile = cluster.natGatewayProfile
  if (profile === null) return { sku }
  return { sku, ...defined({ ...addresses(profile), idleTimeoutInMinutes: profile.idleTimeoutInMinutes }) }
}

function addresses(profile: {
  managedCount: number | null
  managedCountIpv6: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
}) {
  const isOwn = profile.outboundIpIds.length + profile.outboundIpPrefixIds.length > 0
  if (isOwn) return { outboundIpIds: profile.outboundIpIds, outboundIpPrefixIds: profile.outboundIpPrefixIds }
  return { managedOutboundIpCount: profile.managedCount, managedOutboundIpv6Count: profile.managedCountIpv6 }
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const present = Object.entries(values).filter(([, value]) => value !== null)
  return Object.fromEntries(present) as { [K in keyof T]?: NonNullable<T[K]> }
}

function lostForGood(context: PlanningContext): string[] {
  const released = context.ledger.flatMap((each) =>
    each.change === 'lost' && !each.recoverable && each.address !== null ? [each.address] : [],
  )
  const sentences =
    released.length > 0
      ? [`The address${released.length === 1 ? '' : 'es'} ${listed(released)}: a way back gets new ones.`]
      : []
  if (context.ledger.some((each) => each.change === 'unknown' && each.address !== null))
    sentences.push('Some of the present addresses; AKS chooses which it releases.')
  const unused = context.released.flatMap((each) => each.address ?? [])
  if (unused.length > 0)
    sentences.push(
      `${listed(unused)}, which AKS releases although no packet leaves by ${unused.length === 1 ? 'it' : 'them'}.`,
    )
  return sentences
}
