import type { ClusterRef } from '../../contract/cluster.ts'
import type { Fault } from '../../contract/problem.ts'
import type { RawRequest } from './request-validation.ts'
import { clusterIdExpected, parseClusterId } from './resource-ids.ts'

/** As the schema's default, which the validator fills in. */
const DEFAULT_PAGE_SIZE = 20
/** Cursors are opaque, but never hold anything that a URL would have to escape more than once. */
const CURSOR = /^[A-Za-z0-9_.~=-]+$/

/** What a schema cannot say of the query of a list. */
export function listQueryErrors({ query }: RawRequest): Fault[] {
  const { cluster, cursor, createdAfter, createdBefore } = query as Record<string, unknown>
  const faults: Fault[] = []
  if (typeof cluster === 'string' && parseClusterId(cluster) === null)
    faults.push({
      in: 'query',
      parameter: 'cluster',
      code: 'RESOURCE_ID_INVALID',
      message: clusterIdExpected('cluster'),
    })
  if (typeof cursor === 'string' && !CURSOR.test(cursor))
    faults.push({
      in: 'query',
      parameter: 'cursor',
      code: 'CURSOR_INVALID',
      message: 'cursor is not one that this service gave.',
    })
  faults.push(...timeErrors('createdAfter', createdAfter), ...timeErrors('createdBefore', createdBefore))
  return faults
}

/** From years that every store knows. */
const TIME = /^(19|[2-9]\d)\d{2}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i

/** What is wrong with a time of a query; nothing when it was left out. */
export function timeErrors(parameter: string, value: unknown): Fault[] {
  if (typeof value !== 'string') return []
  if (TIME.test(value) && !Number.isNaN(Date.parse(value))) return []
  const message = `${parameter} must be a time such as 2026-09-01T00:00:00Z.`
  return [{ in: 'query', parameter, code: 'FORMAT_INVALID', message }]
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
}

/** The filters that lists of plans and of jobs have alike; only what was given is there. */
export function toFilters({ createdAfter, createdBefore, from, to, createdBy }: FilterParameters) {
  const given = {
    from,
    to,
    createdBy,
    createdAfter: createdAfter === undefined ? undefined : new Date(createdAfter),
    createdBefore: createdBefore === undefined ? undefined : new Date(createdBefore),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<
    typeof given
  >
}

export function toPage(query: { limit?: number; cursor?: string; cluster?: string }): Page {
  const cluster = query.cluster === undefined ? undefined : (parseClusterId(query.cluster) ?? undefined)
  return { limit: query.limit ?? DEFAULT_PAGE_SIZE, cursor: query.cursor ?? null, cluster }
}
