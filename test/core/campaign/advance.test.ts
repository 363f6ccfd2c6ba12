import t from 'tap'
import type { CampaignActionRequest, CampaignWaveRequest } from '../../../src/contract/campaign-requests.ts'
import type { JobStep, JobStepStatus } from '../../../src/contract/job.ts'
import { advance } from '../../../src/core/campaign/advance.ts'
import {
  type CampaignState,
  initialCampaign,
  initialMember,
  type MemberState,
} from '../../../src/core/campaign/campaign-state.ts'
import { applyAction } from '../../../src/core/campaign/commands.ts'
import { jobEnded } from '../../../src/core/campaign/member-outcomes.ts'

const START = Date.parse('2026-09-01T00:00:00Z')
const TICK_MS = 60_000
const CONTEXT = { by: 'ada', now: new Date(START), missingCodes: () => [] }

t.test(
  'members that share a resource change in the latest of their waves, also through others',
  async (t) => {
    const waves: CampaignWaveRequest[] = [{}, {}, {}]
    const member = (position: number, wave: number, shares: string[]): MemberState => ({
      ...initialMember(`m${position}`, position, wave),
      status: 'Ready',
      shares,
    })
    const members = [member(0, 0, ['a']), member(1, 1, ['a', 'b']), member(2, 2, ['b']), member(3, 0, ['c'])]
    const { campaign, members: moved } = advance(initialCampaign(waves), members, new Date(START))
    t.equal(campaign.status, 'Planned')
    t.strictSame(
      moved.map(({ id, wave }) => [id, wave]),
      [
        ['m0', 2],
        ['m1', 2],
      ],
    )
    t.match(moved[1]?.movedBecause, /`b`.*wave 3/)
  },
)

t.test('a NAT gateway serves the members of only one virtual network', async (t) => {
  const GROUP = '/subscriptions/s/resourcegroups/g/providers/microsoft.network'
  const on = (position: number, network: string, change: Partial<MemberState> = {}) =>
    memberOf(0, position, {
      shares: [`${GROUP}/natgateways/shared`, `${GROUP}/virtualnetworks/${network}/subnets/${position}`],
      ...change,
    })
  const members = [on(0, 'a'), on(1, 'b'), on(2, 'a'), memberOf(0, 3, {})]
  const planned = advance(initialCampaign([{}]), members, new Date(START))
  t.equal(planned.campaign.status, 'Planned')
  t.match(planned.members, [
    { id: members[1]?.id, status: 'Blocked', waitsFor: { code: 'NAT_GATEWAY_OF_OTHER_NETWORK' } },
  ])
  t.match(planned.events[0], { type: 'memberChanged', memberId: members[1]?.id })
  const holding = [on(0, 'a', { status: 'NeedsDecision' }), on(1, 'b', { status: 'Running' })]
  const later = advance(running([{}]), holding, new Date(START))
  t.match(later.members, [{ id: holding[0]?.id, status: 'Blocked' }], 'an active member keeps the gateway')
  const skipped = [on(0, 'a', { status: 'Skipped' }), on(1, 'b')]
  t.strictSame(advance(initialCampaign([{}]), skipped, new Date(START)).members, [])
})

t.test('a wave that sharing members leave empty is named before the start', async (t) => {
  const canary = memberOf(0, 0, { shares: ['gateway'] })
  const members = [canary, memberOf(1, 1, { shares: ['gateway'] })]
  const planned = advance(initialCampaign([{}, {}]), members, new Date(START))
  t.match(planned.campaign, {
    status: 'Planned',
    waitsFor: { code: 'START', message: /Wave 1 has no members/ },
  })
  t.match(planned.events, [{ type: 'waveEmptied', message: /Wave 1/ }, { type: 'planned' }])
  const shared = advance(initialCampaign([{}, {}]), [...members, memberOf(0, 2, {})], new Date(START))
  t.match(shared.events, [{ type: 'planned' }], 'a wave with another member still proves something')
})

