import type { Arm, CallOptions, NetworkFactsByKind, NetworkKind } from '../arm.ts'

interface CoalescedList {
  running: Promise<unknown>
  /** One more that begins when the running one has ended, for all who ask meanwhile. */
  next: Promise<unknown> | null
}

/**
 * The same Arm, with network lists shared: of one kind and subscription one is read at a time, and whoever asks
 * meanwhile shares the next one. A list is never older than the question, so freshness checks may share it too; a
 * thousand jobs of one subscription cost a few lists and not thousands (rulebook 12: 250 reads, 25 a second).
 */
export function coalesceLists(arm: Arm): Arm {
  const lists = new Map<string, CoalescedList>()
  const share = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const shared = lists.get(key)
    if (shared !== undefined) {
      shared.next ??= shared.running.then(
        () => begin(key, read),
        () => begin(key, read),
      )
      return shared.next as Promise<T>
    }
    return begin(key, read)
  }
  const begin = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const running = read()
    const entry: CoalescedList = { running, next: null }
    lists.set(key, entry)
    const end = () => {
      if (lists.get(key) === entry && entry.next === null) lists.delete(key)
    }
    running.then(end, end)
    return running
  }
  return {
    ...arm,
    listNetwork<K extends NetworkKind>(kind: K, subscriptionId: string, options?: CallOptions) {
      // Whoever may call it off has a call of its own.
      if (options?.signal !== undefined) return arm.listNetwork(kind, subscriptionId, options)
      const key = `${kind} ${subscriptionId.toLowerCase()}`
      return share<NetworkFactsByKind[K][]>(key, () => arm.listNetwork(kind, subscriptionId))
    },
  }
}
