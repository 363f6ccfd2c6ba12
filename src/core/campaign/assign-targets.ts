import type { CampaignRequest, CampaignTargetRule } from '../../contract/campaign-requests.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import { TYPE_KEYS, type TypeKey, VNET_KINDS, type VnetKind } from '../../contract/outbound-type.ts'
import { clusterKey } from '../access/access-policy.ts'
import { readOutboundType } from '../arm/outbound-type.ts'
import { DomainError } from '../lib/errors.ts'
import { supportOf } from '../support-matrix/transitions.ts'
import { type FilteredClusters, matchesChoice } from './assign-waves.ts'

/** A selected cluster with the index of the rule for its target; null for the target of the campaign. */
export interface TargetedCluster {
  cluster: ClusterRef
  rule: number | null
}

/**
 * The clusters with their targets, in the same order. The first matching rule applies. Throws for a rule that matches
 * no cluster. Also throws for clusters without a target, unless `unmatched: skip` omits them.
 */
export function assignTargets(
  clusters: readonly ClusterRef[],
  { target, targetRules = [], unmatched = 'reject' }: CampaignRequest,
  filtered: FilteredClusters,
): TargetedCluster[] {
  const fits = (cluster: ClusterRef) => (rule: CampaignTargetRule) => matchesChoice(rule, cluster, filtered)
  const targeted = clusters.map((cluster) => ({ cluster, rule: targetRules.findIndex(fits(cluster)) }))
  const unused = targetRules.findIndex((_rule, index) => targeted.every(({ rule }) => rule !== index))
  if (unused >= 0)
    throw new DomainError('CAMPAIGN_TARGET_UNMATCHED', { rule: unused + 1 }, [`/targetRules/${unused}`])
  const without = targeted.filter(({ rule }) => rule < 0).map(({ cluster }) => cluster.name)
  if (target === undefined && unmatched === 'reject' && without.length > 0)
    throw new DomainError('CAMPAIGN_TARGET_MISSING', { clusters: without }, ['/targetRules'])
  return targeted
    .filter(({ rule }) => rule >= 0 || target !== undefined)
    .map(({ cluster, rule }) => ({ cluster, rule: rule < 0 ? null : rule }))
}

/** The data of a cluster in the inventory: its VNet kind and its type key. */
export interface KnownCluster {
  vnet: string | null
  type: string
}

/**
 * Throws for a target that the support matrix allows for none of its clusters. If the data of a cluster is incomplete,
 * it could allow the target, so the plan decides.
 */
export function assertTargetsFit(
  targeted: readonly TargetedCluster[],
  { target, targetRules = [] }: CampaignRequest,
  known: ReadonlyMap<string, KnownCluster>,
): void {
  const choices = [
    { rule: null, target },
    ...targetRules.map((item, rule) => ({ rule, target: item.target })),
  ]
  for (const choice of choices) {
    const members = targeted.filter(({ rule }) => rule === choice.rule)
    if (choice.target === undefined || members.length === 0) continue
    const { outboundType } = choice.target
    const sku = 'natGateway' in choice.target ? choice.target.natGateway?.sku : null
    const to = readOutboundType(outboundType, sku)
    if (to.kind === 'unknown') continue
    const isRuledOut = ({ cluster }: TargetedCluster) => isUnsupported(known.get(clusterKey(cluster)), to.key)
    if (!members.every(isRuledOut)) continue
    const place =
      choice.rule === null ? '/target/outboundType' : `/targetRules/${choice.rule}/target/outboundType`
    throw new DomainError('CAMPAIGN_TARGET_UNSUPPORTED', { target: to.key }, [place])
  }
}

function isUnsupported(cluster: KnownCluster | undefined, to: TypeKey): boolean {
  const vnet = VNET_KINDS.find((kind): kind is VnetKind => kind === cluster?.vnet)
  const from = TYPE_KEYS.find((key) => key === cluster?.type)
  return vnet !== undefined && from !== undefined && supportOf(vnet, from, to, null) === 'unsupported'
}
