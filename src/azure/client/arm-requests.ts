import type { ClusterRef } from '../../contract/cluster.ts'
import { parseResourceId, type ResourceId } from '../../core/arm/resource-id.ts'
import { equalsArm } from '../../core/arm/words.ts'
import type { ResourceReading } from '../arm.ts'
import { type ArmFault, type ArmResponse, invalidResourceId } from '../errors/arm-fault.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import type { AksClient } from './aks-client.ts'
import { READ_API_VERSION } from './api-versions.ts'
import { type ArmCall, currentCall, responseOf, responsesOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { BodyReader } from './body-reader.ts'
import { ListBounds } from './list-bounds.ts'

export interface Query {
  apiVersion: string
  /** The OData filter. */
  filter?: string
  /** Further parameters of the operation, such as `$expand`. */
  parameters?: Record<string, string>
}

export interface SendOptions {
  headers?: Record<string, string>
  body?: object
  /** A POST that changes nothing, so it can be retried like a GET. */
  isQuery?: boolean
}

/** More pages than any list of child resources has. */
const MAX_CHILD_PAGES = 50

/**
 * The requests of one call of `Arm`. Each request rejects with an `ArmFault`, even for an invalid path. Resources are
 * read and written by path, not with an SDK package for each provider. This service does not use the models of these
 * packages, and each package would need a separate client and setup. Only the read operations of AKS use its SDK.
 */
export class ArmRequests {
  /** Scheme, host and port of Resource Manager. */
  readonly origin: string
  readonly #clients: ArmClients
  readonly #call: ArmCall

  constructor(clients: ArmClients, call: ArmCall) {
    this.origin = clients.origin
    this.#clients = clients
    this.#call = call
  }

  /** One request to a URL, or to a path and query. Both are sent unchanged. */
  send(
    method: 'get' | 'put' | 'post' | 'delete',
    url: string,
    { isQuery = false, ...options }: SendOptions = {},
  ): Promise<ArmResponse> {
    // The SDK sends an absolute URL as it is, and would parse and rebuild a path.
    const target = url.startsWith('/') ? `${this.origin}${url}` : url
    return responseOf({ ...this.#call, isQuery }, async () => {
      const { context } = await this.#clients.aks('', READ_API_VERSION)
      return context.pathUnchecked(target)[method](options)
    })
  }

  /** One GET of any resource. */
  async get(path: string, query: Query): Promise<ResourceReading> {
    const { body } = await this.send('get', toUrl(path, query))
    if (body === null) throw faultOfBody('it is empty')
    return { body, etag: new BodyReader(body).string('etag') }
  }

  /** The items of a list, from all its pages. */
  async list(path: string, query: Query): Promise<BodyReader[]> {
    return pageItems(await this.#pages(toUrl(path, query)))
  }

  /** Like `list`, or the single body if the path is not the path of a list. */
  async listOrGet(path: string, query: Query): Promise<BodyReader[]> {
    const pages = await this.#pages(toUrl(path, query), MAX_CHILD_PAGES)
    const first = new BodyReader(pages[0]?.body ?? undefined)
    return first.has('value') ? pageItems(pages) : [first]
  }

  async #pages(path: string, maxPages?: number): Promise<ArmResponse[]> {
    const pages: ArmResponse[] = []
    const bounds = new ListBounds(`${this.origin}${path}`, maxPages)
    for (let next: string | null = path; next !== null; ) {
      const page = await this.send('get', next)
      pages.push(page)
      next = nextLink(page)
      bounds.add(page, countItems(page), next)
    }
    return pages
  }

  /** The responses to an operation of the AKS SDK. */
  async ofCluster(
    ref: ClusterRef,
    apiVersion: string,
    operation: (aks: AksClient) => Promise<unknown>,
  ): Promise<ArmResponse[]> {
    assertSafeSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
    return responsesOf(this.#call, async () =>
      operation(await this.#clients.aks(ref.subscriptionId, apiVersion)),
    )
  }

  /** The items of a list of the AKS SDK, from all its pages. */
  async listOfCluster(
    ref: ClusterRef,
    apiVersion: string,
    list: (aks: AksClient) => { byPage(): AsyncIterableIterator<unknown> },
  ): Promise<BodyReader[]> {
    const pages = await this.ofCluster(ref, apiVersion, async (aks) => {
      const bounds = new ListBounds('')
      for await (const _page of list(aks).byPage()) {
        const page = currentCall().answers.at(-1)
        if (page !== undefined) bounds.add(page, countItems(page), nextLink(page))
      }
    })
    return pageItems(pages)
  }
}

function nextLink({ body }: ArmResponse): string | null {
  const page = new BodyReader(body)
  return (page.has('value') && page.string('nextLink')) || null
}

function countItems({ body }: ArmResponse): number {
  const items = body?.value
  return Array.isArray(items) ? items.length : 0
}

function pageItems(pages: ArmResponse[]): BodyReader[] {
  return pages.flatMap(({ body }) => {
    const page = new BodyReader(body)
    if (!page.has('value')) throw faultOfBody('a page of a list has no items')
    return page.list('value')
  })
}

/** Path and query. Throws if a name in the path would change the path. */
export function toUrl(path: string, { apiVersion, filter, parameters = {} }: Query): string {
  const all = {
    'api-version': apiVersion,
    ...(filter === undefined ? {} : { $filter: filter }),
    ...parameters,
  }
  const query = Object.entries(all).map((pair) => pair.map(encodeURIComponent).join('='))
  return `${toPath(path)}?${query.join('&')}`
}

/**
 * Rejects names that would change the path that contains them: `..`, encoded or not, would be resolved, and the request
 * would reach another resource.
 */
export function assertSafeSegments(...segments: string[]): void {
  const wrong = segments.find((segment) => /^\.*$/.test(segment) || /[/\\?#%\p{Cc}]/u.test(segment))
  if (wrong === undefined) return
  throw invalidResourceId(`This cannot be a part of a resource's id: ${JSON.stringify(wrong.slice(0, 100))}`)
}

/** The path of a request for an ID, with encoded characters. Rejects names that would change the path. */
export function toPath(id: string): string {
  if (!id.startsWith('/')) throw notAnId(id)
  const segments = id.split('/').slice(1)
  assertSafeSegments(...segments)
  return `/${segments.map(encodeURIComponent).join('/')}`
}

/** The path of the resources of a provider in a subscription. Rejects names that would change the path. */
export function subscriptionPath(subscriptionId: string, provider: string, ...names: string[]): string {
  assertSafeSegments(subscriptionId, ...names)
  return ['/subscriptions', subscriptionId, 'providers', provider, ...names].join('/')
}

/** The parts of the id of a resource in a resource group. Throws an `ArmFault` for any other id. */
export function requireResourceId(id: string): ResourceId {
  const parts = parseResourceId(id)
  if (parts === null) throw notAnId(id)
  return parts
}

function notAnId(id: string): ArmFault {
  return invalidResourceId(`This is not the id of a resource: ${id.slice(0, 300)}`)
}

/** The id in the documented spelling of its type, such as `Microsoft.Network/natGateways`. Throws for another type. */
export function toTypedId(id: string, type: string): string {
  const parts = parseResourceId(id)
  if (parts === null || !equalsArm(parts.type, type))
    throw invalidResourceId(`This is not the id of one of ${type}: ${id}`)
  const { subscriptionId, resourceGroup, name } = parts
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`
}
