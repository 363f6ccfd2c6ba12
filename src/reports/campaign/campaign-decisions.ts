import type { Campaign } from '../../contract/campaign.ts'
import { bulletList, type Inline, paragraph, pluralize, type Section } from '../document/document.ts'
import { awaitedAction, waitingOf, waitText } from '../overview/home-campaigns.ts'

/** What a person must do now, with the request that does it. */
export function decisionsSection(campaign: Campaign): Section[] {
  const items = [...ofCampaign(campaign), ...ofMembers(campaign)]
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

function ofMembers(campaign: Campaign): Inline[][] {
  const open = campaign.members.NeedsDecision
  const held = waitingOf(campaign, 'HELD')
  const unapproved = waitingOf(campaign, 'APPROVAL_MISSING')
  const expired = waitingOf(campaign, 'APPROVAL_EXPIRED')
  const renewal = { action: 'retry', membersWhere: { waitsFor: 'APPROVAL_EXPIRED' } }
  const items: (Inline[] | null)[] = [
    open === 0
      ? null
      : [
          `${pluralize(open, 'member')} ${open === 1 ? 'needs' : 'need'} a decision: send `,
          { code: 'accept' },
          ', ',
          { code: 'retry' },
          ' or ',
          { code: 'skip' },
          ' with the ID of the member.',
        ],
    held === 0
      ? null
      : [
          `${pluralize(held, 'member')} ${held === 1 ? 'is' : 'are'} held before the cutover: send `,
          { code: JSON.stringify({ action: 'release' }) },
          ' to release all of them, or add ',
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
          `The approval of ${pluralize(expired, 'member')} has expired. The service requests it again 24 h before their wave can start. Send `,
          { code: JSON.stringify(renewal) },
          ' to request it now.',
        ],
  ]
  return items.flatMap((item) => (item === null ? [] : [item]))
}
