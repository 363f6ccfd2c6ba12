import type { Finding } from '../../contract/finding.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { INTERNET } from '../egress/destinations.ts'
import { currentSide } from '../egress/paths.ts'
import { projectedSide } from '../egress/projected-egress.ts'
import { gatewayPools, gatewayPrefixes, isOverridden } from '../egress/static-gateway.ts'
import { agree, listed, listedAs, named } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { hasStaticGateway } from '../snapshot/agent-pools.ts'
import { type Check, rule } from './rule.ts'

export const SEG_LIMITS = rule('SEG_LIMITS', {
  severity: 'info',
  message:
    'The static egress gateway may not work: static egress gateways support neither pod subnets nor dual-stack networking, and this cluster uses at least one of the two.',
  remedy: 'Do not rely on the addresses of the static egress gateway.',
  source: documented('configure-static-egress-gateway'),
})

/** The static egress gateway gives annotated pods their own addresses, beside the outbound type. */
export const checkStaticGateway: Check = (context) => {
  const { cluster } = context.snapshot
  if (!hasStaticGateway(cluster)) return []
  const isUnsupported =
    cluster.ipFamilies.includes('IPv6') || cluster.agentPools.some((pool) => pool.podSubnetId !== null)
  return [...addresses(context), ...SEG_LIMITS.when(isUnsupported, {})]
}

export const SEG_PATH_OVERRIDDEN = rule<{
  pools: string[]
  prefixes: string[]
  /** The affected destinations if traffic to others keeps the addresses. */
  destinations?: string[]
}>('SEG_PATH_OVERRIDDEN', {
  severity: 'acknowledge',
  message: (f) =>
    `After the change, traffic${f.destinations === undefined ? '' : ` to ${listed(f.destinations.map((name) => (name === INTERNET ? 'the internet' : `\`${name}\``)))}`} of pods that use the static egress gateway no longer has the source addresses ${listed(f.prefixes)}, because the new egress path takes precedence on the ${agree(f.pools, 'subnet', 'subnets')} of ${named('node pool', f.pools)}.`,
  remedy:
    'Add the new egress addresses of the cluster to every allow list that contains addresses of the static egress gateway. If the source addresses of these pods must not change, keep the current outbound type. Do not move the node pool of the static egress gateway to another subnet: users report that the gateway does not work there.',
  source: inferred('configure-static-egress-gateway', 'nat-overview', {
    text: 'Azure/kube-egress-gateway issues 1295 and 1329',
  }),
})

export const SEG_PRESENT = rule<{
  pools: string[]
  prefixes: string[]
  isOverridden: boolean
  isChange: boolean
}>('SEG_PRESENT', {
  severity: 'warning',
  message: (f) =>
    `The static egress gateway${f.pools.length === 0 ? '' : ` (${listedAs('node pool', f.pools)})`} uses ${
      f.prefixes.length === 0
        ? 'separate public addresses, which Azure Resource Manager does not show'
        : `the separate addresses ${listed(f.prefixes)}; a NAT gateway or default route on the ${agree(f.pools, 'subnet of this node pool', 'subnets of the node pools of the gateway')} ${f.isOverridden ? 'takes' : 'would take'} precedence over these addresses`
    }.`,
  remedy: (f) =>
    `Test ${f.isChange ? 'after the change ' : ''}which source addresses the static egress gateway uses. Do not move the node pool of the static egress gateway to another subnet: users report that the gateway does not work there.`,
  source: inferred('configure-static-egress-gateway', 'nat-overview', {
    text: 'Azure/kube-egress-gateway issues 1295 and 1329',
  }),
})

/** A gateway pool may exist while the feature is disabled, and the feature may be enabled before a pool exists. */
function addresses({ snapshot, prepared, target, isChange, overriddenPrefixes }: PlanningContext): Finding[] {
  const destinations = overriddenPrefixes.flatMap((prefix) => prefix.destinations)
  if (overriddenPrefixes.length > 0)
    return [
      SEG_PATH_OVERRIDDEN.finding({
        pools: [...new Set(overriddenPrefixes.flatMap(({ pools }) => pools))],
        prefixes: overriddenPrefixes.map(prefixLabel),
        ...(destinations.length === 0 ? {} : { destinations: [...new Set(destinations)] }),
      }),
    ]
  const pools = gatewayPools(snapshot).map(({ name }) => name)
  return [
    SEG_PRESENT.finding({
      pools,
      prefixes: gatewayPrefixes(snapshot).map(prefixLabel),
      isChange,
      isOverridden: isOverridden(pools, isChange ? projectedSide(prepared, target) : currentSide(snapshot)),
    }),
  ]
}

function prefixLabel({ address }: ReturnType<typeof gatewayPrefixes>[number]): string {
  return address.address ?? address.resourceId ?? ''
}
