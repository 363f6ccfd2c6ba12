import t from 'tap'
import type { StepKey } from '../../../src/contract/steps.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { nextAction } from '../../../src/core/job/next-action.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const NOW = new Date('2026-09-01T00:10:00Z')
const at = '2026-09-01T00:00:00.000Z'

const SNAPSHOT = { cluster: { authorizedIPRanges: ['20.1.0.1/32'] } }
/** Ranges are enforced and AKS creates the new addresses, so the job has to list them after the switch. */
const LATE = planFor(aSnapshot(SNAPSHOT), 'managedNATGateway')
const PLAIN = planFor(aSnapshot(), 'managedNATGateway')

const accepted: JobEvent = { at, type: 'accepted', by: 'tester', reason: null, acknowledge: [] }
const cancelled: JobEvent = { at, type: 'cancelRequested', by: 'tester' }

function done(...steps: StepKey[]): JobEvent[] {
  return steps.flatMap((step): JobEvent[] => [
    { at, type: 'stepStarted', step },
    { at, type: 'stepSucceeded', step, observed: null },
  ])
}

const SWITCH = 'change-outbound-type'
const toBeHeld: JobEvent = { ...accepted, holdBefore: SWITCH }
const held: JobEvent = { at, type: 'held', step: SWITCH }
const released: JobEvent = { at, type: 'released', by: 'tester', reason: null }
const rechecked: JobEvent = { at, type: 'rechecked', step: SWITCH }
const started: JobEvent = { at, type: 'stepStarted', step: SWITCH }
const intended: JobEvent = { at, type: 'writeIntended', step: SWITCH, etag: null, changes: [] }
const internal = { kind: 'internal', code: 'INTERNAL', message: 'No.', requestId: null } as const
const faulted: JobEvent = { at, type: 'faulted', step: SWITCH, fault: internal, retryAt: at }

function actionAfter(plan: typeof LATE, ...events: JobEvent[]) {
  const [first] = events
  const log = first?.type === 'accepted' ? events : [accepted, ...events]
  const action = nextAction(plan, foldEvents(plan, log), NOW)
  return 'step' in action
    ? `${action.kind} ${action.step.key}`
    : 'status' in action
      ? action.status
      : action.kind
}

t.test('executes the steps in order to the end', async (t) => {
  t.equal(actionAfter(LATE), 'perform check-freshness')
  t.equal(actionAfter(LATE, ...done('check-freshness')), 'write change-outbound-type')
  t.equal(actionAfter(LATE, ...done('check-freshness', 'change-outbound-type')), 'perform verify')
  const all = LATE.steps.map((step) => step.key)
  t.equal(actionAfter(LATE, ...done(...all)), 'Succeeded')
})

t.test('a wait is over if the clock was set back after it began', async (t) => {
  const ahead = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000).toISOString()
  const waiting = (begun: string, end: string) =>
    actionAfter(PLAIN, started, { ...faulted, at: begun, retryAt: end } as JobEvent)
  t.equal(waiting(ahead(-1), ahead(1)), 'wait')
  t.equal(waiting(ahead(-2), ahead(-1)), 'write change-outbound-type')
  t.equal(waiting(ahead(60), ahead(61)), 'write change-outbound-type')
})

t.test('a cancellation takes effect before the outbound type change', async (t) => {
  t.equal(actionAfter(LATE, cancelled), 'Canceled')
  t.equal(actionAfter(LATE, ...done('check-freshness'), cancelled), 'Canceled')
})

t.test(
  'after the outbound type change, a cancellation takes effect only if no node is locked out',
  async (t) => {
    const switched = done('check-freshness', 'change-outbound-type')
    t.equal(actionAfter(PLAIN, ...switched, cancelled), 'Canceled')
    t.equal(actionAfter(LATE, ...switched, cancelled), 'perform verify')
    const discovered = done('verify', 'discover-egress-ips')
    t.equal(actionAfter(LATE, ...switched, cancelled, ...discovered), 'write authorize-discovered-ips')
    const all = [...switched, cancelled, ...discovered, ...done('authorize-discovered-ips')]
    t.equal(actionAfter(LATE, ...all), 'Succeeded')
    const end: JobEvent = { at, type: 'ended', status: 'Succeeded', error: null }
    t.match(foldEvents(LATE, [accepted, ...all, end]).warnings, [
      /came after the change of the outbound type/,
    ])
  },
)

t.test('a hold stops a job before its step, and only there, until it is released', async (t) => {
  const before = [toBeHeld, ...done('check-freshness')]
  const refused: JobEvent = { ...faulted, type: 'writeRefused' } as JobEvent
  const table: [string, JobEvent[], string][] = [
    ['not there yet', [toBeHeld], 'perform check-freshness'],
    ['there', before, `hold ${SWITCH}`],
    ['held', [...before, held], 'wait'],
    ['canceled on its way', [...before, cancelled], 'Canceled'],
    ['canceled while held', [...before, held, cancelled], 'Canceled'],
    ['canceled after the release', [...before, held, released, cancelled], 'Canceled'],
    ['released on its way', [toBeHeld, released, ...done('check-freshness')], `write ${SWITCH}`],
    ['released there', [...before, held, released], `recheck ${SWITCH}`],
    ['the look failed', [...before, held, released, started, faulted], `recheck ${SWITCH}`],
    ['canceled then', [...before, held, released, started, faulted, cancelled], 'Canceled'],
    ['looked at again', [...before, held, released, started, rechecked], `write ${SWITCH}`],
    [
      'the write was refused',
      [...before, held, released, started, rechecked, intended, refused],
      `write ${SWITCH}`,
    ],
    ['the write is out', [...before, held, released, started, rechecked, intended], `settle ${SWITCH}`],
    ['begun by a fault of the service', [...before, started, faulted], `hold ${SWITCH}`],
    ['and held then', [...before, started, faulted, held], 'wait'],
    ['behind it', [...before, held, released, ...done(SWITCH)], 'perform verify'],
    ['without one', done('check-freshness'), `write ${SWITCH}`],
  ]
  for (const [name, events, action] of table) t.equal(actionAfter(PLAIN, ...events), action, name)
})

t.test('a held job is re-evaluated after an hour', async (t) => {
  const state = foldEvents(PLAIN, [toBeHeld, ...done('check-freshness'), held])
  t.strictSame(nextAction(PLAIN, state, NOW), { kind: 'wait', until: '2026-09-01T01:10:00.000Z' })
})
