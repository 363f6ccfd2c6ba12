import t from 'tap'
import type { StepKey } from '../../../src/contract/steps.ts'
import { type JobEvent, toLogEntry } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import { canBeReleased } from '../../../src/core/job/job-state.ts'
import { toJob } from '../../../src/core/job/job-view.ts'
import { nextAction } from '../../../src/core/job/next-action.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const PLAN = planFor(aSnapshot(), 'managedNATGateway')
const SWITCH = 'change-outbound-type'
const NOW = new Date('2026-09-01T01:00:00Z')
const LATER = '2026-09-01T02:00:00.000Z'

type Told = JobEvent extends infer E ? (E extends { at: string } ? Omit<E, 'at'> : never) : never

/** A log whose entries are a second apart. */
function told(...events: Told[]): JobEvent[] {
  return events.map((event, index) => ({
    ...event,
    at: new Date(Date.UTC(2026, 8, 1, 0, 0, index)).toISOString(),
  })) as JobEvent[]
}

const ACCEPTED: Told = { type: 'accepted', by: 'tester', reason: null, acknowledge: [] }
const done = (step: StepKey): Told[] => [
  { type: 'stepStarted', step },
  { type: 'stepSucceeded', step, observed: null },
]
const UNTIL_SWITCH: Told[] = [ACCEPTED, ...done('check-freshness'), { type: 'stepStarted', step: SWITCH }]
const INTENDED: Told = {
  type: 'writeIntended',
  step: SWITCH,
  etag: 'e-1',
  changes: [{ op: 'set', path: '/x', value: 1 }],
}
const TAKEN: Told = {
  type: 'writeAccepted',
  step: SWITCH,
  poller: 'p',
  requestId: 'r',
  pollAt: NOW.toISOString(),
}
const fault = (kind: 'transient' | 'conflict', type: 'faulted' | 'writeRefused' = 'faulted'): Told => ({
  type,
  step: SWITCH,
  fault: { kind, code: 'Tested', message: 'No.', requestId: null },
  retryAt: LATER,
})

const after = (...events: Told[]) => foldEvents(PLAN, told(...events))
const next = (...events: Told[]) => nextAction(PLAN, after(...events), NOW)
const cancel: Told = { type: 'cancelRequested', by: 'tester' }

t.test('the next action of a log', async (t) => {
  const table: [string, Told[], object][] = [
    ['nothing done yet', [ACCEPTED], { kind: 'perform', step: { key: 'check-freshness' }, isNew: true }],
    ['the step before is done', [ACCEPTED, ...done('check-freshness')], { kind: 'write', isNew: true }],
    ['begun, not written', UNTIL_SWITCH, { kind: 'write', isNew: false }],
    ['meant to write, no answer', [...UNTIL_SWITCH, INTENDED], { kind: 'settle' }],
    ['taken', [...UNTIL_SWITCH, INTENDED, TAKEN], { kind: 'poll' }],
    [
      'seen no trace once, too early',
      [...UNTIL_SWITCH, INTENDED, { type: 'writeNotSeen', step: SWITCH, lookAgainAt: LATER }],
      { kind: 'wait', until: LATER },
    ],
    [
      'seen no trace twice',
      [
        ...UNTIL_SWITCH,
        INTENDED,
        { type: 'writeNotSeen', step: SWITCH, lookAgainAt: LATER },
        { type: 'writeLost', step: SWITCH },
      ],
      { kind: 'write', isNew: false },
    ],
    [
      'adopted',
      [...UNTIL_SWITCH, INTENDED, { type: 'writeAdopted', step: SWITCH, because: 'so' }],
      { kind: 'watch' },
    ],
    [
      'the operation is over',
      [
        ...UNTIL_SWITCH,
        INTENDED,
        TAKEN,
        { type: 'operationEnded', step: SWITCH, error: null, requestId: null },
      ],
      { kind: 'readBack' },
    ],
    [
      'refused at first',
      [...UNTIL_SWITCH, INTENDED, fault('conflict', 'writeRefused')],
      { kind: 'wait', until: LATER },
    ],
    [
      'silence after the intent waits to settle',
      [...UNTIL_SWITCH, INTENDED, fault('transient')],
      { kind: 'wait' },
    ],
    [
      'all steps done',
      [ACCEPTED, ...PLAN.steps.flatMap(({ key }) => done(key))],
      { kind: 'end', status: 'Succeeded' },
    ],
    ['ended', [ACCEPTED, { type: 'ended', status: 'Failed', error: null }], { kind: 'nothing' }],
    ['canceled before the first step', [ACCEPTED, cancel], { kind: 'end', status: 'Canceled' }],
    [
      'canceled between steps',
      [ACCEPTED, ...done('check-freshness'), cancel],
      { kind: 'end', status: 'Canceled' },
    ],
    ['canceled before a write', [...UNTIL_SWITCH, cancel], { kind: 'end', status: 'Canceled' }],
    [
      'canceled while a write waits to be tried again',
      [...UNTIL_SWITCH, INTENDED, fault('conflict', 'writeRefused'), cancel],
      { kind: 'end', status: 'Canceled' },
    ],
    ['canceled with a write that may be out', [...UNTIL_SWITCH, INTENDED, cancel], { kind: 'settle' }],
    ['canceled during the operation', [...UNTIL_SWITCH, INTENDED, TAKEN, cancel], { kind: 'poll' }],
    [
      'canceled after everything is done',
      [ACCEPTED, ...PLAN.steps.flatMap(({ key }) => done(key)), cancel],
      { kind: 'end', status: 'Succeeded' },
    ],
  ]
  for (const [name, events, action] of table) t.match(next(...events), action, name)
})

