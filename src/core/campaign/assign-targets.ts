import type { CampaignRequest, CampaignTargetRule } from '../../contract/campaign-requests.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import { DomainError } from '../lib/errors.ts'
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
