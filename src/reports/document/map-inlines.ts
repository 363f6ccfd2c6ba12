/** An object with members whose types this function cannot know. */
type Members = Record<string, unknown>

/** A part of a page with changed inlines. Inlines occur at many places of a section, so this searches all its values. */
export function mapInlines<T>(value: T, change: (value: Members) => Members | null): T {
  if (Array.isArray(value)) return value.map((item) => mapInlines(item, change)) as T
  if (typeof value !== 'object' || value === null) return value
  const changed = change(value as Members)
  if (changed !== null) return changed as T
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, mapInlines(member, change)]),
  ) as T
}
