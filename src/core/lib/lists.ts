/** One item for each key: at the place of the first that has the key, the last that has it. */
export function distinctBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()]
}

/** Whether two lists hold the same items, in any order and number. */
export function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const text = (items: readonly string[]) => [...new Set(items)].sort().join()
  return text(left) === text(right)
}
