import t from 'tap'
import type { MemberCounts } from '../../src/contract/campaign.ts'
import { MEMBER_STATUSES } from '../../src/contract/campaign-requests.ts'
import { parseResourceId } from '../../src/core/arm/resource-id.ts'
import { htmlCampaignList } from '../../src/reports/campaign/campaign-list.ts'
import { htmlCampaignPage } from '../../src/reports/campaign/campaign-page.ts'
import { markdownCampaignReport } from '../../src/reports/campaign/campaign-report.ts'
import { progressBar } from '../../src/reports/diagram/progress-bar.ts'
import { attentionRow, campaignsSection, endedRow } from '../../src/reports/overview/home-campaigns.ts'
import {
  EXAMPLE_CAMPAIGN,
  EXAMPLE_CAMPAIGN_PLANNING,
  EXAMPLE_MEMBER,
} from '../../src/routes/examples/campaigns.ts'

const none = Object.fromEntries(MEMBER_STATUSES.map((status) => [status, 0])) as MemberCounts
const waiting = {
  ...EXAMPLE_MEMBER,
  status: 'NeedsDecision' as const,
  waitsFor: { code: 'PLAN_CHANGED', message: 'The plan of `a` differs.' },
  movedBecause: 'It shares `<gateway>`.',
}
const data = {
  campaign: { ...EXAMPLE_CAMPAIGN, name: '<b>EU</b>', members: { ...none, Succeeded: 1, NeedsDecision: 1 } },
  planning: EXAMPLE_CAMPAIGN_PLANNING,
  members: [
    { status: 'Succeeded' as const, items: [EXAMPLE_MEMBER], hasMore: true },
    { status: 'NeedsDecision' as const, items: [waiting], hasMore: false },
  ],
  isSimulated: false,
  asOf: '2026-09-01T00:00:00.000Z',
}

t.test(
  'the page of a campaign shows what waits, the waves, the members, and the merged changes',
  async (t) => {
    const page = htmlCampaignPage(data, 'script()')
    t.match(page, /1 of 2 members has the target\. Wave 2 waits for the release of its gate\./)
    t.match(page, /releaseGate.*wave.*:2}/, 'the request that continues it')
    t.match(page, /1 member needs a decision/)
    t.match(page, /Wave 1: canary/)
    t.equal(page.match(/class="picture bar"/g)?.length, 2, 'a bar for each wave')
    t.ok(
      page.indexOf('1 waiting for a decision') < page.indexOf('1 succeeded</span>'),
      'decisions come first',
    )
    t.match(page, /PLAN_CHANGED.*<code>a<\/code> differs/)
    t.match(page, `/v1/campaigns/${EXAMPLE_CAMPAIGN.id}/members?status=Succeeded`, 'a link to the others')
    t.match(page, '20.1.2.3')
    t.notMatch(page, 'Left out')
    const waits = [
      { code: 'HELD', members: 2 },
      { code: 'APPROVAL_MISSING', members: 1 },
      { code: 'APPROVAL_EXPIRED', members: 3 },
      { code: 'CLUSTER_LOCKED', members: 4 },
    ]
    const standing = htmlCampaignPage({ ...data, campaign: { ...data.campaign, waiting: waits } }, '')
    t.match(standing, /2 members are held before the cutover: send .*release/)
    t.match(standing, /1 member waits for an approval/)
    t.match(standing, /3 members have an expired approval.*retry/)
    const changedAgainBy = '01990000-0000-7000-8000-0000000000aa'
    const again = htmlCampaignPage(
      {
        ...data,
        campaign: { ...data.campaign, changedAgain: 1 },
        members: [{ status: 'Succeeded', items: [{ ...EXAMPLE_MEMBER, changedAgainBy }], hasMore: false }],
      },
      '',
    )
    t.match(again, /0 of 2 members have the target; later jobs changed 1 member to another outbound type\./)
    t.match(again, new RegExp(`later job <code>${changedAgainBy}</code> changed the cluster`))
    const [canary, rest] = EXAMPLE_CAMPAIGN.waves
    const emptiedBecause = 'All of them share resources.'
    const waves = [{ ...canary, members: none, emptiedBecause }, rest] as typeof EXAMPLE_CAMPAIGN.waves
    const emptied = htmlCampaignPage({ ...data, campaign: { ...data.campaign, waves } }, '')
    t.match(emptied, /Wave 1.*No members: All of them share resources/s)
    const id = EXAMPLE_MEMBER.clusterId
    const skipped = { ...data.campaign, unmatched: { count: 12, clusterIds: Array(12).fill(id) } }
    t.match(
      htmlCampaignPage({ ...data, campaign: skipped }, ''),
      /Left out.*12 clusters without a matching target rule: .* and 2 more/s,
    )
    t.match(page, /pricesAsOf|2026-08-01/, 'cost has its date')
    t.notMatch(page, /<b>EU|<gateway>/, 'text from outside is escaped')
    t.match(page, '<script type="module">script()</script>')
    t.notMatch(page, / style=/, 'the content security policy forbids it')
    const ended = { ...data.campaign, finishedAt: '2026-09-01T01:00:00.000Z', waitsFor: null, members: none }
    const last = htmlCampaignPage({ ...data, campaign: ended, members: [] }, 'script()')
    t.notMatch(last, /<script|id="decisions"/, 'an ended campaign neither refreshes nor waits')
    t.match(page, /Addresses to remove after the change</)
    t.notMatch(last, /Addresses to remove after the change</, 'and asks for nothing later')
    t.match(page, /Members: waiting for a decision.*?Waits for<.*?Members: succeeded.*?Reason</s)
  },
)

