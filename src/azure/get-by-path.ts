import type { Answer } from './answer.ts'
import { type ArmCall, answersOf, runningCall } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import type { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'
import { itemsOn, MAX_PAGES } from './paged-list.ts'
import { checkSegments } from './path-segments.ts'

/*
 * The provider Microsoft.Authorization is read by path and not through the packages made for it
 * (@azure/arm-authorization, arm-locks, arm-policy). Of each a handful of GETs would be used, whose models this
 * service throws away anyhow (pipeline-policies.ts); three more clients for them would each need the same
 * wiring, and the scope, which may be anything from a management group to a subnet, is a path there too.
 */

export interface PathQuery {
  apiVersion: string
  /** OData. */
  filter?: string
}

/** One GET of anything in Resource Manager; rejects with an `ArmFault` only, also for a path that is none. */
export async function getByPath(
  clients: ArmClients,
  call: ArmCall,
  path: string,
  query: PathQuery,
): Promise<Answer> {
  const answers = await answersOf(call, () => send(clients, path, query))
  const answer = answers.at(-1)
  if (answer?.body === undefined || answer.body === null) throw faultOfBody('it is empty')
  return answer
}

/** The items of a list, page by page to the last one. */
export async function listByPath(
  clients: ArmClients,
  call: ArmCall,
  path: string,
  query: PathQuery,
): Promise<BodyReader[]> {
  const pages = await answersOf(call, async () => {
    await send(clients, path, query)
    for (let pages = 1; ; pages++) {
      const next = runningCall().answers.at(-1)?.body?.nextLink
      if (next === undefined || next === null || next === '') return
      if (typeof next !== 'string') throw faultOfBody('nextLink is not a string')
      if (pages > MAX_PAGES) throw faultOfBody(`a list has more than ${MAX_PAGES} pages`)
      await clients.anyPath().pathUnchecked(next).get()
    }
  })
  return itemsOn(pages)
}

async function send(clients: ArmClients, path: string, query: PathQuery): Promise<void> {
  checkSegments(...path.split('/').slice(1))
  const { apiVersion, filter } = query
  const queryParameters = {
    'api-version': apiVersion,
    ...(filter === undefined ? {} : { $filter: filter }),
  }
  // Encoded, a brace in a name is not taken for one of the SDK's own placeholders.
  await clients.anyPath().pathUnchecked(encodeURI(path)).get({ queryParameters })
}
