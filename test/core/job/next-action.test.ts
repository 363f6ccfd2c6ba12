import t from 'tap'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { nextAction } from '../../../src/core/job/next-action.ts'
import type { StepKey } from '../../../src/core/plan-steps.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const NOW = new Date('2026-09-01T00:10:00Z')
const at = '2026-09-01T00:00:00.000Z'

const SNAPSHOT = { cluster: { authorizedIPRanges: ['20.1.0.1/32'] } }
/** Ranges are on and AKS makes the new addresses: somebody has to list them after the switch. */
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

function actionAfter(plan: typeof LATE, ...events: JobEvent[]) {
  const action = nextAction(plan, foldEvents(plan, [accepted, ...events]), NOW)
  return 'step' in action
    ? `${action.kind} ${action.step.key}`
    : 'status' in action
      ? action.status
      : action.kind
}

t.test('steps follow one another to the end', async (t) => {
  t.equal(actionAfter(LATE), 'perform check-freshness')
  t.equal(actionAfter(LATE, ...done('check-freshness')), 'write change-outbound-type')
  t.equal(actionAfter(LATE, ...done('check-freshness', 'change-outbound-type')), 'perform verify')
  const all = LATE.steps.map((step) => step.key)
  t.equal(actionAfter(LATE, ...done(...all)), 'Succeeded')
})

t.test('a cancellation is obeyed before the switch', async (t) => {
  t.equal(actionAfter(LATE, cancelled), 'Canceled')
  t.equal(actionAfter(LATE, ...done('check-freshness'), cancelled), 'Canceled')
})

t.test('after the switch it is obeyed only where nobody is locked out by it', async (t) => {
  const switched = done('check-freshness', 'change-outbound-type')
  t.equal(actionAfter(PLAIN, ...switched, cancelled), 'Canceled')
  t.equal(actionAfter(LATE, ...switched, cancelled), 'perform verify')
  const discovered = done('verify', 'discover-egress-ips')
  t.equal(actionAfter(LATE, ...switched, cancelled, ...discovered), 'write authorize-discovered-ips')
  const all = [...switched, cancelled, ...discovered, ...done('authorize-discovered-ips')]
  t.equal(actionAfter(LATE, ...all), 'Succeeded')
  const end: JobEvent = { at, type: 'ended', status: 'Succeeded', error: null }
  t.match(foldEvents(LATE, [accepted, ...all, end]).warnings, [/came after the switch/])
})
