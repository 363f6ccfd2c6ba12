import type { Observed } from '../../core/job/events.ts'
import { readOutboundType } from '../../core/outbound-type.ts'
import type { ClusterFacts } from '../../core/snapshot.ts'

/** What a reading of the cluster says for the job's result. */
export function observedOf(cluster: ClusterFacts): Observed {
  const type = readOutboundType(cluster.outboundType, cluster.natGatewayProfile?.sku)
  return {
    outboundType: type.kind === 'known' ? type.outboundType : type.raw,
    natGatewaySku: type.kind === 'known' ? type.sku : null,
    authorizedIPRanges: cluster.authorizedIPRanges,
  }
}
