import fc from 'fast-check'
import t from 'tap'
import type { CampaignActionRequest, CampaignWaveRequest } from '../../../src/contract/campaign-requests.ts'
import { advance } from '../../../src/core/campaign/advance.ts'
import {
  type CampaignState,
  hasEnded,
  initialCampaign,
  initialMember,
  isActive,
  isOpen,
  type MemberState,
  withFailure,
} from '../../../src/core/campaign/campaign-state.ts'
import { applyAction } from '../../../src/core/campaign/commands.ts'
import { jobEnded } from '../../../src/core/campaign/member-outcomes.ts'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const START = Date.parse('2026-09-01T00:00:00Z')
const TICK_MS = 60_000
const MAX_TICKS = 400
const CONTEXT = { by: 'ada', now: new Date(START), missingCodes: () => [] }

/** How planning and the job of a member go. */
interface Fate {
  plan: 'Ready' | 'Blocked' | 'NoChange' | 'NeedsDecision'
  ticks: number
  end: 'Succeeded' | 'Failed' | 'Canceled'
  shares: string[]
}

interface Course {
  waves: CampaignWaveRequest[]
  waveOf: number[]
  fates: Fate[]
  /** What a user does at which tick. */
  actions: { tick: number; action: CampaignActionRequest['action']; of: number; isOfMember: boolean }[]
}

const wave: fc.Arbitrary<CampaignWaveRequest> = fc.record({
  maxConcurrent: fc.integer({ min: 1, max: 4 }),
  maxFailures: fc.integer({ min: 1, max: 3 }),
  soakMinutes: fc.integer({ min: 0, max: 5 }),
  gate: fc.constantFrom('automatic' as const, 'automatic' as const, 'manual' as const),
})

const fate: fc.Arbitrary<Fate> = fc.record({
  plan: fc.constantFrom('Ready', 'Ready', 'Ready', 'Ready', 'Blocked', 'NoChange', 'NeedsDecision'),
  ticks: fc.integer({ min: 0, max: 5 }),
  end: fc.constantFrom('Succeeded', 'Succeeded', 'Succeeded', 'Failed', 'Canceled'),
  shares: fc.uniqueArray(fc.constantFrom('gateway-1', 'gateway-2', 'table-1'), { maxLength: 1 }),
})

const action = fc.record({
  // Most members start early.
  tick: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 60 })),
  action: fc.constantFrom<CampaignActionRequest['action']>(
    'pause',
    'pause',
    'resume',
    'resume',
    'releaseGate',
    'skip',
    'retry',
    'retry',
    'retry',
    'accept',
    'cancel',
  ),
  of: fc.nat(11),
  /** Of one member, if the action can also be of the campaign. */
  isOfMember: fc.boolean(),
})

const course: fc.Arbitrary<Course> = fc
  .tuple(fc.array(wave, { minLength: 1, maxLength: 4 }), fc.array(fate, { minLength: 1, maxLength: 12 }))
  .chain(([waves, fates]) =>
    fc.record({
      waves: fc.constant(waves),
      fates: fc.constant(fates),
      waveOf: fc.array(fc.nat(waves.length - 1), { minLength: fates.length, maxLength: fates.length }),
      actions: fc.array(action, { maxLength: 20 }),
    }),
  )

/** A campaign on a virtual clock, with what an observer beside it has seen. */
class World {
  readonly #course: Course
  campaign: CampaignState
  members: MemberState[]
  now = START
  /** How often the job of a member was started, and from which retry on another start is due. */
  readonly started = new Map<string, number>()
  readonly allowed = new Map<string, number>()
  readonly faults: string[] = []
  readonly #endsAt = new Map<string, number>()
  readonly #finishedAt: (number | null)[]
  /** Failures of each wave since the last resume. */
  #failures: number[]
  #isPaused = false
  readonly #pausedMembers = new Set<string>()

  constructor(course: Course) {
    this.#course = course
    this.campaign = initialCampaign(course.waves)
    this.members = course.fates.map((_fate, index) =>
      initialMember(`m${index}`, index, course.waveOf[index] ?? 0),
    )
    this.#finishedAt = course.waves.map(() => null)
    this.#failures = course.waves.map(() => 0)
  }

