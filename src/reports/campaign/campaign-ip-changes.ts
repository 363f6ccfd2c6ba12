import type { CampaignIpChanges } from '../../contract/campaign.ts'
import { csvCell } from '../plan/ip-changes.ts'

const COLUMNS = [
  'change',
  'cidr',
  'address',
  'family',
  'advice',
  'members',
  'campaignId',
  'newForMembers',
  'newFor',
] as const

/** The merged address changes as CSV (RFC 4180), safe in a spreadsheet. Every row names the campaign. */
export function campaignIpChangesCsv({ campaignId, items }: CampaignIpChanges): string {
  const rows = items.map(({ newFor, ...item }) => {
    const values = {
      ...item,
      campaignId,
      newForMembers: newFor?.count ?? 0,
      newFor: newFor?.clusterIds.join(' ') ?? '',
    }
    return COLUMNS.map((column) => String(values[column]))
  })
  return [[...COLUMNS], ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}
