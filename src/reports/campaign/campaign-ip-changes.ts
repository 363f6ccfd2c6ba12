import type { CampaignIpChanges } from '../../contract/campaign.ts'
import { csvCell } from '../plan/ip-changes.ts'

const COLUMNS = ['change', 'cidr', 'address', 'family', 'advice', 'members', 'campaignId'] as const

/** The merged address changes as CSV (RFC 4180), safe in a spreadsheet. Every row names the campaign. */
export function campaignIpChangesCsv({ campaignId, items }: CampaignIpChanges): string {
  const rows = items.map((item) => COLUMNS.map((column) => String({ ...item, campaignId }[column])))
  return [[...COLUMNS], ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}
