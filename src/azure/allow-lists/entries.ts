import type { RuleEffect } from '../../contract/allow-lists.ts'
import { rangeOf } from '../../core/allow-lists/address-range.ts'
import type { AddressBlock, AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'

/** The location of an entry and the effect of its rule. Default of `inForce`: true. */
export interface EntryContext {
  place: string
  rule?: string | null
  effect: RuleEffect
  inForce?: boolean
}

/** The entry in a text: an address, a CIDR or `a.b.c.d-e.f.g.h`. Empty for a service tag, a name, `*` or an empty text. */
export function parseEntry(text: string | null, where: EntryContext): AllowListEntry[] {
  const trimmed = text?.trim() ?? ''
  return toEntry(trimmed, parseBlock(trimmed), where)
}

/** The entry of a rule with separate fields for the first and the last address. */
export function parseRangeEntry(
  first: string | null,
  last: string | null,
  where: EntryContext,
): AllowListEntry[] {
  const block = { first: first?.trim() ?? '', last: last?.trim() ?? '' }
  const text = block.first === block.last ? block.first : `${block.first}-${block.last}`
  return toEntry(text, block, where)
}

/** The entries of a list of texts. The location of each entry is its index. */
export function parseEntries(texts: string[], where: EntryContext): AllowListEntry[] {
  return texts.flatMap((text, index) => parseEntry(text, { ...where, place: `${where.place}/${index}` }))
}

/** The effect of a rule, from its field `Allow`, `Deny` or `Block`. A rule without the field allows, as everywhere in ARM. */
export function toRuleEffect(rule: BodyReader, field: string): RuleEffect {
  if (!rule.has(field) || rule.is(field, 'Allow')) return 'allow'
  return rule.is(field, 'Deny') || rule.is(field, 'Block') ? 'deny' : 'other'
}

function toEntry(text: string, block: AddressBlock, where: EntryContext): AllowListEntry[] {
  if (rangeOf(block) === null) return []
  const { place, rule = null, effect, inForce = true } = where
  return [{ place, rule, text, block, effect, inForce }]
}

function parseBlock(text: string): AddressBlock {
  if (!text.includes('-')) return { cidr: text }
  const [first, last, more] = text.split('-')
  if (first === undefined || last === undefined || more !== undefined) return { cidr: text }
  return { first: first.trim(), last: last.trim() }
}
