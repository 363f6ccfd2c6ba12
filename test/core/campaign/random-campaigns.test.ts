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
import { type ApprovalState, withApproval, withHold } from '../../../src/core/campaign/waits.ts'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const START = Date.parse('2026-09-01T00:00:00Z')
const TICK_MS = 60_000
const MAX_TICKS = 400

/** How planning and the job of a member go. */
interface Fate {
  plan: 'Ready' | 'Blocked' | 'NoChange' | 'NeedsDecision'
  ticks: number
  end: 'Succeeded' | 'Failed' | 'Canceled'
  shares: string[]
  /** The job is held before its cutover. */
  isHeld: boolean
  /** The plan is approved late, or expires before its approval and is approved after it was planned again. */
  approval: 'none' | 'late' | 'expires'
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
  isHeld: fc.constantFrom(false, false, false, true),
  approval: fc.constantFrom(
    'none' as const,
    'none' as const,
    'none' as const,
    'late' as const,
    'expires' as const,
  ),
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
    'release',
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
  /** The members whose jobs have been released. */
  readonly #released = new Set<string>()
  /** When the present plan of a member was made, and how many plans it had. */
  readonly #plans = new Map<string, { count: number; at: number }>()

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
      if (member.status === 'Planning') {
        this.#plans.set(member.id, { count: (this.#plans.get(member.id)?.count ?? 0) + 1, at: this.now })
        this.set({ ...member, status: plan, shares })
      } else if (member.status === 'Starting') this.start(member)
      else if (this.#isHeldNow(member)) this.set(withHold(member, true) ?? member)
      else if (member.status === 'Running' && (this.#endsAt.get(member.id) ?? 0) <= this.now) {
        this.set({ ...member, status: end })
        if (end !== 'Failed') continue
        this.campaign = withFailure(this.campaign, member)
        this.#failures[member.wave] = (this.#failures[member.wave] ?? 0) + 1
      }
    }
    for (const member of this.members) this.set(withApproval(member, this.#approvalOf(member)) ?? member)
    this.decide()
  }

  #isHeldNow({ status, id, position }: MemberState): boolean {
    return status === 'Running' && this.#course.fates[position]?.isHeld === true && !this.#released.has(id)
  }

  #approvalOf(member: MemberState): ApprovalState {
    const { approval } = this.fateOf(member)
    const { count, at } = this.#plans.get(member.id) ?? { count: 0, at: this.now }
    if (approval === 'none') return null
    if (this.now < at + 3 * TICK_MS) return 'pending'
    return approval === 'expires' && count === 1 ? 'expired' : 'given'
  }

  start(member: MemberState): void {
    this.started.set(member.id, (this.started.get(member.id) ?? 0) + 1)
    this.#endsAt.set(member.id, this.now + this.fateOf(member).ticks * TICK_MS)
    this.#released.delete(member.id)
    this.set({ ...member, status: 'Running', jobId: `job-${member.id}` })
  }

  decide(): void {
    const before = this.campaign
    const result = advance(before, this.members, new Date(this.now))
    const starting = result.members.filter(({ status }) => status === 'Starting')
    this.campaign = result.campaign
    for (const member of result.members) this.set(member)
    if (starting.length > 0) this.check(starting)
    const isSoaking = this.campaign.waitsFor?.code === 'SOAK'
    if (isSoaking && this.started.size === 0) this.faults.push('a soak time though nothing has changed')
    for (const [index, wave] of this.campaign.waves.entries()) {
      const isFinished = wave.status === 'Finished'
      this.#finishedAt[index] = isFinished ? (this.#finishedAt[index] ?? this.now) : null
    }
  }

  /** What must hold whenever members start, seen from outside. */
  check(starting: MemberState[]): void {
    if (this.#isPaused) this.faults.push('a member starts during a pause')
    for (const member of starting) {
      const { wave: index, id } = member
      if (!['given', null].includes(this.#approvalOf(member)))
        this.faults.push('a member starts without its approval')
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
      this.campaign.waves.slice(0, index).forEach(({ settings }, earlier) => {
        const soak = this.#hasStarted(earlier) ? (settings.soakMinutes ?? 0) * TICK_MS : 0
        const before = this.#finishedAt[earlier]
        if (before != null && startedAt >= before && this.now < before + soak)
          this.faults.push('no soak time')
      })
    }
    const shared = this.members.filter(isActive).flatMap(({ shares }) => shares)
    if (new Set(shared).size < shared.length) this.faults.push('two members change one resource at a time')
  }

  #hasStarted(wave: number): boolean {
    return this.members.some((member) => member.wave === wave && this.started.has(member.id))
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
      // The service releases jobs before it changes their members.
      if (action === 'release')
        for (const held of this.members)
          if (this.#isHeldNow(held) && (!isNamed || held === member)) this.#released.add(held.id)
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
    if (action !== 'cancel' || status !== 'Running') return
    this.#endsAt.set(id, this.now)
    this.#released.add(id)
  }

  set(member: MemberState): void {
    this.members = this.members.map((item) => (item.id === member.id ? member : item))
  }

  /** Does what a diligent user does about everything that waits, so that every campaign ends. */
  attend(): void {
    if (this.campaign.status === 'Planned') this.act('start', 0)
    if (this.campaign.status === 'Paused') this.act('resume', 0)
    this.act('release', 0)
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
      world.act(action, of, isOfMember && ['pause', 'resume', 'cancel', 'release'].includes(action))
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
