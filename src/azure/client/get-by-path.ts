import type { ResourceReading } from '../arm.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import type { ArmResponse } from '../errors/arm-response.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { READ_API_VERSION } from './api-versions.ts'
import { type ArmCall, currentCall, responseOf, responsesOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { BodyReader, MAX_LIST_PAGES, pageItems } from './body-reader.ts'
import { assertSafeSegments, buildResourcePath } from './resource-path.ts'

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
): Promise<ArmResponse> {
  const answers = await responsesOf(call, () => sendGet(clients, path, query))
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
  const pages = await responsesOf(call, async () => {
    await sendGet(clients, path, query)
    for (let pages = 1; ; pages++) {
      const next = currentCall().answers.at(-1)?.body?.nextLink
      if (next === undefined || next === null || next === '') return
      if (typeof next !== 'string') throw faultOfBody('nextLink is not a string')
      if (pages > MAX_LIST_PAGES) throw faultOfBody(`a list has more than ${MAX_LIST_PAGES} pages`)
      await clients.anyPath().pathUnchecked(next).get()
    }
  })
  return pageItems(pages)
}

async function sendGet(clients: ArmClients, path: string, query: PathQuery): Promise<void> {
  assertSafeSegments(...path.split('/').slice(1))
  const { apiVersion, filter } = query
  const queryParameters = {
    'api-version': apiVersion,
    ...(filter === undefined ? {} : { $filter: filter }),
  }
  // Encoded, a brace in a name is not taken for one of the SDK's own placeholders.
  await clients.anyPath().pathUnchecked(encodeURI(path)).get({ queryParameters })
}

/** More than any list below one resource has; a next link that leads in a circle ends here. */
const MAX_CHILD_PAGES = 50

/**
 * GET of what lies below a resource, whatever its type: the items of a list, page by page, or the one body
 * where it is no list.
 */
export async function readChildren(
  clients: ArmClients,
  call: ArmCall,
  at: { id: string; path: string; apiVersion: string },
): Promise<BodyReader[]> {
  const client = clients.resourceGraph()
  const get = (path: string, apiVersion?: string): Promise<ArmResponse> =>
    responseOf(call, async () =>
      client
        .pathUnchecked(path)
        .get(apiVersion === undefined ? {} : { queryParameters: { 'api-version': apiVersion } }),
    )
  const pages = [await get(buildChildPath(at.id, at.path), at.apiVersion)]
  const first = new BodyReader(pages[0]?.body ?? undefined)
  if (!first.has('value')) return [first]
  for (let next = first.string('nextLink'); next; ) {
    if (pages.length === MAX_CHILD_PAGES) throw faultOfBody(`a list has more than ${MAX_CHILD_PAGES} pages`)
    const page = await get(next)
    pages.push(page)
    next = new BodyReader(page.body ?? undefined).string('nextLink')
  }
  return pageItems(pages)
}

function buildChildPath(id: string, path: string): string {
  const segments = `${id}/${path}`.split('/').slice(1)
  if (!id.startsWith('/subscriptions/'))
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is no resource id: ${id}`,
    })
  assertSafeSegments(...segments)
  return `/${segments.map(encodeURIComponent).join('/')}`
}

/** One GET of any resource by its id, through the pipeline that all requests take. */
export async function readResource(
  clients: ArmClients,
  call: ArmCall,
  id: string,
  apiVersion: string,
): Promise<ResourceReading> {
  const { subscriptionId, path } = buildResourcePath(id, apiVersion)
  const client = clients.containerService(subscriptionId, READ_API_VERSION)
  const { body } = await responseOf(call, async () => client.pathUnchecked(`${clients.origin}${path}`).get())
  if (body === null) throw faultOfBody('it is empty')
  return { body, etag: new BodyReader(body).string('etag') }
}
