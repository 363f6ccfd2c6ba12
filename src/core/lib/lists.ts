/** One item for each key: the last item with the key, at the position of the first. */
export function distinctBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()]
}

/** Whether two lists hold the same items, in any order and number. */
export function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const text = (items: readonly string[]) => [...new Set(items)].sort().join()
  return text(left) === text(right)
}

/** The items for which the test holds, and the others, in their order. */
export function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
