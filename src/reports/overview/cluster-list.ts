import { EFFECTIVE_PATHS } from '../../contract/egress.ts'
import {
  INVENTORY_FLAGS,
  INVENTORY_SORTS,
  type InventoryCluster,
  type InventoryRefresh,
} from '../../contract/inventory.ts'
import { TYPE_KEYS, VNET_KINDS } from '../../contract/outbound-type.ts'
import {
  type Cell,
  codeList,
  type Filter,
  type Inline,
  paragraph,
  pluralize,
  type Text,
  tableOf,
} from '../document/document.ts'
import { CARRIER_LABELS } from '../document/labels.ts'
import { pageToHtml } from '../page/report-page.ts'
import { type ActiveFilters, filterSection } from './change-list.ts'
import { refreshNotice } from './home-cells.ts'
import { FLAG_LABELS } from './home-clusters.ts'

/** One page of the inventory, as the caller sees it. */
export interface ClusterListData {
  clusters: readonly InventoryCluster[]
  /** The number of clusters that the caller may see, without filters. */
  total: number
  /** The filters and the order of the request. */
  filters: ActiveFilters
  /** The address of the next page. */
  next: string | null
  /** The latest refresh that has ended; null before that. */
  refresh: InventoryRefresh | null
  isSimulated: boolean
}

const PATH = '/v1/clusters'
/** Addresses of one row; the comparison shows all of them. */
const MAX_ADDRESSES = 3

const words = (values: readonly string[], labels: Record<string, string> = {}) =>
  values.map((value): [string, string] => [value, labels[value] ?? value])

const FIELDS: Omit<Filter, 'kept'>[] = [
  { name: 'name', label: 'Name', example: 'aks-prod-*' },
  { name: 'flag', label: 'Flag', options: words(INVENTORY_FLAGS, FLAG_LABELS) },
  { name: 'outboundType', label: 'Declared type', options: words(TYPE_KEYS) },
  { name: 'path', label: 'Egress path', options: words(EFFECTIVE_PATHS, CARRIER_LABELS) },
  { name: 'vnet', label: 'VNet', options: words(VNET_KINDS) },
  { name: 'location', label: 'Location', example: 'eastus' },
  { name: 'tag', label: 'Tag', example: 'team=payments' },
  { name: 'address', label: 'Egress address', example: '20.1.2.3' },
  { name: 'subscriptionId', label: 'Subscription ID', example: '11111111-1111-…' },
  { name: 'resourceGroup', label: 'Resource group', example: 'rg-demo' },
  { name: 'sort', label: 'Order', options: words(INVENTORY_SORTS) },
]

/** The inventory for a person: filters, clusters, and links to what each cluster can do. */
export function htmlClusterList(data: ClusterListData): string {
  const { clusters, total, filters, next, refresh, isSimulated } = data
  const count = next === null ? '' : ' on this page'
  const inventory = `The inventory has ${pluralize(total, 'cluster')}.`
  const subscriptions = new Set(clusters.map(({ subscriptionId }) => subscriptionId))
  const oldest = clusters.map(({ asOf }) => asOf).toSorted()[0]
  return pageToHtml({
    heading: 'Clusters',
    verdict: {
      mark: 'info',
      word: pluralize(clusters.length, 'cluster') + count,
      sentence:
        filters.length === 0
          ? `${inventory} No filter applies.`
          : `${inventory} ${pluralize(filters.length, 'filter')} applied.`,
    },
    isSimulated,
    identity: oldest === undefined ? [] : [['Read from Azure', [{ time: oldest }, ' or later']]],
    runningTitle: 'Clusters',
    sections: [
      filterSection(PATH, FIELDS, filters, 'Filter and order'),
      {
        id: 'clusters',
        title: 'Clusters',
        count: clusters.length,
        blocks: [
          ...refreshNotice(refresh),
          ...tableOf(
            'Clusters of the inventory',
            ['Cluster', 'Egress', 'Addresses', 'Flags', 'Plans and jobs'],
            clusters.map((cluster) => rowOf(cluster, subscriptions.size > 1)),
          ),
          ...(clusters.length === 0 ? [paragraph('No cluster matches, or the inventory is empty.')] : []),
          ...(next === null ? [] : [paragraph({ link: 'Next page', url: next })]),
        ],
      },
    ],
    links: [
      { text: 'Home: all plans and jobs', path: '/' },
      { text: 'Changes of clusters', path: '/v1/clusters/changes' },
    ],
  })
}

/** Clusters of one name exist in several subscriptions. */
function rowOf(cluster: InventoryCluster, namesSubscription: boolean): Cell[] {
  const { subscriptionId, resourceGroup, name, location, declared, effective, addresses, flags } = cluster
  const path = [subscriptionId, resourceGroup, name].map(encodeURIComponent).join('/')
  const rest = addresses.length - MAX_ADDRESSES
  return [
    {
      lines: [
        [{ link: name, url: `${PATH}/${path}/comparison` }],
        [{ code: resourceGroup }, ` ${location}`],
        ...(namesSubscription ? [[{ code: subscriptionId }]] : []),
        [
          { link: 'Egress', url: `${PATH}/${path}/egress` },
          ' and ',
          { link: 'history', url: `${PATH}/${path}/history` },
          ' as JSON',
        ],
      ],
    },
    { lines: [[{ code: declared.outboundType }], CARRIER_LABELS[effective]] },
    {
      lines: [
        ...addresses.slice(0, MAX_ADDRESSES).map((address) => codeList([address])),
        ...(rest > 0 ? [`and ${rest} more`] : []),
        ...(addresses.length === 0 ? ['–'] : []),
      ],
    },
    {
      lines:
        flags.length === 0
          ? ['–']
          : flags.map((flag): Text => [{ mark: 'warning', word: FLAG_LABELS[flag] }]),
    },
    { lines: workOf(cluster) },
  ]
}

/** The last plan, the last job, and the campaign that the cluster belongs to. */
function workOf({ lastPlan, lastJob, campaign }: InventoryCluster): Text[] {
  const lines: Inline[][] = [
    ...(campaign === null
      ? []
      : [['Campaign ', { link: campaign.name, url: `/v1/campaigns/${campaign.id}` }] satisfies Inline[]]),
    ...(lastJob === null
      ? []
      : [[{ link: 'Job', url: `/v1/jobs/${lastJob.id}` }, ` ${lastJob.status}`] satisfies Inline[]]),
    ...(lastPlan === null
      ? []
      : [[{ link: 'Plan', url: `/v1/plans/${lastPlan.id}` }, ` ${lastPlan.status}`] satisfies Inline[]]),
  ]
  return lines.length === 0 ? ['–'] : lines
}
