import t from 'tap'
import type { CampaignWaveRequest } from '../../../src/contract/campaign-requests.ts'
import { advance } from '../../../src/core/campaign/advance.ts'
import {
  type CampaignState,
  initialCampaign,
  initialMember,
  type MemberState,
  withSince,
} from '../../../src/core/campaign/campaign-state.ts'
import { applyAction } from '../../../src/core/campaign/commands.ts'
import { withApproval, withHold } from '../../../src/core/campaign/waits.ts'

const START = Date.parse('2026-09-01T00:00:00Z')
const TICK_MS = 60_000
const CONTEXT = { by: 'ada', now: new Date(START), missingCodes: () => [] }

const running = (waves: CampaignWaveRequest[]): CampaignState => ({
  ...initialCampaign(waves),
  status: 'Running',
})
const memberOf = (wave: number, position: number, given: Partial<MemberState>): MemberState => ({
  ...initialMember(`m${position}`, position, wave),
  status: 'Ready',
  ...given,
})

function changed(member: MemberState | null): MemberState {
  if (member === null) throw new Error('the member has not changed')
  return member
}

t.test('a wave that stands still says what its members wait for, once', async (t) => {
  const decision = { code: 'PLAN_CHANGED', message: 'Changed.' }
  const locked = { code: 'CLUSTER_LOCKED', message: 'Locked.' }
  const later = new Date(START + TICK_MS)
  const members = [
    memberOf(0, 0, { status: 'NeedsDecision', waitsFor: decision }),
    memberOf(0, 1, { isPaused: true }),
    memberOf(0, 2, { waitsFor: locked, notBefore: later }),
  ]
  const first = advance(running([{}]), members, new Date(START))
  t.match(first.campaign.waitsFor, {
    code: 'MEMBERS',
    message: 'Wave 1 waits for its members: 1 to be decided, 1 paused, 1 waiting (CLUSTER_LOCKED).',
  })
  t.match(first.events.at(-1), { type: 'waiting' })
  const retried = advance(first.campaign, members, later)
  t.match(retried.members, [{ id: 'm2', status: 'Starting' }])
  t.strictSame(retried.campaign.waitsFor, first.campaign.waitsFor, 'a retry is no news')
  t.notMatch(retried.events, [{ type: 'waiting' }])
  const started = [...members.slice(0, 2), memberOf(0, 2, { status: 'Running' })]
  t.equal(advance(first.campaign, started, later).campaign.waitsFor, null, 'a running member is progress')
})

t.test(
  'a member without an approval does not start, and an expired one is planned again a day before',
  async (t) => {
    const day = 24 * 60 * TICK_MS
    const pending = changed(withApproval(memberOf(0, 0, {}), 'pending'))
    const expired = changed(withApproval(memberOf(0, 1, {}), 'expired'))
    const first = advance(running([{}]), [pending, expired], new Date(START))
    t.match(first.members, [{ id: 'm1', status: 'Planning', waitsFor: null }])
    t.match(advance(running([{}]), [pending], new Date(START)).campaign.waitsFor, {
      message: /1 waiting for an approval/,
    })
    t.match(withApproval(pending, 'given'), { status: 'Ready', waitsFor: null })
    t.equal(withApproval(memberOf(0, 0, {}), null), null, 'a member that needs no approval is left as it is')
    const soak = { ...running([{ soakMinutes: 3 * 1_440 }, {}]) }
    const [canary] = soak.waves
    if (canary === undefined) return t.fail('no wave')
    const finishedAt = new Date(START).toISOString()
    const soaking = {
      ...soak,
      waves: [{ ...canary, status: 'Finished' as const, finishedAt }, ...soak.waves.slice(1)],
    }
    const members = [memberOf(0, 0, { status: 'Succeeded', jobId: 'job' }), { ...expired, wave: 1 }]
    const early = advance(soaking, members, new Date(START))
    t.strictSame([early.members, early.nextCheckAt], [[], new Date(START + 2 * day)])
    t.match(advance(soaking, members, new Date(START + 2 * day)).members, [{ status: 'Planning' }])
    const paused = { ...soaking, status: 'Paused' as const }
    t.strictSame(advance(paused, members, new Date(START + 2 * day)).members, [])
  },
)