t.test('an action ends the wait that it resolves, and skipped members say why', async (t) => {
  const waitsFor = (code: string) => ({
    ...running([{}, { gate: 'manual' }]),
    waitsFor: { code, message: '' },
  })
  const member = memberOf(0, 0, { status: 'NeedsDecision' })
  const ids = { members: [member.id] }
  const after = (code: string, request: CampaignActionRequest) =>
    applyAction(waitsFor(code), [member], request, CONTEXT)
  const [first, second] = waitsFor('GATE').waves
  if (first === undefined || second === undefined) return t.fail('the campaign lacks waves')
  const atGate = { ...waitsFor('GATE'), waves: [{ ...first, status: 'Finished' as const }, second] }
  t.equal(applyAction(atGate, [], { action: 'releaseGate', wave: 2 }, CONTEXT).campaign.waitsFor, null)
  t.match(after('SOAK', { action: 'releaseGate', wave: 2 }).campaign.waitsFor, { code: 'SOAK' })
  t.equal(after('MEMBERS', { action: 'accept', ...ids }).campaign.waitsFor, null)
  t.match(after('START', { action: 'accept', ...ids }).campaign.waitsFor, { code: 'START' })
  const reason = 'It is retired.'
  t.match(after('START', { action: 'skip', ...ids, reason }).members, [
    {
      status: 'Skipped',
      waitsFor: { code: 'SKIPPED', message: 'ada skipped the member. Reason: It is retired.' },
    },
  ])
  for (const request of [{ action: 'cancel', ...ids } as const, { action: 'cancel' } as const]) {
    const { members } = after('START', { ...request, reason })
    t.match(members, [
      { status: 'Canceled', waitsFor: { code: 'CANCELED', message: /^ada canceled .* retired\./ } },
    ])
  }
  const left = memberOf(0, 0, { status: 'Canceled', waitsFor: { code: 'JOB_CANCELED', message: '' } })
  const again = applyAction(running([{}]), [left], { action: 'cancel', members: [left.id] }, CONTEXT)
  t.strictSame(again.members, [], 'a repeated action hides nothing')
})

t.test('an action on members in the resulting state changes nothing, and says why', async (t) => {
  const skipped = { code: 'SKIPPED', message: 'bob skipped the member. Reason: It is retired.' }
  const stopping = { code: 'CANCEL_REQUESTED', message: 'bob canceled the member.' }
  const rows: [CampaignActionRequest['action'], Partial<MemberState>, because: RegExp][] = [
    ['skip', { status: 'Skipped', waitsFor: skipped }, /already been skipped/],
    ['pause', { isPaused: true }, /already paused/],
    ['resume', {}, /not paused/],
    ['accept', {}, /already been accepted/],
    ['retry', { status: 'Planning' }, /already being planned/],
    ['cancel', { status: 'Canceled', waitsFor: skipped }, /already been canceled/],
    ['cancel', { status: 'Running', waitsFor: stopping }, /already been canceled/],
    ['release', { status: 'Running' }, /^No job of these members is held/],
  ]
  for (const [action, change, because] of rows) {
    const member = memberOf(0, 0, change)
    const other = memberOf(0, 1, { status: 'Blocked' })
    const campaign = running([{}])
    const request = { action, members: [member.id] }
    const { unchangedBecause, ...effect } = applyAction(campaign, [member, other], request, CONTEXT)
    t.strictSame(effect, { campaign, members: [], events: [] }, action)
    t.match(unchangedBecause, because, action)
  }
  const done = memberOf(0, 0, { status: 'Skipped', waitsFor: skipped })
  const both = { action: 'skip' as const, members: ['m0', 'm1'] }
  t.match(applyAction(running([{}]), [done, memberOf(0, 1, {})], both, CONTEXT), {
    members: [{ id: 'm1', status: 'Skipped' }],
    events: [{ memberId: 'm1' }],
    unchangedBecause: null,
  })
  const member = memberOf(0, 0, {})
  const accept = { action: 'accept' as const, members: [member.id] }
  const withCodes = applyAction(running([{}]), [member], accept, { ...CONTEXT, addsCodes: () => true })
  t.match(withCodes, { members: [{ id: member.id }], unchangedBecause: null }, 'further codes are a change')
  const held = memberOf(0, 0, { status: 'Running' })
  for (const request of [{ action: 'release' as const }, { action: 'release' as const, members: ['m0'] }]) {
    const released = applyAction(running([{}]), [held], request, { ...CONTEXT, hasReleased: () => true })
    t.match(
      released,
      { members: [{ id: 'm0' }], unchangedBecause: null },
      'the campaign had not seen the hold',
    )
  }
})

