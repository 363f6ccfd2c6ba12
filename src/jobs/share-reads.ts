/**
 * Makes a read that everybody shares who asks for the same at the same moment, so that thousands who wait for one job
 * cost one query when it changes. It starts when all who are awake have asked, and nobody joins one that has started:
 * no answer is older than its question.
 */
export function shareReads<T>(): (key: string, read: () => Promise<T>) => Promise<T> {
  const waiting = new Map<string, Promise<T>>()
  return (key, read) => {
    const joined = waiting.get(key)
    if (joined !== undefined) return joined
    const begun = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      waiting.delete(key)
      return read()
    })
    waiting.set(key, begun)
    return begun
  }
}
