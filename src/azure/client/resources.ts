import type { ResourceReading } from '../arm.ts'
import type { ArmResponse } from '../errors/arm-response.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { type ArmCall, responseOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { BodyReader, MAX_LIST_PAGES, pageItems } from './body-reader.ts'
import { toPath } from './resource-path.ts'

/*
 * Resources are read and written by path, not through an SDK package for each provider: this service does not use the
 * models of such a package, and each package would need its own client and wiring. Only operations of AKS itself go
 * through its SDK (reads/read-cluster.ts).
 */

export interface Query {
  apiVersion: string
  /** OData. */
  filter?: string
}

export interface RequestOptions {
  headers?: Record<string, string>
  body?: object
}

/** One request to a URL, or to a path and query, which are sent character by character. */
export function send(
  clients: ArmClients,
  call: ArmCall,
  method: 'get' | 'put' | 'post' | 'delete',
  url: string,
  options: RequestOptions = {},
): Promise<ArmResponse> {
  // The SDK sends an absolute URL as it is, and would parse and rebuild a path.
  const target = url.startsWith('/') ? `${clients.origin}${url}` : url
  return responseOf(call, async () => (await clients.anyPath()).pathUnchecked(target)[method](options))
}

/** One GET of any resource. Rejects with an `ArmFault`, also for a path that is invalid. */
export async function getResource(
  clients: ArmClients,
  call: ArmCall,
  path: string,
  query: Query,
): Promise<ResourceReading> {
  const { body } = await send(clients, call, 'get', toUrl(path, query))
  if (body === null) throw faultOfBody('it is empty')
  return { body, etag: new BodyReader(body).string('etag') }
}

/** The items of a list, from all its pages. Rejects with an `ArmFault`, also for a path that is invalid. */
export async function listResources(
  clients: ArmClients,
  call: ArmCall,
  path: string,
  query: Query,
): Promise<BodyReader[]> {
  return pageItems(await getPages(clients, call, toUrl(path, query), MAX_LIST_PAGES))
}

/** More than any list below one resource has; a next link that leads in a circle ends here. */
const MAX_CHILD_PAGES = 50

/** As `listResources`, or the one body where the path is not that of a list. */
export async function listOrGet(
  clients: ArmClients,
  call: ArmCall,
  path: string,
  query: Query,
): Promise<BodyReader[]> {
  const pages = await getPages(clients, call, toUrl(path, query), MAX_CHILD_PAGES)
  const first = new BodyReader(pages[0]?.body ?? undefined)
  return first.has('value') ? pageItems(pages) : [first]
}

async function getPages(
  clients: ArmClients,
  call: ArmCall,
  url: string,
  maxPages: number,
): Promise<ArmResponse[]> {
  const pages: ArmResponse[] = []
  for (let next: string | null = url; next; ) {
    if (pages.length === maxPages) throw faultOfBody(`a list has more than ${maxPages} pages`)
    const page = await send(clients, call, 'get', next)
    pages.push(page)
    const body = new BodyReader(page.body ?? undefined)
    next = body.has('value') ? body.string('nextLink') : null
  }
  return pages
}

/** Path and query. Rejects a path whose names would change it. */
export function toUrl(path: string, { apiVersion, filter }: Query): string {
  const parameters = { 'api-version': apiVersion, ...(filter === undefined ? {} : { $filter: filter }) }
  const query = Object.entries(parameters).map((pair) => pair.map(encodeURIComponent).join('='))
  return `${toPath(path)}?${query.join('&')}`
}