t.test(
  'the page of a campaign has one request for all members that lack the same acknowledgement',
  async (t) => {
    const campaign = {
      ...data.campaign,
      members: { ...none, NeedsDecision: 3 },
      waiting: [{ code: 'ACKNOWLEDGEMENT_MISSING', members: 2 }],
    }
    const acknowledgements = [
      { code: 'EGRESS_IP_LOST', members: 2, acknowledged: false },
      { code: 'UDR_FIREWALL_RULES', members: 1, acknowledged: true },
    ]
    const planning = { ...data.planning, acknowledgements }
    const page = htmlCampaignPage({ ...data, campaign, planning }, '')
      .replaceAll('&quot;', '"')
      .replaceAll('<wbr>', '')
    t.match(page, /2 members require acknowledgements that the campaign lacks/)
    t.match(
      page,
      '{"action":"accept","membersWhere":{"waitsFor":"ACKNOWLEDGEMENT_MISSING"},"acknowledge":["EGRESS_IP_LOST"]}',
    )
    t.match(page, /1 other member needs a decision/)
  },
)

t.test('reports name the targets, places and consumers of members, and incomplete reads', async (t) => {
  const targetRules = [{ where: {}, target: { outboundType: 'userAssignedNATGateway' as const } }]
  const campaign = { ...data.campaign, targetRules } as typeof data.campaign
  const member = { ...EXAMPLE_MEMBER, target: { outboundType: 'userAssignedNATGateway' as const } }
  const planning = {
    ...data.planning,
    allowLists: [],
    unread: [{ part: 'allowLists' as const, code: 'ServiceUnavailable', members: 4 }],
    consumers: [
      { name: 'Bank', contact: null, members: 2, add: ['20.9.0.1'], addLater: 1, removeLater: ['20.1.0.1'] },
    ],
  }
  const { subscriptionId = '', resourceGroup = '' } = parseResourceId(member.clusterId) ?? {}
  const other = { ...member, clusterId: member.clusterId.replace(subscriptionId, 'other-subscription') }
  const members = [{ status: 'Succeeded' as const, items: [member, other], hasMore: false }]
  const page = htmlCampaignPage({ ...data, campaign, planning, members }, '')
  const ticket = markdownCampaignReport({ campaign, planning, members: [member, other], isSimulated: false })
  for (const text of [page, ticket]) {
    t.match(text, 'userAssignedNATGateway')
    t.match(text, subscriptionId)
    t.match(text, resourceGroup)
    t.match(text, /Consumers to notify.*Bank.*20\.9\.0\.1.*1 later.*20\.1\.0\.1/s)
    t.match(text, /ServiceUnavailable.*4 members \(allow lists\)/s)
    t.match(text, /Edits may be missing.*No allow list that was read needs a change\./s)
  }
  t.match(page, `Member ID <code>${member.id}</code>`)
})

t.test('lists show which campaigns wait for a person', async (t) => {
  const soaking = {
    ...EXAMPLE_CAMPAIGN,
    waitsFor: { code: 'SOAK', message: 'Wave 2 starts at 2026-09-01T01:00:00.000Z, after the soak time.' },
  }
  t.match(
    htmlCampaignList([soaking], '/v1/campaigns?cursor=a&b', true),
    /No campaign waits.*01:00 UTC.*cursor=a&amp;b/s,
  )
  t.match(htmlCampaignList([EXAMPLE_CAMPAIGN], null, true), /1 campaign to decide about/)
  t.match(htmlCampaignList([], null, true), /No campaign matches/)
  t.match(JSON.stringify(campaignsSection([])), /No campaign is open.*All campaigns/)
  const paused = {
    ...EXAMPLE_CAMPAIGN,
    waitsFor: { code: 'FAILURES', message: 'Wave 1 has 1 failed member.' },
    members: { ...none, NeedsDecision: 43 },
  }
  t.match(JSON.stringify(attentionRow(paused)), /resume.*Decide about 43 members/, 'both things to do')
  const failed = {
    ...EXAMPLE_CAMPAIGN,
    status: 'PartlySucceeded' as const,
    finishedAt: EXAMPLE_CAMPAIGN.createdAt,
  }
  t.match(JSON.stringify(endedRow(failed)), /Partly succeeded.*1 of 2 members has the target/)
})

t.test('a bar has the widths of its counts, and every part is visible', async (t) => {
  const bar = progressBar([
    { word: 'succeeded', count: 4_999, tone: 'good' },
    { word: 'failed', count: 1, tone: 'stop' },
    { word: 'ready', count: 0, tone: 'rest' },
  ])
  const widths = [...bar.matchAll(/ width="([\d.]+)"/g)].map(([, width]) => Number(width))
  t.equal(widths.length, 2)
  t.ok((widths[1] ?? 0) >= 4)
  t.equal(Math.round(widths.reduce((sum, width) => sum + width, 0)), 600)
  t.match(bar, 'aria-label="4999 succeeded, 1 failed"')
})
