import type {
  InventoryCluster,
  InventoryFlag,
  InventoryRefresh,
  InventorySummary,
} from '../../contract/inventory.ts'
import { TYPE_KEYS } from '../../contract/outbound-type.ts'
import { formatted } from '../../core/lib/text.ts'
import {
  type Block,
  bulletList,
  type Cell,
  type Inline,
  paragraph,
  pluralize,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { CARRIER_LABELS } from '../document/labels.ts'
import { refreshNotice } from './home-cells.ts'

/** The number of clusters of the caller, and the clusters to check first. */
export interface HomeClusters {
  summary: InventorySummary
  /** Clusters with the most harmful flags. */
  flagged: InventoryCluster[]
  /** The latest refresh that has ended; null before that. */
  refresh: InventoryRefresh | null
}

/** The flags whose clusters the page lists, the most harmful first. */
export const URGENT_FLAGS = ['rangesUncovered', 'pathDiffers'] as const satisfies InventoryFlag[]

export const FLAG_LABELS: Record<InventoryFlag, string> = {
  rangesUncovered: 'authorized IP ranges do not cover the egress',
  pathDiffers: 'egress path differs from the declared type',
  defaultOutboundAccess: 'default outbound access',
  singleZone: 'egress in one zone',
  pathUncertain: 'egress path uncertain',
  notSucceeded: 'provisioning state not Succeeded',
  stopped: 'stopped',
  basicLoadBalancer: 'Basic load balancer',
  retiringNetworkPlugin: 'network plugin with ending support',
  incomplete: 'not completely read',
}

export function clustersSection({ summary, flagged, refresh }: HomeClusters): Section {
  return {
    id: 'clusters',
    title: 'Clusters',
    count: summary.clusters,
    blocks: [...refreshNotice(refresh), ...inventoryBlocks(summary, flagged)],
  }
}

function inventoryBlocks(
  { clusters, byOutboundType, byFlag, oldestAsOf }: InventorySummary,
  flagged: readonly InventoryCluster[],
): Block[] {
  if (clusters === 0) return [paragraph('The inventory has no clusters yet.')]
  return [
    { kind: 'facts', facts: factsOf(byOutboundType, oldestAsOf) },
    ...flagList(byFlag),
    ...tableOf(
      'Clusters to check first',
      ['Cluster', 'Declared type', 'Egress path', 'Flags'],
      flagged.map(rowOf),
    ),
    paragraph({ link: 'All clusters', url: '/v1/clusters' }),
  ]
}

function factsOf(byOutboundType: Record<string, number>, oldestAsOf: string | null): [string, Text][] {
  const types = Object.entries(byOutboundType).toSorted(([, left], [, right]) => right - left)
  return [
    [
      'By outbound type',
      types.flatMap(([type, count], index): Inline[] => [
        index === 0 ? '' : ', ',
        { code: type },
        ' ',
        typeCount(type, count),
      ]),
    ],
    ...(oldestAsOf === null
      ? []
      : [['Read from Azure', [{ time: oldestAsOf }, ' or later']] as [string, Text]]),
  ]
}

/** The filter accepts only types that the support matrix lists. */
function typeCount(type: string, count: number): Inline {
  const text = formatted(count)
  const isListed = (TYPE_KEYS as readonly string[]).includes(type)
  return isListed ? { link: text, url: `/v1/clusters?outboundType=${type}` } : text
}

function flagList(byFlag: Record<string, number>): Block[] {
  const flags = (Object.keys(FLAG_LABELS) as InventoryFlag[]).filter((flag) => (byFlag[flag] ?? 0) > 0)
  if (flags.length === 0) return [paragraph('No cluster needs attention.')]
  return [
    bulletList(
      flags.map((flag): Inline[] => [
        { link: pluralize(byFlag[flag] ?? 0, 'cluster'), url: `/v1/clusters?flag=${flag}` },
        `: ${FLAG_LABELS[flag]}`,
      ]),
    ),
  ]
}

/** The name links to the comparison of all targets, which shows how to change the current state. */
function rowOf({
  subscriptionId,
  resourceGroup,
  name,
  declared,
  effective,
  flags,
}: InventoryCluster): Cell[] {
  const path = [subscriptionId, resourceGroup, name].map(encodeURIComponent).join('/')
  return [
    { lines: [[{ link: name, url: `/v1/clusters/${path}/comparison` }], [{ code: resourceGroup }]] },
    [{ code: declared.outboundType }],
    CARRIER_LABELS[effective],
    { lines: flags.map((flag): Inline[] => [{ mark: 'warning', word: FLAG_LABELS[flag] }]) },
  ]
}