t.test('faults are counted in rows, and an answer ends the row', async (t) => {
  const row = (...events: Told[]) => after(...UNTIL_SWITCH, INTENDED, TAKEN, ...events).steps[SWITCH]?.faults
  t.match(row(fault('transient'), fault('transient')), { count: 2, kind: 'transient', ofKind: 2 })
  const mixed = row(fault('transient'), fault('transient'), fault('conflict'))
  t.match(mixed, { count: 3, kind: 'conflict', ofKind: 1 })
  t.ok((mixed?.kindSince ?? '') > (mixed?.since ?? ''), 'a kind has its own clock')
  t.match(row(fault('transient'), { type: 'recovered', step: SWITCH }), { count: 0, since: null })
})

t.test('attempts count the requests to ARM', async (t) => {
  const attempts = (...events: Told[]) => after(...events).steps[SWITCH]?.attempts
  t.equal(attempts(...UNTIL_SWITCH), 0)
  t.equal(attempts(...UNTIL_SWITCH, INTENDED), 1)
  t.equal(attempts(...UNTIL_SWITCH, INTENDED, fault('conflict', 'writeRefused'), INTENDED), 2)
})

t.test('only a step that succeeded counts as written', async (t) => {
  t.strictSame(after(...UNTIL_SWITCH, INTENDED, TAKEN).applied, [])
  const ended: Told = { type: 'operationEnded', step: SWITCH, error: null, requestId: null }
  const written = after(...UNTIL_SWITCH, INTENDED, TAKEN, ended, {
    type: 'stepSucceeded',
    step: SWITCH,
    observed: null,
  })
  t.match(written.applied, [{ path: '/x' }])
})

t.test('the end settles every step', async (t) => {
  const ends = (status: 'Failed' | 'Canceled') => {
    const state = after(...UNTIL_SWITCH, { type: 'ended', status, error: null })
    return PLAN.steps.map(({ key }) => state.steps[key]?.status)
  }
  t.strictSame(ends('Failed'), ['Succeeded', 'Failed', 'Skipped', 'Skipped'])
  t.strictSame(ends('Canceled'), ['Succeeded', 'Canceled', 'Canceled', 'Canceled'])
})

t.test('folding a log in parts equals folding it as a whole', async (t) => {
  const events = told(...UNTIL_SWITCH, INTENDED, fault('transient'), TAKEN, cancel)
  t.strictSame(foldEvents(PLAN, structuredClone(events)), foldEvents(PLAN, events))
  for (let length = 0; length <= events.length; length++)
    t.equal(foldEvents(PLAN, events.slice(0, length)).length, length)
})

t.test('every event has a sentence without pollers', async (t) => {
  const kinds: Told[] = [
    ...UNTIL_SWITCH,
    INTENDED,
    { ...TAKEN, poller: 'secret' } as Told,
    { type: 'pollMoved', step: SWITCH, poller: 'secret', pollAt: LATER },
    { type: 'writeNotSeen', step: SWITCH, lookAgainAt: LATER },
    { type: 'writeLost', step: SWITCH },
    { type: 'writeAdopted', step: SWITCH, because: 'it is Updating.' },
    { type: 'operationEnded', step: SWITCH, error: { code: 'C', message: 'm' }, requestId: null },
    fault('transient'),
    fault('conflict', 'writeRefused'),
    { type: 'recovered', step: SWITCH },
    { type: 'warned', step: SWITCH, message: 'Careful.' },
    { type: 'stepSkipped', step: SWITCH, because: 'it is so.' },
    cancel,
    { type: 'held', step: SWITCH },
    { type: 'released', by: 'tester', reason: null },
    { type: 'rechecked', step: SWITCH },
    { type: 'ended', status: 'Succeeded', error: null },
  ]
  for (const event of told(...kinds)) {
    const entry = toLogEntry(event, 1)
    t.match(entry.message, /\.$/, event.type)
    t.notMatch(JSON.stringify(entry), 'secret')
  }
})

