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

/** A pure function of two objects that computes its value once for each pair. It keeps no object alive. */
export function memoizePair<A extends object, B extends object, R>(
  compute: (first: A, second: B) => R,
): (first: A, second: B) => R {
  const bySecond = memoize((first: A) => memoize((second: B) => compute(first, second)))
  return (first, second) => bySecond(first)(second)
}

/** A pure function of a few words that computes its value once for each combination; callers do not change the value. */
export function memoizeWords<W extends (string | null)[], R>(
  compute: (...words: W) => R,
): (...words: W) => R {
  const values = new Map<string, R>()
  return (...words) => {
    const key = words.join(' ')
    const known = values.get(key)
    if (known !== undefined) return known
    const value = compute(...words)
    values.set(key, value)
    return value
  }
}