t.test('a gate cannot be released before all members are planned', async (t) => {
  const planning = initialCampaign([{}, { gate: 'manual' }])
  const release = (campaign: CampaignState) =>
    applyAction(campaign, [], { action: 'releaseGate', wave: 2 }, CONTEXT).campaign.waves[1]?.gate
  t.throws(() => release(planning), { code: 'CAMPAIGN_ACTION_NOT_POSSIBLE' })
  t.match(release({ ...planning, status: 'Planned' }), { releasedBy: 'ada' })
})

t.test('a repeated action changes nothing and is no error', async (t) => {
  const planned = { ...running([{}]), status: 'Planned' as const }
  const members = [memberOf(0, 0, {})]
  const started = applyAction(planned, members, { action: 'start' }, CONTEXT).campaign
  const canceling = applyAction(started, members, { action: 'cancel' }, CONTEXT).campaign
  const paused = applyAction(started, members, { action: 'pause' }, CONTEXT).campaign
  const failures = { code: 'FAILURES', message: '' }
  const rows: [CampaignActionRequest['action'], CampaignState, because: RegExp][] = [
    ['start', started, /already started\.$/],
    ['start', paused, /is paused\. Send the action `resume`/],
    ['resume', started, /not paused/],
    ['pause', paused, /already paused/],
    ['pause', { ...paused, waitsFor: failures }, /already paused/],
    ['cancel', canceling, /already been canceled/],
    ['cancel', { ...canceling, status: 'Canceled' }, /already been canceled/],
    ['release', started, /^No job of the campaign is held/],
  ]
  for (const [action, campaign, because] of rows) {
    const { unchangedBecause, ...effect } = applyAction(campaign, members, { action }, CONTEXT)
    const name = `${action} of a campaign with the status ${campaign.status}`
    t.strictSame(effect, { campaign, members: [], events: [] }, name)
    t.match(unchangedBecause, because, name)
  }
  for (const effect of [
    applyAction(planned, members, { action: 'start' }, CONTEXT),
    applyAction(paused, members, { action: 'resume' }, CONTEXT),
  ])
    t.equal(effect.unchangedBecause, null)
  for (const status of ['Planning', 'Canceled', 'Succeeded'] as const)
    t.throws(() => applyAction({ ...started, status }, members, { action: 'start' }, CONTEXT), {
      code: 'CAMPAIGN_ACTION_NOT_POSSIBLE',
    })
})

const running = (waves: CampaignWaveRequest[]): CampaignState => ({
  ...initialCampaign(waves),
  status: 'Running',
})
const memberOf = (wave: number, position: number, given: Partial<MemberState>): MemberState => ({
  ...initialMember(`m${position}`, position, wave),
  status: 'Ready',
  ...given,
})

