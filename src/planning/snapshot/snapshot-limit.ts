import pLimit, { type LimitFunction } from 'p-limit'
import { idKey } from '../../core/arm/resource-id.ts'

/** Snapshots that are taken at the same time. Those of one subscription share their lists, so this limits the memory. */
const MAX_SNAPSHOTS = 64
/** And those of one subscription: if Azure is slow there, snapshots of other subscriptions are taken all the same. */
const MAX_OF_SUBSCRIPTION = 16

/** Limits how many snapshots are taken at the same time. The snapshots of one subscription wait for each other first. */
export class SnapshotLimit {
  readonly #all = pLimit(MAX_SNAPSHOTS)
  readonly #subscriptions = new Map<string, LimitFunction>()

  /** Rejects without taking the snapshot if its caller no longer waits when its turn comes. */
  async run<T>(
    subscriptionId: string,
    isWanted: (() => boolean) | undefined,
    take: () => Promise<T>,
  ): Promise<T> {
    const key = idKey(subscriptionId)
    const own = this.#subscriptions.get(key) ?? pLimit(MAX_OF_SUBSCRIPTION)
    this.#subscriptions.set(key, own)
    const takeIfWanted = () => {
      if (isWanted?.() === false) throw new Error('no caller waits for this snapshot')
      return take()
    }
    try {
      return await own(() => this.#all(takeIfWanted))
    } finally {
      if (own.activeCount + own.pendingCount === 0) this.#subscriptions.delete(key)
    }
  }
}
