import type { CampaignRequest } from '../../contract/campaign-requests.ts'
import { TYPE_KEYS, type TypeKey, VNET_KINDS, type VnetKind } from '../../contract/outbound-type.ts'
import { clusterKey } from '../access/access-policy.ts'
import { readOutboundType } from '../arm/outbound-type.ts'
import { DomainError } from '../lib/errors.ts'
import { supportOf } from '../support-matrix/transitions.ts'
import type { TargetedCluster } from './assign-targets.ts'

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
