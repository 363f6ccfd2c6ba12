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
  return `${agree(names, kind, pluralOf(kind))} ${listedCode(names)}`
}

/** `this node pool`, `these node pools`: refers to the items that a text named before. */
export function these(noun: string, items: readonly unknown[]): string {
  return agree(items, `this ${noun}`, `these ${pluralOf(noun)}`)
}

/** `the subnet`, `each of these subnets`: for an action that the reader repeats for every item. */
export function eachOf(noun: string, items: readonly unknown[]): string {
  return agree(items, `the ${noun}`, `each of these ${pluralOf(noun)}`)
}

/** `subnets`, `policies`. */
export function pluralOf(noun: string): string {
  return /y$/.test(noun) && !/[aeiou]y$/.test(noun)
    ? `${noun.slice(0, -1)}ies`
    : `${noun}${/[sx]$/.test(noun) ? 'es' : 's'}`
}

/** `1 node`, `2 nodes`, `0 IPv6 addresses`. */
export function counted(count: number, noun: string): string {
  return `${formatted(count)} ${count === 1 ? noun : pluralOf(noun)}`
}

const NUMBERS = new Intl.NumberFormat('en-US')
const THOUSANDS = /\B(?=(\d{3})+$)/g

/** `64,000`. */
export function formatted(count: number): string {
  // The formatter takes much longer.
  return Number.isSafeInteger(count) ? String(count).replace(THOUSANDS, ',') : NUMBERS.format(count)
}

/** A text as the beginning of a sentence. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
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

/** ``the subnets `nodes` (pool `system`) and `more` ``. */
export function subnetsWithPools(subnets: SubnetWithPools[]): string {
  return `the ${agree(subnets, 'subnet', 'subnets')} ${listed(subnets.map(nameWithPools))}`
}

/** ``subnet `nodes` (pool `system`)``. */
export function subnetWithPools(subnet: SubnetWithPools): string {
  return `subnet ${nameWithPools(subnet)}`
}

/** The system nodes of AKS Automatic belong to no pool of the user's. */
type SubnetWithPools = { id: string; pools: string[] }

function nameWithPools({ id, pools }: SubnetWithPools): string {
  const name = `\`${id.split('/').at(-1)}\``
  return pools.length === 0 ? name : `${name} (${listedAs('pool', pools)})`
}

/** A clause for each value of a key, about the names of all items that have this value. */
export function groupedClauses<T extends Record<N | K, string>, N extends string, K extends string>(
  items: readonly T[],
  nameKey: N,
  groupKey: K,
  clause: (names: string[], value: T[K]) => string,
): string[] {
  const groups = Map.groupBy(items, (item) => item[groupKey])
  return [...groups].map(([value, group]) => clause([...new Set(group.map((item) => item[nameKey]))], value))
}

/** A text from outside, such as an error of Azure, as a sentence among others. */
export function asSentence(text: string): string {
  const trimmed = text.trim()
  return trimmed === '' || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
