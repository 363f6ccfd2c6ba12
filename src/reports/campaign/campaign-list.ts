import type { Campaign } from '../../contract/campaign.ts'
import { type Block, paragraph, pluralize } from '../document/document.ts'
import { awaitsDecision, campaignTable } from '../overview/home-campaigns.ts'
import { pageToHtml } from '../page/report-page.ts'

/** A page of campaigns, newest first. `next` is the path of the next page. */
export function htmlCampaignList(
  campaigns: readonly Campaign[],
  next: string | null,
  isSimulated: boolean,
): string {
  const waiting = campaigns.filter(awaitsDecision).length
  const blocks: Block[] = [
    ...campaignTable('Campaigns, newest first', campaigns),
    ...(campaigns.length === 0
      ? [paragraph('No campaign matches. Create one with ', { code: 'POST /v1/campaigns' }, '.')]
      : []),
    ...(next === null ? [] : [paragraph({ link: 'Next page', url: next })]),
  ]
  return pageToHtml({
    heading: 'Campaigns',
    verdict: {
      mark: waiting === 0 ? 'info' : 'acknowledgeFirst',
      word:
        waiting === 0
          ? 'No campaign waits for a decision'
          : `${pluralize(waiting, 'campaign')} to decide about`,
      sentence: `${pluralize(campaigns.length, 'campaign')} on this page.`,
    },
    isSimulated,
    identity: [],
    runningTitle: 'Campaigns',
    sections: [{ id: 'campaigns', title: 'Campaigns', count: campaigns.length, blocks }],
    links: [{ text: 'Home: all plans and jobs', path: '/' }],
  })
}
