/**
 * A value of a request, or a placeholder for a value that is known only when the request is sent. `$take` is a value
 * of an earlier response of the lane. `$now` is a time so many seconds from now. `$key` is an idempotency key of the
 * lane.
 */
export type Template =
  | null
  | boolean
  | number
  | string
  | Template[]
  | { $take: string }
  | { $now: number }
  | { $key: number }
  | { [member: string]: Template }

/** Whether a value is one of the stand-ins. */
export function standIn(value: Template): { name: '$take' | '$now' | '$key'; of: string | number } | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  for (const name of ['$take', '$now', '$key'] as const)
    if (Object.hasOwn(value, name)) return { name, of: (value as Record<string, string | number>)[name] ?? 0 }
  return null
}

/** The value with every stand-in replaced by what `fill` gives for it. */
export function filled(value: Template, fill: (name: string, of: string | number) => unknown): unknown {
  const found = standIn(value)
  if (found !== null) return fill(found.name, found.of)
  if (Array.isArray(value)) return value.map((each) => filled(each, fill))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, each]) => [name, filled(each as Template, fill)])
  return Object.fromEntries(members)
}
