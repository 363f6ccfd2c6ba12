import type { PermissionFacts } from '../rights-facts.ts'

/**
 * Whether a role's pattern names an action: without regard to case, and `*` stands for any text, slashes too
 * (Azure RBAC, role definitions: "Actions format").
 */
export function matchesAction(pattern: string, action: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const text = action.toLowerCase()
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  // Between the fixed ends each part is looked for behind the one before it, as early as possible.
  let position = first.length
  for (const part of rest) {
    const found = text.indexOf(part, position)
    if (found < 0) return false
    position = found + part.length
  }
  return text.length - last.length >= position && text.endsWith(last)
}

/** What one role's `notActions` take away is only taken from that role: another one may give it again. */
export function allows(permissions: PermissionFacts[], action: string): boolean {
  const names = (patterns: string[]) => patterns.some((pattern) => matchesAction(pattern, action))
  return permissions.some(({ actions, notActions }) => names(actions) && !names(notActions))
}
