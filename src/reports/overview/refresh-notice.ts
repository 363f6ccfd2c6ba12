import type { InventoryRefresh } from '../../contract/inventory.ts'
import { type Block, type Inline, paragraph, pluralize } from '../document/document.ts'

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