t.test('failures during a pause by a user become what the campaign waits for', async (t) => {
  const [wave] = running([{}]).waves
  if (wave === undefined) return t.fail('the campaign has no wave')
  const paused = {
    ...running([{}]),
    status: 'Paused' as const,
    waitsFor: { code: 'PAUSED', message: 'A user paused the campaign.' },
    waves: [{ ...wave, status: 'Running' as const, failures: 1 }],
  }
  const members = [memberOf(0, 0, { status: 'Failed' }), memberOf(0, 1, {})]
  const first = advance(paused, members, new Date(START))
  t.match(first, {
    campaign: { status: 'Paused', waitsFor: { code: 'FAILURES' } },
    events: [{ type: 'paused' }],
  })
  t.strictSame(advance(first.campaign, members, new Date(START)).events, [], 'once')
})

t.test('a wave of blocked members pauses the campaign before the next wave', async (t) => {
  const members = [memberOf(0, 0, { status: 'Blocked' }), memberOf(1, 1, {})]
  const { campaign, members: started } = advance(running([{}, {}]), members, new Date(START))
  t.match(campaign, { status: 'Paused', waitsFor: { code: 'BLOCKED' } })
  t.strictSame(started, [])
  const resumed = applyAction(campaign, members, { action: 'resume' }, CONTEXT).campaign
  t.match(advance(resumed, members, new Date(START)).members, [{ id: 'm1', status: 'Starting' }])
  const skipped = [memberOf(0, 0, { status: 'Skipped' }), memberOf(1, 1, {})]
  t.equal(advance(running([{}, {}]), skipped, new Date(START)).campaign.status, 'Running', 'a user decided')
  const last = [memberOf(0, 0, { status: 'Succeeded' }), memberOf(1, 1, { status: 'Blocked' })]
  t.equal(advance(running([{}, {}]), last, new Date(START)).campaign.status, 'PartlySucceeded')
})

t.test('a member that is planned again joins the members that it shares resources with', async (t) => {
  const members = [
    memberOf(0, 0, { shares: ['gateway'] }),
    memberOf(1, 1, { shares: ['gateway'] }),
    memberOf(0, 2, { status: 'Running', shares: ['table'] }),
  ]
  for (const status of ['Planned', 'Running'] as const) {
    const campaign = { ...running([{}, { gate: 'manual' }]), status }
    const { members: moved } = advance(campaign, members, new Date(START))
    t.match(moved, [{ id: 'm0', wave: 1, status: 'Ready', movedBecause: /gateway/ }], status)
  }
})

t.test('a canceled member is not planned again when its job ends as stale', async (t) => {
  const stale = { code: 'PLAN_STALE', message: 'Stale.', step: null, arm: null, remedy: '' } as const
  const member = memberOf(0, 0, { status: 'Running' })
  const canceled = [
    applyAction(running([{}]), [member], { action: 'cancel', members: ['m0'] }, CONTEXT),
    applyAction(running([{}]), [member], { action: 'cancel' }, CONTEXT),
  ]
  for (const { members } of canceled) {
    const [after = member] = members
    t.equal(jobEnded(after, { status: 'Failed', error: stale })?.status, 'Canceled')
    t.equal(jobEnded(after, { status: 'Succeeded', error: null })?.status, 'Succeeded')
  }
})

t.test(
  'the member of a canceled job says that its addresses remain, or that traffic has moved',
  async (t) => {
    const member = memberOf(0, 0, { status: 'Running', jobId: 'job' })
    const messageOf = (status: JobStepStatus, startedAt: string | null, mayHaveChanged?: boolean) => {
      const step: JobStep = {
        key: 'prepare-nat-gateway',
        title: '',
        status,
        startedAt,
        finishedAt: null,
        attempts: 1,
        ...(mayHaveChanged === undefined ? {} : { mayHaveChanged }),
      }
      const job = { status: 'Canceled' as const, error: null, steps: [step] }
      return jobEnded(member, { ...job, cutOver: step.key })?.waitsFor?.message
    }
    const at = '2026-09-01T00:00:00Z'
    t.equal(messageOf('Pending', null), 'The job was canceled.')
    t.match(messageOf('Succeeded', at), /Traffic has moved, .*ip-changes/)
    t.match(messageOf('Canceled', at), /Traffic may have moved, /)
    t.match(messageOf('Canceled', at, true), /Traffic may have moved, /)
    t.equal(messageOf('Canceled', at, false), 'The job was canceled.', 'Azure rejected the cutover')
    const messageAfter = (preparedAddresses: { address: string; resourceId: string }[]) =>
      jobEnded(member, { status: 'Canceled', error: null, preparedAddresses })?.waitsFor?.message
    t.equal(messageAfter([]), 'The job was canceled.')
    t.match(messageAfter([{ address: '20.0.0.1', resourceId: '/ip' }]), /remain\. A cleanup plan of the job/)
  },
)

