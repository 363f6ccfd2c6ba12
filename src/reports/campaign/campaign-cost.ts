import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { listedUpTo } from '../../core/lib/text.ts'
import {
  listBelow,
  paragraph,
  pluralize,
  prose,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'

/** The sums over the members that change, with the resources that several members share. */
export function costSection({ cost: { sums, unknownMembers } }: CampaignPlanning): Section {
  const rows = sums.map(({ currency, members, before, after, difference, pricesAsOf }) => [
    currency,
    String(members),
    amount(before),
    amount(after),
    amount(difference),
    pricesAsOf,
  ])
  const columns = ['Currency', 'Members', 'Before', 'After', 'Difference', 'Oldest price']
  const sources = [...new Set(sums.flatMap(({ priceSources }) => priceSources))]
  const assumptions = [...new Set(sums.flatMap((sum) => sum.assumptions))]
  const unknown = `The cost of ${pluralize(unknownMembers, 'changing member')} is not completely known.`
  return {
    id: 'cost',
    title: 'Monthly cost before and after',
    shortTitle: 'Cost',
    blocks: [
      ...(sums.length === 0
        ? []
        : [
            paragraph(
              `An estimate from list prices, not an invoice. The prices come from ${sources.join('; ')}.`,
            ),
          ]),
      ...tableOf('Monthly cost of the members that change', columns, rows),
      ...(unknownMembers === 0 ? [] : [paragraph(unknown)]),
      ...(sums.length === 0 && unknownMembers === 0 ? [paragraph('No member changes.')] : []),
      ...listBelow(
        'Shared resources, counted once:',
        sums.flatMap(({ shared = [] }) => shared).map(sharedText),
      ),
      ...listBelow('Assumptions:', assumptions.map(prose)),
    ],
  }
}

type Shared = NonNullable<CampaignPlanning['cost']['sums'][number]['shared']>[number]

function sharedText({ resourceId, clusterIds }: Shared): Text {
  return [{ code: lastSegment(resourceId) }, `: ${listedUpTo(20, clusterIds.map(lastSegment))}`]
}

function amount(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
