import type { ClusterRef } from '../core/target.ts'
import { clusterOf, notAClusterId } from './resource-id-faults.ts'
import type { RawRequest } from './route-config.ts'
import type { Fault } from './schemas/problem.ts'

/** As the schema's default, which the validator fills in. */
const USUAL_PAGE = 20
/** Cursors are opaque, but never hold anything that a URL would have to escape more than once. */
const CURSOR = /^[A-Za-z0-9_.~=-]+$/

/** What a schema cannot say of the query of a list. */
export function listQueryFaults({ query }: RawRequest): Fault[] {
  const { cluster, cursor } = query as { cluster?: unknown; cursor?: unknown }
  const faults: Fault[] = []
  if (typeof cluster === 'string' && clusterOf(cluster) === null)
    faults.push({
      in: 'query',
      parameter: 'cluster',
      code: 'RESOURCE_ID_INVALID',
      message: notAClusterId('cluster'),
    })
  if (typeof cursor === 'string' && !CURSOR.test(cursor))
    faults.push({
      in: 'query',
      parameter: 'cursor',
      code: 'CURSOR_INVALID',
      message: 'cursor is not one that this service gave.',
    })
  return faults
}

export interface Page {
  limit: number
  cursor: string | null
  cluster?: ClusterRef
}

export function toPage(query: { limit?: number; cursor?: string; cluster?: string }): Page {
  const cluster = query.cluster === undefined ? undefined : (clusterOf(query.cluster) ?? undefined)
  return { limit: query.limit ?? USUAL_PAGE, cursor: query.cursor ?? null, cluster }
}
