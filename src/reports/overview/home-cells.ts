import type { InventoryRefresh } from '../../contract/inventory.ts'
import { type Block, type Inline, paragraph, pluralize, type Text } from '../document/document.ts'

/** The start of a list. */
export interface Shown<T> {
  items: readonly T[]
  /** Whether the list has more items. */
  hasMore: boolean
}

/** The number of items for the navigation; nothing if the list has more items than the page shows. */
export function countOf({ items, hasMore }: Shown<unknown>): { count?: number } {
  return hasMore ? {} : { count: items.length }
}

export function more<T>({ hasMore }: Shown<T>, noun: string, url: string): ReturnType<typeof paragraph>[] {
  return hasMore ? [paragraph({ link: `All ${noun} as JSON`, url })] : []
}

/** Identifiers of this service are the only variable parts of a URL. */
export function link(text: string, url: string): Text {
  return [{ link: text, url }]
}

export function time(at: string | null | undefined): Inline[] {
  return at === null || at === undefined ? ['–'] : [{ time: at }]
}

/** States that the rows of the inventory are incomplete or outdated. Empty after a complete refresh. */
export function refreshNotice(refresh: InventoryRefresh | null): Block[] {
  if (refresh === null || (refresh.status !== 'failed' && refresh.status !== 'partial')) return []
  const details: Inline = { link: 'Details', url: '/v1/inventory/refreshes/latest' }
  const at: Inline[] = refresh.endedAt === null ? [] : [' of ', { time: refresh.endedAt }]
  const outcome: Inline[] =
    refresh.status === 'failed'
      ? [' failed. The rows of clusters that it did not read are outdated', ...errorOf(refresh)]
      : [' is incomplete', ...gapsOf(refresh)]
  const label: Inline = { mark: 'warning', word: 'The last refresh of the inventory' }
  return [paragraph(label, ...at, ...outcome, '. ', details)]
}

function errorOf({ result }: InventoryRefresh): Inline[] {
  return result?.error ? [': ', { code: result.error.code }] : []
}

/** The missing parts. Empty for a caller who may see only some of the clusters. */
function gapsOf({ result }: InventoryRefresh): Inline[] {
  if (result === null) return []
  const { unread, unconfirmed } = result
  const places: Inline[] = unread
    .slice(0, MAX_NAMED)
    .flatMap(({ what, code }, index): Inline[] => [
      index === 0 ? ': not read: ' : ', ',
      { code: what },
      ` (${code})`,
    ])
  const rest = unread.length > MAX_NAMED ? [` and ${unread.length - MAX_NAMED} more`] : []
  const unseen =
    unconfirmed === 0
      ? []
      : [`${unread.length === 0 ? ': ' : '; '}${pluralize(unconfirmed, 'cluster')} not confirmed`]
  return [...places, ...rest, ...unseen]
}

const MAX_NAMED = 3