t.test(
  'shows a hold, and accepts a release until the step has written, and a repeated one until the job ends',
  async (t) => {
    const toBeHeld: Told = { ...ACCEPTED, holdBefore: SWITCH } as Told
    const held: Told = { type: 'held', step: SWITCH }
    const end: Told = { type: 'ended', status: 'Canceled', error: null }
    const released = (by: string): Told => ({ type: 'released', by, reason: null })
    const before = [toBeHeld, ...done('check-freshness')]
    const begun: Told[] = [...before, held, released('one'), { type: 'stepStarted', step: SWITCH }]
    const at = (second: number) => `2026-09-01T00:00:0${second}.000Z`
    const ahead = { status: 'Ahead', step: SWITCH, heldSince: null, releasedAt: null, releasedBy: null }
    const gone = { ...ahead, status: 'Released', heldSince: at(3), releasedAt: at(4), releasedBy: 'one' }
    const table: [string, Told[], object | null, action: boolean, accepted: boolean][] = [
      ['none ordered', [ACCEPTED], null, false, false],
      ['ahead', [toBeHeld], ahead, false, true],
      ['held', [...before, held], { ...ahead, status: 'Held', heldSince: at(3) }, true, true],
      ['released', [...before, held, released('one')], gone, false, true],
      ['released twice', [...before, held, released('one'), released('other')], gone, false, true],
      [
        'released on its way',
        [toBeHeld, released('one')],
        { ...ahead, status: 'Released', releasedAt: at(1), releasedBy: 'one' },
        false,
        true,
      ],
      ['begun, nothing written', begun, gone, false, true],
      ['released and written', [...begun, INTENDED], gone, false, true],
      ['behind it', [...before, held, released('one'), ...done(SWITCH)], gone, false, true],
      [
        'written without a word',
        [...before, { type: 'stepStarted', step: SWITCH }, INTENDED],
        ahead,
        false,
        false,
      ],
      ['ended on its way', [toBeHeld, end], { ...ahead, status: 'Ended' }, false, false],
      [
        'ended while held',
        [...before, held, end],
        { ...ahead, status: 'Ended', heldSince: at(3) },
        false,
        false,
      ],
      ['ended after a release', [...before, held, released('one'), end], gone, false, false],
    ]
    for (const [name, events, hold, action, accepted] of table) {
      const state = after(...events)
      const view = toJob('job', PLAN, state)
      t.strictSame(view.hold, hold, name)
      t.equal(view.actions.release, action, name)
      t.equal(canBeReleased(state), accepted, `${name}: the service accepts a release`)
    }
  },
)

t.test('a job that never began offers no plan that repairs or cleans up', async (t) => {
  const ended: Told = { type: 'ended', status: 'Canceled', error: null }
  const offered = (...events: Told[]) => toJob('a-job', PLAN, after(...events)).actions
  t.match(offered(ACCEPTED, cancel, ended), { cleanUpPlan: false, reconcilePlan: false })
  t.match(offered(ACCEPTED, ...done('check-freshness'), cancel, ended), {
    cleanUpPlan: true,
    reconcilePlan: true,
  })
})

t.test('the remedy of an error names the job and the cluster', async (t) => {
  const error = jobError('ARM_OPERATION_FAILED', SWITCH)
  const { remedy = '' } =
    toJob('a-job', PLAN, after(...UNTIL_SWITCH, INTENDED, { type: 'ended', status: 'Failed', error }))
      .error ?? {}
  t.match(remedy, /`POST \/v1\/jobs\/a-job\/reconcile-plan`.*`az aks update -g rg-demo -n demo --yes`/)
  t.notMatch(remedy, /[{<]/)
})

t.test('rejects a log with a hold that was not ordered', async (t) => {
  t.throws(() => after(ACCEPTED, { type: 'held', step: SWITCH }))
})

t.test('rejects a log with a step that the plan lacks', async (t) => {
  t.throws(() => after(ACCEPTED, { type: 'stepStarted', step: 'await-range-propagation' }))
})

t.test(
  'a switch that Azure always rejected did not happen, and a switch with an unknown outcome may have',
  async (t) => {
    const isOffered = (...events: Told[]) =>
      toJob(
        'a-job',
        PLAN,
        after(...UNTIL_SWITCH, ...events, { type: 'ended', status: 'Failed', error: null }),
      ).actions
    const refused: Told[] = [INTENDED, fault('conflict', 'writeRefused')]
    const lost: Told[] = [INTENDED, { type: 'writeLost', step: SWITCH }]
    t.match(isOffered(...refused, ...refused, ...lost), { rollbackPlan: false, cleanUpPlan: true })
    t.match(isOffered(...refused, INTENDED), { rollbackPlan: true, cleanUpPlan: true })
    t.match(isOffered(...refused, INTENDED, TAKEN), { rollbackPlan: true, cleanUpPlan: true })
  },
)
