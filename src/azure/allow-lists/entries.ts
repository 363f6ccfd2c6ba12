import { rangeOf } from '../../core/allow-lists/address-range.ts'
import type { AddressBlock, AllowListEntry, RuleEffect } from '../../core/allow-lists/facts.ts'

/** Where an entry stands, and what its rule does; `inForce` is true where it is left out. */
export interface EntryPlace {
  place: string
  rule?: string | null
  effect: RuleEffect
  inForce?: boolean
}

/**
 * The entry that a text is: an address, a CIDR or `a.b.c.d-e.f.g.h`. None for a service tag, a name, `*` or
 * nothing at all.
 */
export function entryOf(text: string | null, where: EntryPlace): AllowListEntry[] {
  const trimmed = text?.trim() ?? ''
  return blockEntry(trimmed, blockOf(trimmed), where)
}

/** The entry of a rule that has its two ends in fields of their own. */
export function rangeEntry(first: string | null, last: string | null, where: EntryPlace): AllowListEntry[] {
  const block = { first: first?.trim() ?? '', last: last?.trim() ?? '' }
  const text = block.first === block.last ? block.first : `${block.first}-${block.last}`
  return blockEntry(text, block, where)
}

/** The entries of a list of texts; each stands at its index below the place. */
export function entriesOf(texts: string[], where: EntryPlace): AllowListEntry[] {
  return texts.flatMap((text, index) => entryOf(text, { ...where, place: `${where.place}/${index}` }))
}

/** `Allow` and `Deny` in any letter case; a rule that says neither admits, as everywhere in ARM. */
export function effectOf(action: string | null): RuleEffect {
  return action === null ? 'allow' : (EFFECTS.get(action.toLowerCase()) ?? 'other')
}

const EFFECTS = new Map<string, RuleEffect>([
  ['allow', 'allow'],
  ['deny', 'deny'],
  ['block', 'deny'],
])

function blockEntry(text: string, block: AddressBlock, where: EntryPlace): AllowListEntry[] {
  if (rangeOf(block) === null) return []
  const { place, rule = null, effect, inForce = true } = where
  return [{ place, rule, text, block, effect, inForce }]
}

function blockOf(text: string): AddressBlock {
  if (!text.includes('-')) return { cidr: text }
  const [first, last, more] = text.split('-')
  if (first === undefined || last === undefined || more !== undefined) return { cidr: text }
  return { first: first.trim(), last: last.trim() }
}
