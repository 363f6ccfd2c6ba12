/**
 * A pure function of an object that is asked about more than once, worked out once for each; nothing is kept of
 * objects that are gone.
 */
export function memoize<A extends object, R>(make: (of: A) => R): (of: A) => R {
  const made = new WeakMap<A, R>()
  return (of) => {
    const known = made.get(of)
    if (known !== undefined) return known
    const fresh = make(of)
    made.set(of, fresh)
    return fresh
  }
}
