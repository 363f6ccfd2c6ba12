import type { ClusterRef } from '../../contract/cluster.ts'
import type { Fault } from '../../contract/problem.ts'
import type { RawRequest } from '../operation.ts'
import { labelFilterErrors } from './request-rules.ts'
import { clusterIdExpected, parseClusterId } from './resource-ids.ts'
import { checkRules, type Rule, rulesOf } from './rules.ts'

/** The same value as the default in the schema, which the validator adds. */
const DEFAULT_PAGE_SIZE = 20
/** Cursors are opaque, but contain only characters that a URL escapes at most once. */
const CURSOR = /^[A-Za-z0-9_.~=-]+$/
/** Only years that every store supports. */
const TIME = /^(19|[2-9]\d)\d{2}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i

/** A parameter that must be a time (RFC 3339). */
export function timeRule(parameter: string): Rule {
  return rulesOf('FORMAT_INVALID')(
    `/${parameter}`,
    `${parameter} must be a time such as 2026-09-01T00:00:00Z.`,
    (time) => typeof time === 'string' && !(TIME.test(time) && !Number.isNaN(Date.parse(time))),
  )
}

const LIST_RULES: readonly Rule[] = [
  rulesOf('RESOURCE_ID_INVALID')(
    '/cluster',
    clusterIdExpected('cluster'),
    (cluster) => typeof cluster === 'string' && parseClusterId(cluster) === null,
  ),
  rulesOf('CURSOR_INVALID')(
    '/cursor',
    'cursor was not issued by this service.',
    (cursor) => typeof cursor === 'string' && !CURSOR.test(cursor),
  ),
  timeRule('createdAfter'),
  timeRule('createdBefore'),
]

/** Checks of a list's query that a schema cannot express. `rules` apply only to this list. */
export function listQueryErrors({ query }: RawRequest, rules: readonly Rule[] = []): Fault[] {
  return [...checkRules('query', [...LIST_RULES, ...rules], query), ...labelFilterErrors(query)]
}

export interface Page {
  limit: number
  cursor: string | null
  cluster?: ClusterRef
}

interface FilterParameters {
  from?: string
  to?: string
  createdBy?: string
  createdAfter?: string
  createdBefore?: string
  label?: string | string[]
  subscriptionId?: string
  resourceGroup?: string
}

/** The filters that lists of plans and lists of jobs share; only those in the query. */
export function toFilters(query: FilterParameters) {
  const { createdAfter, createdBefore, from, to, createdBy, label, subscriptionId, resourceGroup } = query
  const isWithin = subscriptionId !== undefined || resourceGroup !== undefined
  const filters = {
    from,
    to,
    createdBy,
    createdAfter: createdAfter === undefined ? undefined : new Date(createdAfter),
    createdBefore: createdBefore === undefined ? undefined : new Date(createdBefore),
    labels: label === undefined ? undefined : [label].flat(),
    within: isWithin ? { subscriptionId, resourceGroup } : undefined,
  }
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as Partial<
    typeof filters
  >
}

export function toPage(query: { limit?: number; cursor?: string; cluster?: string }): Page {
  const cluster = query.cluster === undefined ? undefined : (parseClusterId(query.cluster) ?? undefined)
  return { limit: query.limit ?? DEFAULT_PAGE_SIZE, cursor: query.cursor ?? null, cluster }
}

/** The URL of the next page of the list that was requested with this URL. */
export function nextPage(url: string, cursor: string): string {
  const [path, query = ''] = url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return `${path}?${parameters}`
}
