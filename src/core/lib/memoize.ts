/** A pure function of an object that computes its value once for each object. It keeps no object alive. */
export function memoize<A extends object, R>(compute: (argument: A) => R): (argument: A) => R {
  const values = new WeakMap<A, R>()
  return (argument) => {
    const known = values.get(argument)
    if (known !== undefined) return known
    const value = compute(argument)
    values.set(argument, value)
    return value
  }
}
