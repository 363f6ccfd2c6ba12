/** `a`, `a and b`, `a, b and c`. */
export function listed(items: string[]): string {
  if (items.length <= 1) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** A text of a caller, or null if it contains nothing to show. */
export function textOrNull(text: string | null | undefined): string | null {
  return text?.trim() ? text : null
}

/** ``the subnet `nodes` ``, ``the subnets `nodes` and `pods` ``. */
export function named(noun: string, names: string[]): string {
  return `the ${listedAs(noun, names)}`
}

/** `` `a`, `b` and `c` ``: names of resources, fields, and values, as code. */
export function listedCode(items: string[]): string {
  return listed(items.map((item) => `\`${item}\``))
}

/** ``subnet `a` ``, ``subnets `a` and `b` ``, ``addresses `a` and `b` ``. */
export function listedAs(kind: string, names: string[]): string {
  return `${kind}${agree(names, '', /[sx]$/.test(kind) ? 'es' : 's')} ${listedCode(names)}`
}

/** The word that agrees with the number of items: `agree(pools, 'has', 'have')`. */
export function agree(items: readonly unknown[], one: string, many: string): string {
  return items.length === 1 ? one : many
}

/** All items, or the first `shown` items and the number of the others if there are more than `limit`. */
export function listedUpTo(limit: number, items: string[], shown = limit): string {
  if (items.length <= limit) return listed(items)
  return `${items.slice(0, shown).join(', ')} and ${items.length - shown} more`
}

/** `"Attach the gateway" and "Write the route"`: titles as one reads them among other words. */
export function quoted(titles: string[]): string {
  return listed(titles.map((title) => `"${title}"`))
}

/** ``subnet `nodes` (pool `system`)``; the system nodes of AKS Automatic belong to no pool of the user's. */
export function subnetWithPools({ id, pools }: { id: string; pools: string[] }): string {
  const name = `subnet \`${id.split('/').at(-1)}\``
  return pools.length === 0 ? name : `${name} (${listedAs('pool', pools)})`
}

/** A text from outside, such as an error of Azure, as a sentence among others. */
export function asSentence(text: string): string {
  const trimmed = text.trim()
  return trimmed === '' || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
