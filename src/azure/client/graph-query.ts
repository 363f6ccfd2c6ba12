import { faultOfBody } from '../errors/fault-mapping.ts'
import { API_VERSIONS } from './api-versions.ts'
import { type ArmRequests, toUrl } from './arm-requests.ts'
import { BodyReader } from './body-reader.ts'

/** The maximum number of rows on a page of Resource Graph (Learn: paginate-results). */
export const ROWS_PER_PAGE = 1_000

/** One page of a query. */
export interface GraphPage {
  rows: BodyReader[]
  /** The number of matching rows, including rows that were not fetched. */
  total: number
  /** Null on the last page. */
  skipToken: string | null
  /** The size of the decompressed response in bytes. */
  bytes: number
}

/**
 * One page of a query over every subscription that the caller may read. Sort the query: pages of an unsorted result may
 * overlap. A query is a POST that changes nothing, so it can be retried like a GET. Rejects with an `ArmFault`.
 */
export async function queryGraphPage(
  requests: ArmRequests,
  query: string,
  skipToken: string | null,
  top = ROWS_PER_PAGE,
): Promise<GraphPage> {
  const url = toUrl('/providers/Microsoft.ResourceGraph/resources', {
    apiVersion: API_VERSIONS.resourceGraph,
  })
  const options = {
    ...(skipToken === null ? {} : { $skipToken: skipToken }),
    $top: top,
    resultFormat: 'objectArray',
  }
  const response = await requests.send('post', url, { body: { query, options }, isQuery: true })
  const answer = new BodyReader(response.body)
  if (!answer.has('data')) throw faultOfBody('an answer of Resource Graph has no data')
  return {
    rows: answer.list('data'),
    total: answer.number('totalRecords') ?? 0,
    skipToken: answer.string('$skipToken') || null,
    bytes: response.bytes,
  }
}
