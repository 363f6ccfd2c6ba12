import type { AllowListsPlan } from '../../contract/allow-lists.ts'
import { type Block, listBelow, paragraph, pluralize, type Text } from '../document/document.ts'

/** What the search of allow lists covered, and the parts that a person must check. */
export function coverageOf({ coverage: { searched, complete, unread } }: AllowListsPlan): Block[] {
  const count = searched.reduce((sum, { resources }) => sum + resources, 0)
  const types = pluralize(searched.length, 'resource type')
  const summary = `The search covered ${pluralize(count, 'resource')} of ${types} that the identity of this service can read.`
  const distinct = [...new Map(unread.map((part) => [part.what, part])).values()]
  const items = distinct.slice(0, 10).map(({ what, message }): Text => [{ code: what }, `: ${message}`])
  const more = distinct.length - items.length
  const rest: Text = [`and ${more} more: see `, { code: 'allowLists.coverage' }, ' in the plan']
  const lead = 'The search was incomplete: these parts of allow lists were not searched. Check them manually:'
  const isUnlisted = !complete && items.length === 0
  return [
    paragraph(summary, ...(isUnlisted ? [' The search was incomplete.'] : [])),
    ...listBelow(lead, more === 0 ? items : [...items, rest]),
  ]
}
