import { resources } from '@azure/arm-resourcegraph/api'
import { type ArmCall, answerOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'

/** The most that Resource Graph puts on a page (rulebook 12). */
const ROWS_PER_PAGE = 1_000
/** Pages come one after the other, and each is one of some 15 queries that a principal has in five seconds. */
const MAX_PAGES = 20

export interface GraphRows {
  rows: BodyReader[]
  /** How many rows match, however many were fetched. */
  total: number
}

/**
 * All rows of a query, up to 20,000, over every subscription that the caller may read. A query is a POST that
 * changes nothing, so it is retried like a GET. Rejects with an `ArmFault`.
 */
export async function queryResourceGraph(
  clients: ArmClients,
  call: ArmCall,
  query: string,
): Promise<GraphRows> {
  const client = clients.resourceGraph()
  const rows: BodyReader[] = []
  let skipToken: string | undefined
  for (let page = 1; ; page++) {
    const options = { resultFormat: 'objectArray' as const, top: ROWS_PER_PAGE, skipToken }
    const { body } = await answerOf({ ...call, isQuery: true }, () => resources(client, { query, options }))
    const answer = new BodyReader(body)
    if (!answer.has('data')) throw faultOfBody('an answer of Resource Graph has no data')
    for (const row of answer.list('data')) rows.push(row)
    skipToken = answer.text('$skipToken') ?? undefined
    if (skipToken === undefined || page === MAX_PAGES)
      return { rows, total: Math.max(rows.length, answer.number('totalRecords') ?? 0) }
  }
}