  fateOf(member: MemberState): Fate {
    return this.#course.fates[member.position] as Fate
  }

  /** Plans, starts and ends what is due, and lets the campaign decide. */
  tick(): void {
    this.now += TICK_MS
    for (const member of this.members) {
      const { plan, shares, end } = this.fateOf(member)
      if (member.status === 'Planning') this.set({ ...member, status: plan, shares })
      else if (member.status === 'Starting') this.start(member)
      else if (member.status === 'Running' && (this.#endsAt.get(member.id) ?? 0) <= this.now) {
        this.set({ ...member, status: end })
        if (end !== 'Failed') continue
        this.campaign = withFailure(this.campaign, member)
        this.#failures[member.wave] = (this.#failures[member.wave] ?? 0) + 1
      }
    }
    this.decide()
  }

  start(member: MemberState): void {
    this.started.set(member.id, (this.started.get(member.id) ?? 0) + 1)
    this.#endsAt.set(member.id, this.now + this.fateOf(member).ticks * TICK_MS)
    this.set({ ...member, status: 'Running' })
  }

  decide(): void {
    const before = this.campaign
    const result = advance(before, this.members, new Date(this.now))
    const starting = result.members.filter(({ status }) => status === 'Starting')
    this.campaign = result.campaign
    for (const member of result.members) this.set(member)
    if (starting.length > 0) this.check(starting)
    for (const [index, wave] of this.campaign.waves.entries()) {
      const isFinished = wave.status === 'Finished'
      this.#finishedAt[index] = isFinished ? (this.#finishedAt[index] ?? this.now) : null
    }
  }

  /** What must hold whenever members start, seen from outside. */
  check(starting: MemberState[]): void {
    if (this.#isPaused) this.faults.push('a member starts during a pause')
    for (const { wave: index, id } of starting) {
      if (this.#pausedMembers.has(id)) this.faults.push('a paused member starts')
      const wave = this.campaign.waves[index]
      if (wave === undefined || wave.startedAt === null) throw new Error('no wave')
      const startedAt = Date.parse(wave.startedAt)
      if (this.members.some((member) => member.wave < index && isOpen(member)))
        this.faults.push(`${id} starts before an earlier wave has ended`)
      const { maxConcurrent = 5, maxFailures = 1, gate } = wave.settings
      if (this.members.filter(isActive).length > maxConcurrent) this.faults.push('too many at a time')
      if ((this.#failures[index] ?? 0) >= maxFailures)
        this.faults.push('a member starts over the ceiling of failures')
      if (gate === 'manual' && wave.gate === null) this.faults.push('a member starts behind a closed gate')
      const soak = (this.campaign.waves[index - 1]?.settings.soakMinutes ?? 0) * TICK_MS
      const before = this.#finishedAt[index - 1]
      if (before != null && startedAt >= before && this.now < before + soak) this.faults.push('no soak time')
    }
    const shared = this.members.filter(isActive).flatMap(({ shares }) => shares)
    if (new Set(shared).size < shared.length) this.faults.push('two members change one resource at a time')
  }

  act(action: CampaignActionRequest['action'], of: number, isOfMember = false): void {
    const member = this.members[of % this.members.length] as MemberState
    const isNamed = isOfMember || ['skip', 'retry', 'accept'].includes(action)
    const request = {
      action,
      wave: (of % this.campaign.waves.length) + 1,
      ...(isNamed ? { members: [member.id] } : {}),
    }
    const context = { by: 'tester', now: new Date(this.now), missingCodes: () => [] }
    try {
      const effect = applyAction(this.campaign, this.members, request, context)
      this.campaign = effect.campaign
      for (const changed of effect.members) this.set(changed)
      if (isNamed) this.#noteMember(action, member)
      if (action === 'pause' && !isNamed) this.#isPaused = true
      if (action === 'resume' && !isNamed && effect.events.length > 0) {
        this.#isPaused = false
        this.#failures = this.#failures.map(() => 0)
      }
      if (action === 'retry') this.allowed.set(member.id, (this.allowed.get(member.id) ?? 1) + 1)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
    }
  }

  #noteMember(action: CampaignActionRequest['action'], { id, status }: MemberState): void {
    if (action === 'pause') this.#pausedMembers.add(id)
    if (action === 'resume') this.#pausedMembers.delete(id)
    // The job of a running member ends now; another member is canceled by the action itself.
    if (action === 'cancel' && status === 'Running') this.#endsAt.set(id, this.now)
  }

  set(member: MemberState): void {
    this.members = this.members.map((item) => (item.id === member.id ? member : item))
  }

  /** Does what a diligent user does about everything that waits, so that every campaign ends. */
  attend(): void {
    if (this.campaign.status === 'Planned') this.act('start', 0)
    if (this.campaign.status === 'Paused') this.act('resume', 0)
    for (const [index, { settings }] of this.campaign.waves.entries())
      if (settings.gate === 'manual') this.act('releaseGate', index)
    for (const { status, position, isPaused } of this.members) {
      if (status === 'NeedsDecision') this.act('accept', position)
      if (isPaused) this.act('resume', position, true)
    }
  }
}

function runCourse(course: Course): World {
  const world = new World(course)
  for (let tick = 0; tick < MAX_TICKS && !hasEnded(world.campaign); tick++) {
    for (const { action, of, isOfMember } of course.actions.filter((item) => item.tick === tick))
      world.act(action, of, isOfMember && ['pause', 'resume', 'cancel'].includes(action))
    if (world.campaign.status === 'Planned') world.act('start', 0)
    if (tick > 20) world.attend()
    world.tick()
  }
  return world
}

t.test(
  'any campaign keeps its waves, gates, ceilings, soak times and pauses, and loses no member',
  async (t) => {
    fc.assert(
      fc.property(course, (course) => {
        const world = runCourse(course)
        if (world.faults.length > 0) throw new Error(world.faults.join('; '))
        const { status } = world.campaign
        if (!hasEnded(world.campaign)) throw new Error(`it does not end: ${JSON.stringify(world.campaign)}`)
        if (world.members.some(isOpen)) throw new Error('a member is left open')
        for (const [id, times] of world.started)
          if (times > (world.allowed.get(id) ?? 1)) throw new Error(`${id} was started ${times} times`)
        const good = world.members.filter((member) =>
          ['Succeeded', 'NoChange'].includes(member.status),
        ).length
        const expected =
          good === world.members.length ? 'Succeeded' : good === 0 ? 'Failed' : 'PartlySucceeded'
        if (status !== 'Canceled' && status !== expected) throw new Error(`${status} with ${good} successes`)
        return world.faults.length === 0
      }),
      { numRuns: propertyRuns() },
    )
    t.pass('for every course')
  },
)

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

t.test('a repeated action changes nothing and is no error', async (t) => {
  const planned = { ...running([{}]), status: 'Planned' as const }
  const members = [memberOf(0, 0, {})]
  const started = applyAction(planned, members, { action: 'start' }, CONTEXT).campaign
  const canceling = applyAction(started, members, { action: 'cancel' }, CONTEXT).campaign
  const paused = applyAction(started, members, { action: 'pause' }, CONTEXT).campaign
  for (const [action, campaign] of [
    ['start', started],
    ['start', paused],
    ['resume', started],
    ['cancel', canceling],
    ['cancel', { ...canceling, status: 'Canceled' }],
  ] as const)
    t.strictSame(
      applyAction(campaign, members, { action }, CONTEXT),
      { campaign, members: [], events: [] },
      `${action} of a campaign with the status ${campaign.status}`,
    )
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
    { ...initialMember('m0', 0, 0), status: 'Succeeded' as const },
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

t.test('a member does not wait until a clock that was set back catches up', async (t) => {
  const campaign = { ...initialCampaign([{}]), status: 'Running' as const }
  const waiting = (ms: number) => [
    { ...initialMember('m0', 0, 0), status: 'Ready' as const, notBefore: new Date(START + ms) },
  ]
  t.equal(advance(campaign, waiting(60_000), new Date(START)).members.length, 0)
  t.equal(advance(campaign, waiting(3_600_000), new Date(START)).members.length, 1)
})
