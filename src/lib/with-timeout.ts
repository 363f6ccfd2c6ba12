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