t.test('a canceled campaign keeps what blocked its members, and leaves no wave running', async (t) => {
  const blocked = memberOf(0, 0, { status: 'Blocked', waitsFor: { code: 'PLAN_BLOCKED', message: '' } })
  const state = running([{}])
  const wave = { ...state.waves[0], status: 'Running' as const }
  const canceled = applyAction(
    { ...state, waves: [wave as (typeof state.waves)[0]] },
    [blocked],
    { action: 'cancel' },
    CONTEXT,
  )
  t.strictSame(canceled.members, [])
  const { campaign } = advance(canceled.campaign, [blocked], new Date(START))
  t.match(campaign, { status: 'Canceled', waves: [{ status: 'Finished', finishedAt: String }] })
})

t.test('a window holds members back until it opens, in its time zone', async (t) => {
  const window = {
    daysOfWeek: ['Tuesday' as const],
    startTime: '22:00',
    durationHours: 4,
    timeZone: 'Europe/Berlin',
  }
  const planned = { ...initialCampaign([{ window }]), status: 'Running' as const }
  const members = [{ ...initialMember('m0', 0, 0), status: 'Ready' as const }]
  const before = advance(planned, members, new Date('2026-09-01T12:00:00Z'))
  t.strictSame(before.members, [])
  t.equal(before.nextCheckAt?.toISOString(), '2026-09-01T20:00:00.000Z')
  t.equal(before.campaign.waitsFor?.code, 'WINDOW')
  t.equal(advance(before.campaign, members, new Date('2026-09-01T20:00:00Z')).members.length, 1)
})

t.test('a clock that is set neither shortens nor extends a soak time', async (t) => {
  const waves: CampaignWaveRequest[] = [{ soakMinutes: 30 }, {}]
  const { waves: states, ...rest } = initialCampaign(waves)
  const finishedAt = new Date(START).toISOString()
  const campaign = {
    ...rest,
    status: 'Running' as const,
    waves: states.map((wave, index) =>
      index === 0 ? { ...wave, status: 'Finished' as const, finishedAt } : wave,
    ),
  }
  const members = [
    { ...initialMember('m0', 0, 0), status: 'Succeeded' as const, jobId: 'job' },
    { ...initialMember('m1', 1, 1), status: 'Ready' as const },
  ]
  for (const jumpMs of [3_600_000, -3_600_000])
    for (const [minutes, starts] of [
      [29, 0],
      [30, 1],
    ] as const) {
      const now = new Date(START + minutes * TICK_MS + jumpMs)
      const result = advance(campaign, members, now, () => jumpMs)
      t.equal(result.members.length, starts, `${jumpMs} ms, after ${minutes} min`)
      if (starts === 0) t.equal(result.nextCheckAt?.getTime(), START + 30 * TICK_MS + jumpMs)
    }
})

