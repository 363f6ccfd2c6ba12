/**
 * Shares one read among all simultaneous calls with the same key. Thousands of clients that wait for one job cost one
 * query when it changes. The read starts after all pending calls have been made, and later calls start another one.
 * So no result is older than its call.
 */
export function singleFlight<T>(): (key: string, read: () => Promise<T>) => Promise<T> {
  const pending = new Map<string, Promise<T>>()
  return (key, read) => {
    const shared = pending.get(key)
    if (shared !== undefined) return shared
    const flight = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      pending.delete(key)
      return read()
    })
    pending.set(key, flight)
    return flight
  }
}

/**
 * The result of `work`, or a rejection with `makeError()` when there is none after `limitMs` milliseconds. The work
 * itself is not stopped.
 */
export async function withTimeout<T>(
  work: Promise<T>,
  limitMs: number,
  makeError: () => Error = () => new DOMException(`no result within ${limitMs} ms`, 'TimeoutError'),
): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(makeError()), limitMs)
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
