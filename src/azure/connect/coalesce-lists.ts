import type { Arm, CallOptions, NetworkFactsByKind, NetworkKind } from '../arm.ts'

interface CoalescedList {
  running: Promise<unknown>
  /** Starts when the current read has ended, for all callers that arrived in the meantime. */
  next: Promise<unknown> | null
}

/**
 * The same `Arm` with shared network lists. Only one list of each kind and subscription is read at a time, and calls
 * that arrive in the meantime share the next read. A list is never older than its call, so staleness checks can also
 * share it. A thousand jobs of one subscription then need a few lists, not thousands. ARM allows a burst of 250 reads,
 * then 25 per second.
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
      // A call that can be aborted is not shared.
      if (options?.signal !== undefined) return arm.listNetwork(kind, subscriptionId, options)
      const key = `${kind} ${subscriptionId.toLowerCase()}`
      return share<NetworkFactsByKind[K][]>(key, () => arm.listNetwork(kind, subscriptionId))
    },
  }
}
