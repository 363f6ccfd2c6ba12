import type { Campaign } from '../../contract/campaign.ts'
import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { bulletList, type Inline, paragraph, pluralize, type Section } from '../document/document.ts'
import { awaitedAction, waitingOf, waitText } from '../overview/home-campaigns.ts'

/** What a person must do now, with the request that does it. */
export function decisionsSection(campaign: Campaign, planning: CampaignPlanning): Section[] {
  const items = [...ofCampaign(campaign), ...ofMembers(campaign, planning)]
  if (items.length === 0) return []
  return [
    {
      id: 'decisions',
      title: 'Decisions',
      count: items.length,
      blocks: [
        bulletList(items),
        paragraph('Requests go to ', { code: `POST /v1/campaigns/${campaign.id}/actions` }, '.'),
      ],
    },
  ]
}

function ofCampaign(campaign: Campaign): Inline[][] {
  const { waitsFor, waves } = campaign
  const action = awaitedAction(campaign)
  if (action === null || waitsFor === null) return []
  const closed = waves.find(
    ({ status, gate }) => status === 'Pending' && gate.kind === 'manual' && gate.releasedAt === null,
  )
  const body = action === 'releaseGate' ? { action, wave: closed?.number } : { action }
  return [[...waitText(waitsFor.message), ' Send ', { code: JSON.stringify(body) }, '.']]
}

function ofMembers(campaign: Campaign, planning: CampaignPlanning): Inline[][] {
  const held = waitingOf(campaign, 'HELD')
  const unapproved = waitingOf(campaign, 'APPROVAL_MISSING')
  const expired = waitingOf(campaign, 'APPROVAL_EXPIRED')
  const renewal = { action: 'retry', membersWhere: { waitsFor: 'APPROVAL_EXPIRED' } }
  const items: (Inline[] | null)[] = [
    held === 0
      ? null
      : [
          `${pluralize(held, 'member')} ${held === 1 ? 'is' : 'are'} held before the cutover: send `,
          { code: JSON.stringify({ action: 'release' }) },
          ' to release all of them. To release only some of them, add ',
          { code: 'members' },
          ' or ',
          { code: 'membersWhere' },
          '.',
        ],
    unapproved === 0
      ? null
      : [
          `${pluralize(unapproved, 'member')} ${unapproved === 1 ? 'waits' : 'wait'} for an approval: a second person must approve ${unapproved === 1 ? 'its plan' : 'their plans'}.`,
        ],
    expired === 0
      ? null
      : [
          `${pluralize(expired, 'member')} ${expired === 1 ? 'has' : 'have'} an expired approval. The service requests a new approval 24 h before the wave of the member can start. To request the approval now, send `,
          { code: JSON.stringify(renewal) },
          '.',
        ],
  ]
  return [...toDecide(campaign, planning), ...items.flatMap((item) => (item === null ? [] : [item]))]
}

/** The code of members whose plans require acknowledgements. */
const MISSING = 'ACKNOWLEDGEMENT_MISSING'

/** Members that need a decision: those that need the same acknowledgements have one request. */
function toDecide(campaign: Campaign, { acknowledgements }: CampaignPlanning): Inline[][] {
  const open = campaign.members.NeedsDecision
  if (open === 0) return []
  const missing = waitingOf(campaign, MISSING)
  const acknowledge = acknowledgements.flatMap(({ code, acknowledged }) => (acknowledged ? [] : [code]))
  const body = { action: 'accept', membersWhere: { waitsFor: MISSING }, acknowledge }
  const others = open - missing
  return [
    ...(missing === 0
      ? []
      : [
          [
            `${pluralize(missing, 'member')} ${missing === 1 ? 'requires' : 'require'} acknowledgements that the campaign lacks. Read the plans. To acknowledge the findings for all of these members, send `,
            { code: JSON.stringify(body) },
            '. To exclude members, send ',
            { code: 'skip' },
            ' with their IDs in ',
            { code: 'members' },
            '.',
          ],
        ]),
    ...(others === 0
      ? []
      : [
          [
            `${pluralize(others, missing === 0 ? 'member' : 'other member')} ${others === 1 ? 'needs' : 'need'} a decision: send `,
            { code: 'accept' },
            ', ',
            { code: 'retry' },
            ' or ',
            { code: 'skip' },
            ' with the member IDs in ',
            { code: 'members' },
            ', or with a filter in ',
            { code: 'membersWhere' },
            '.',
          ],
        ]),
  ]
}
