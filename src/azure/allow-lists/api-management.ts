import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { type EntryPlace, entryOf, rangeEntry } from './entries.ts'

const FILTER = /<ip-filter\s+([^>]*)>([\s\S]*?)<\/ip-filter>/gi
const MEMBER = /<address>([^<]*)<\/address>|<address-range\s+([^>]*)\/?>/gi

/**
 * The `ip-filter` policies in the policy of a whole API Management service, which is XML in
 * `properties.value`. Addresses that are expressions or named values cannot be told from here.
 */
export function apiManagementEntries([policy]: BodyReader[]): AllowListEntry[] {
  const xml = withoutComments(policy?.at('properties').text('value') ?? '')
  return [...xml.matchAll(FILTER)].flatMap(([, attributes = '', inner = ''], index) =>
    members(inner, {
      place: `/policies/policy/inbound/ip-filter/${index}`,
      rule: 'ip-filter',
      effect: attribute(attributes, 'action')?.toLowerCase() === 'forbid' ? 'deny' : 'allow',
    }),
  )
}

function members(inner: string, where: EntryPlace): AllowListEntry[] {
  return [...inner.matchAll(MEMBER)].flatMap(([, address, range], nth) => {
    const at = { ...where, place: `${where.place}/${nth}` }
    return range === undefined
      ? entryOf(address ?? null, at)
      : rangeEntry(attribute(range, 'from'), attribute(range, 'to'), at)
  })
}

function attribute(attributes: string, name: string): string | null {
  return new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`, 'i').exec(attributes)?.[1] ?? null
}

function withoutComments(xml: string): string {
  return xml.replace(/<!--[\s\S]*?-->/g, '')
}
