import { NETWORK_KINDS } from '../azure/arm.ts'
import { ArmFault } from '../azure/errors/arm-fault.ts'
import type { Estate } from '../azure/estate/estate.ts'
import type { RefreshResult } from '../contract/inventory.ts'
import type { Unread } from '../contract/preflight.ts'
import { idKey } from '../core/arm/resource-id.ts'
import { EstateNetwork } from '../core/inventory/estate-network.ts'
import type { ClusterFacts } from '../core/snapshot/snapshot.ts'

/** Security groups decide about no path, and are the largest resources. */
const KINDS = NETWORK_KINDS.filter((kind) => kind !== 'networkSecurityGroups')
/** Entries of `unread`; each may be as long as a message of ARM. */
const MAX_UNREAD = 100

/** What a refresh reads: the network of all clusters, and then the clusters page by page. */
export interface EstateReading {
  source: NonNullable<RefreshResult['source']>
  network: EstateNetwork
  pages: AsyncIterable<ClusterFacts[]>
  /** What could not be read of the network of a subscription. */
  unreadOf(subscriptionId: string): Unread[]
}

/** Collects what a refresh could not read. */
export class UnreadParts {
  readonly parts: RefreshResult['unread'] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  add(what: string, { code, message }: { code: string; message: string }): void {
    this.#count++
    if (this.parts.length < MAX_UNREAD) this.parts.push({ what, code, message })
  }
}

/**
 * Reads the network from Resource Graph or, if that is denied, from the providers of each subscription. Rejects with an
 * `ArmFault`. `onProgress` is called after every read, and ends the reading if it throws.
 */
export async function readEstate(
  estate: Estate,
  unread: UnreadParts,
  onProgress: () => void | Promise<void>,
): Promise<EstateReading> {
  try {
    return await fromResourceGraph(estate, unread, onProgress)
  } catch (error) {
    if (!(error instanceof ArmFault) || error.kind !== 'denied') throw error
    unread.add('Azure Resource Graph', error)
    return fromProviders(estate, unread, onProgress)
  }
}

async function fromResourceGraph(
  estate: Estate,
  unread: UnreadParts,
  onProgress: () => void | Promise<void>,
): Promise<EstateReading> {
  const network = new EstateNetwork()
  for (const kind of KINDS)
    for await (const { items, unreadable } of estate.findNetwork(kind)) {
      network.add(kind, items)
      addUnreadable(unread, unreadable)
      await onProgress()
    }
  async function* pages() {
    for await (const { items, unreadable } of estate.findClusters()) {
      addUnreadable(unread, unreadable)
      yield items
      await onProgress()
    }
  }
  return { source: 'resourceGraph', network, pages: pages(), unreadOf: () => [] }
}

function addUnreadable(unread: UnreadParts, ids: string[]): void {
  for (const id of ids)
    unread.add(id, { code: 'BodyNotUnderstood', message: 'The resource has an unexpected form.' })
}

async function fromProviders(
  estate: Estate,
  unread: UnreadParts,
  onProgress: () => void | Promise<void>,
): Promise<EstateReading> {
  const network = new EstateNetwork()
  const failed = new Map<string, Unread[]>()
  const subscriptions = await estate.listSubscriptions()
  for (const id of subscriptions) {
    for (const kind of KINDS) {
      const what = `Microsoft.Network/${kind} of subscription ${id}`
      const items = await orDenied(unread, what, () => estate.listNetwork(kind, id))
      if (items === null) failed.set(idKey(id), [...(failed.get(idKey(id)) ?? []), toDenied(what)])
      else network.add(kind, items)
      await onProgress()
    }
  }
  async function* pages() {
    for (const id of subscriptions) {
      const clusters = await orDenied(unread, `The clusters of subscription ${id}`, () =>
        estate.listClusters(id),
      )
      if (clusters !== null) yield clusters
      await onProgress()
    }
  }
  return {
    source: 'providers',
    network,
    pages: pages(),
    unreadOf: (subscriptionId) => failed.get(idKey(subscriptionId)) ?? [],
  }
}

/** null, with an entry in `unread`, for a subscription that the service may not read: the others are read all the same. */
async function orDenied<T>(unread: UnreadParts, what: string, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ArmFault) || !['denied', 'not-found'].includes(error.kind)) throw error
    unread.add(what, error)
    return null
  }
}

function toDenied(what: string): Unread {
  return {
    what,
    reason: 'denied',
    code: 'AuthorizationFailed',
    message: 'This service has no permission to read the list.',
  }
}