t.test('held members are no progress, and a canceled campaign says that it waits for them', async (t) => {
  const member = memberOf(0, 0, { status: 'Running', jobId: 'job' })
  const held = changed(withHold(member, true))
  t.match(advance(running([{}]), [held], new Date(START)).campaign.waitsFor, {
    message: /1 held before the cutover/,
  })
  const next = memberOf(0, 1, {})
  t.match(advance(running([{ maxConcurrent: 1 }]), [held, next], new Date(START)).campaign.waitsFor, {
    message: 'Wave 1 waits for its members: 1 held before the cutover, 1 to start after them.',
  })
  const canceling = applyAction(running([{}]), [held], { action: 'cancel' }, CONTEXT)
  t.strictSame(canceling.members, [], 'it waits for its release all the same')
  const waiting = advance(canceling.campaign, [held], new Date(START))
  t.match(waiting.campaign, { status: 'Canceling', waitsFor: { code: 'MEMBERS', message: /held.*: 1/ } })
  t.strictSame(advance(waiting.campaign, [held], new Date(START)).events, [], 'once')
  const released = applyAction(waiting.campaign, [held], { action: 'release' }, CONTEXT)
  t.match(released.members, [{ status: 'Running', waitsFor: null }])
  t.strictSame(
    applyAction(waiting.campaign, [member], { action: 'release', members: ['m0'] }, CONTEXT).members,
    [],
    'a member that is not held stays as it is',
  )
})

t.test('an action names what it lacks: acknowledgements with their members, and waves', async (t) => {
  const members = [0, 1, 2].map((position) => memberOf(0, position, { status: 'NeedsDecision' }))
  const missingCodes = ({ id }: MemberState) => (id === 'm0' ? [] : ['EGRESS_IP_LOST', `ONLY_${id}`])
  const ids = members.map(({ id }) => id)
  t.throws(
    () =>
      applyAction(running([{}]), members, { action: 'accept', members: ids }, { ...CONTEXT, missingCodes }),
    {
      code: 'ACKNOWLEDGEMENT_MISSING',
      facts: { codes: ['EGRESS_IP_LOST', 'ONLY_m1', 'ONLY_m2'], members: ['m1', 'm2'] },
    },
  )
  const release = (wave: number) => () =>
    applyAction(running([{}]), members, { action: 'releaseGate', wave }, CONTEXT)
  const code = 'CAMPAIGN_ACTION_NOT_POSSIBLE'
  t.throws(release(1), { code, facts: { reason: 'wave 1 has no manual gate' } })
  t.throws(release(9), { code, facts: { reason: 'the campaign has no wave 9' } })
})

t.test('the member of a canceled campaign says that its job continues', async (t) => {
  const member = memberOf(0, 0, { status: 'Running', jobId: 'job' })
  const cancel = (members?: string[]) =>
    applyAction(running([{}]), [member], { action: 'cancel', ...(members && { members }) }, CONTEXT).members
  const waitsFor = { code: 'CANCEL_REQUESTED' }
  t.match(cancel(), [{ waitsFor: { ...waitsFor, message: /job of the member continues/ } }])
  t.match(cancel(['m0']), [{ waitsFor: { ...waitsFor, message: 'ada canceled the member.' } }])
})

t.test('a campaign shows since when it has waited for the same reason', async (t) => {
  const first = new Date('2026-09-01T10:00:00Z')
  const later = new Date('2026-09-01T11:00:00Z')
  const started = initialCampaign([{}])
  const waiting = (code: string, message = '') => ({ ...started, waitsFor: { code, message } })
  const gate = withSince(waiting('GATE'), started, first)
  t.equal(gate.waitsFor?.since, first.toISOString())
  t.equal(withSince(waiting('GATE', 'other words'), gate, later).waitsFor?.since, first.toISOString())
  t.equal(withSince(waiting('SOAK'), gate, later).waitsFor?.since, later.toISOString())
  t.strictSame(withSince(started, gate, later), started)
  t.strictSame(withSince(waiting('GATE'), waiting('GATE'), later), waiting('GATE'), 'of an earlier version')
})