t.test('a wave in which no member had a job is not followed by its soak time', async (t) => {
  const waves: CampaignWaveRequest[] = [{ soakMinutes: 60 }, {}]
  const next = memberOf(1, 1, {})
  const unchanged = (['NoChange', 'Skipped', 'Canceled'] as const).map((status) => memberOf(0, 0, { status }))
  for (const first of [...unchanged, null]) {
    const members = first === null ? [next] : [first, next]
    const result = advance(running(waves), members, new Date(START))
    t.match(result.members, [{ id: next.id, status: 'Starting' }], first?.status ?? 'no member')
    t.match(result.events[1], { message: /^Wave 1 has finished\. None of .*soak time does not apply\.$/ })
  }
  for (const status of ['NoChange', 'Skipped', 'Canceled', 'Succeeded'] as const) {
    const changed = memberOf(0, 0, { status, jobId: 'job' })
    const result = advance(running(waves), [changed, next], new Date(START))
    t.match(result, { members: [], campaign: { waitsFor: { code: 'SOAK' } } }, `${status} after a job`)
    t.match(result.events[1], { message: 'Wave 1 has finished.' })
  }
})

t.test('a retried wave that ends after a later wave has its soak time again', async (t) => {
  const { waves, ...rest } = running([{ soakMinutes: 60 }, { soakMinutes: 60 }, {}])
  const finishedAt = [START, START - 30 * TICK_MS].map((time) => new Date(time).toISOString())
  const campaign = {
    ...rest,
    waves: waves.map((wave, index) =>
      index < 2 ? { ...wave, status: 'Finished' as const, finishedAt: finishedAt[index] ?? null } : wave,
    ),
  }
  const members = [
    memberOf(0, 0, { status: 'Succeeded', jobId: 'a' }),
    memberOf(1, 1, { status: 'NoChange' }),
    memberOf(2, 2, {}),
  ]
  const early = advance(campaign, members, new Date(START + 59 * TICK_MS))
  t.match(early.campaign.waitsFor, { code: 'SOAK' })
  t.equal(early.nextCheckAt?.getTime(), START + 60 * TICK_MS)
  t.match(advance(campaign, members, new Date(START + 60 * TICK_MS)).members, [{ status: 'Starting' }])
})

t.test('a wave in which no member can start does not wait, but the waves after it do', async (t) => {
  const waves: CampaignWaveRequest[] = [{ soakMinutes: 60 }, {}, {}]
  const blocked = memberOf(1, 1, { status: 'Blocked' })
  const changed = memberOf(0, 0, { status: 'Succeeded', jobId: 'job' })
  const ended = advance(running(waves.slice(0, 2)), [changed, blocked], new Date(START))
  t.equal(ended.campaign.status, 'PartlySucceeded')
  const unchanged = memberOf(1, 1, { status: 'NoChange' })
  const before = advance(running(waves), [changed, unchanged, memberOf(2, 2, {})], new Date(START))
  t.match(before, { members: [], campaign: { waitsFor: { code: 'SOAK', message: /^Wave 3 starts/ } } })
  t.equal(before.nextCheckAt?.getTime(), START + 60 * TICK_MS)
  const retried = [changed, memberOf(1, 1, {}), memberOf(2, 2, {})]
  const reopened = advance(before.campaign, retried, new Date(START + 30 * TICK_MS))
  t.match(reopened, {
    members: [],
    campaign: { waitsFor: { code: 'SOAK', message: /^Wave 2 starts/ }, waves: [{}, { status: 'Pending' }] },
  })
  const soaked = advance(reopened.campaign, retried, new Date(START + 60 * TICK_MS))
  t.match(soaked, {
    members: [{ id: 'm1', status: 'Starting' }],
    campaign: { waves: [{}, { status: 'Running' }] },
  })
})

t.test('a member does not wait until a clock that was set back catches up', async (t) => {
  const campaign = { ...initialCampaign([{}]), status: 'Running' as const }
  const waiting = (ms: number) => [
    { ...initialMember('m0', 0, 0), status: 'Ready' as const, notBefore: new Date(START + ms) },
  ]
  t.equal(advance(campaign, waiting(60_000), new Date(START)).members.length, 0)
  t.equal(advance(campaign, waiting(3_600_000), new Date(START)).members.length, 1)
})
