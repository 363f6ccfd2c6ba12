import {
  INVENTORY_CHANGES,
  type InventoryChange,
  type InventoryChangeKind,
} from '../../contract/inventory.ts'
import {
  type Block,
  bulletList,
  type Cell,
  type Filter,
  type Inline,
  paragraph,
  pluralize,
  prose,
  type Section,
  tableOf,
} from '../document/document.ts'
import type { MarkName } from '../document/labels.ts'
import { pageToHtml } from '../page/report-page.ts'
import { countOf } from './home-cells.ts'

/** One page of the changes that refreshes found, as the caller sees them. */
export interface ChangeListData {
  changes: readonly InventoryChange[]
  filters: ActiveFilters
  /** The address of the next page. */
  next: string | null
  isSimulated: boolean
}

const PATH = '/v1/clusters/changes'

const KINDS: Record<InventoryChangeKind, { mark: MarkName; word: string }> = {
  appeared: { mark: 'added', word: 'New cluster' },
  disappeared: { mark: 'lost', word: 'Cluster gone' },
  egressChanged: { mark: 'info', word: 'Egress changed' },
  rangesUncovered: { mark: 'warning', word: 'Authorized IP ranges do not cover the egress' },
  rangesCovered: { mark: 'ready', word: 'Authorized IP ranges cover the egress' },
  diverged: { mark: 'warning', word: 'Path differs from the declared type' },
  converged: { mark: 'ready', word: 'Path matches the declared type' },
}

const FIELDS: Omit<Filter, 'kept'>[] = [
  {
    name: 'kind',
    label: 'Kind',
    options: INVENTORY_CHANGES.map((kind): [string, string] => [kind, KINDS[kind].word]),
  },
  {
    name: 'cause',
    label: 'Cause',
    options: [
      ['unexplained', 'no job of this service'],
      ['job', 'a job of this service'],
    ],
  },
  { name: 'changedAfter', label: 'Found after', example: '2026-09-01T00:00:00Z' },
  { name: 'changedBefore', label: 'Found before', example: '2026-09-02T00:00:00Z' },
  { name: 'subscriptionId', label: 'Subscription ID', example: '11111111-1111-…' },
  { name: 'resourceGroup', label: 'Resource group', example: 'rg-demo' },
]

/** The changes of all clusters for a person. */
export function htmlChangeList({ changes, filters, next, isSimulated }: ChangeListData): string {
  return pageToHtml({
    heading: 'Changes of clusters',
    verdict: {
      mark: 'info',
      word: pluralize(changes.length, 'change') + (next === null ? '' : ' on this page'),
      sentence: 'Each refresh of the inventory is compared with the previous refresh.',
    },
    isSimulated,
    identity: [],
    runningTitle: 'Changes of clusters',
    sections: [
      filterSection(PATH, FIELDS, filters),
      {
        id: 'changes',
        title: 'Changes',
        count: changes.length,
        blocks: [
          ...changeTable('Changes, newest first', changes),
          ...(changes.length === 0 ? [paragraph('No change matches.')] : []),
          ...(next === null ? [] : [paragraph({ link: 'Next page', url: next })]),
        ],
      },
    ],
    links: [
      { text: 'Home: all plans and jobs', path: '/' },
      { text: 'All clusters', path: '/v1/clusters' },
    ],
  })
}

/** Changes of the last 24 hours. */
export interface RecentChanges {
  items: readonly InventoryChange[]
  hasMore: boolean
  /** The start of the 24 hours. */
  since: string
}

/** The section of the home page: what changed since yesterday. */
export function changesSection({ items, hasMore, since }: RecentChanges): Section {
  const url = `${PATH}?changedAfter=${encodeURIComponent(since)}`
  return {
    id: 'changes',
    title: 'Changes in the last 24 hours',
    shortTitle: 'Changes',
    ...countOf({ items, hasMore }),
    blocks: [
      ...(items.length === 0
        ? [paragraph('The inventory refreshes of the last 24 hours found no change.')]
        : changeTable('Changes of the last 24 hours, newest first', items)),
      paragraph(
        ...(hasMore
          ? ['The table shows the newest changes: ', { link: 'all changes of the last 24 hours', url }, '. ']
          : []),
        { link: 'All changes', url: PATH },
      ),
    ],
  }
}

function changeTable(caption: string, changes: readonly InventoryChange[]) {
  return tableOf(caption, ['Cluster', 'Found', 'Change', 'Cause'], changes.map(rowOf))
}

function rowOf({ at, kind, message, jobId, before, after }: InventoryChange): Cell[] {
  const cluster = after ?? before
  const { subscriptionId = '', resourceGroup = '', name = '–' } = cluster ?? {}
  const path = [subscriptionId, resourceGroup, name].map(encodeURIComponent).join('/')
  const cause =
    jobId === null || jobId === undefined
      ? kind === 'egressChanged' || kind === 'diverged' || kind === 'rangesUncovered'
        ? 'No job of this service explains this change.'
        : '–'
      : [{ link: 'Job', url: `/v1/jobs/${jobId}` }]
  return [
    {
      lines: [[{ link: name, url: `/v1/clusters/${path}/history` }], [{ code: resourceGroup }]],
    },
    [{ time: at }],
    { lines: [[KINDS[kind]], prose(message)] },
    cause,
  ]
}

/** The filters of the request: each parameter with its value. */
export type ActiveFilters = readonly (readonly [name: string, value: string])[]

/** The active filters, and forms that add another filter to the address of the list. */
export function filterSection(
  path: string,
  fields: readonly Omit<Filter, 'kept'>[],
  active: ActiveFilters,
  title = 'Filter',
): Section {
  const filters = fields.map((field) => ({
    ...field,
    kept: active
      .filter(([name]) => name !== field.name)
      .map(([name, value]): [string, string] => [name, value]),
  }))
  return {
    id: 'filters',
    title: 'Filters',
    blocks: [
      ...activeFilters(path, fields, active),
      { kind: 'fold', title: [title], blocks: [{ kind: 'filters', action: path, filters }] },
    ],
  }
}

/** Each filter with a link to the list without it. */
function activeFilters(
  path: string,
  fields: readonly Omit<Filter, 'kept'>[],
  active: ActiveFilters,
): Block[] {
  if (active.length === 0) return []
  return [
    bulletList(
      active.map((filter): Inline[] => {
        const [name, value] = filter
        const others = new URLSearchParams(
          active.flatMap((other): [string, string][] => (other === filter ? [] : [[other[0], other[1]]])),
        )
        return [
          `${fields.find((field) => field.name === name)?.label ?? name}: `,
          { code: value },
          ' ',
          { link: 'remove', url: others.size === 0 ? path : `${path}?${others}` },
        ]
      }),
    ),
  ]
}
