import t from 'tap'
import type { InventoryFacts } from '../../../src/contract/inventory.ts'
import type { JobStepStatus } from '../../../src/contract/job.ts'
import {
  type CausingJob,
  causeOf,
  type FormerReadings,
  isOutdated,
} from '../../../src/core/inventory/change-causes.ts'
import type { UndatedChange } from '../../../src/core/inventory/inventory-changes.ts'
import { buildInventoryFacts } from '../../../src/core/inventory/inventory-facts.ts'
import { aSnapshot } from '../../support/a-cluster.ts'

const BASE = buildInventoryFacts(aSnapshot())
const READ_AT = new Date('2026-09-01T10:00:00Z')
const BEFORE: InventoryFacts = { ...BASE, addresses: ['20.1.0.1'] }
const AFTER: InventoryFacts = {
  ...BASE,
  declared: { outboundType: 'managedNATGateway', natGatewaySku: null },
  addresses: ['20.9.0.1'],
}
const RANGES = ['20.9.0.1/32', '20.9.0.2/32']
const ip = (address: string) => ({ address, family: 'IPv4' as const, resourceId: null })
const JOB: CausingJob = {
  id: 'job',
  status: 'Succeeded',
  from: 'loadBalancer',
  to: 'managedNATGateway',
  isHeld: false,
  steps: [],
  finishedAt: new Date('2026-09-01T10:05:00Z'),
  plan: null,
  result: {
    outboundType: 'managedNATGateway',
    natGatewaySku: null,
    egressIps: [ip('20.9.0.1')],
    authorizedIPRanges: [],
    leftBehind: [],
  },
}
const ranged = (authorizedIPRanges: string[]): CausingJob => ({
  ...JOB,
  result: { ...(JOB.result as NonNullable<CausingJob['result']>), authorizedIPRanges },
})
const withRanges = (facts: InventoryFacts, count: number): InventoryFacts => ({
  ...facts,
  authorizedRanges: { mode: 'enforced', count, coversEgress: null },
})

const step = (key: string, status: JobStepStatus) => ({ key, status }) as CausingJob['steps'][number]
const row = (address: string | null, change: 'lost' | 'added') =>
  ({ address, change }) as NonNullable<CausingJob['plan']>['egressIps'][number]
const PLAN: NonNullable<CausingJob['plan']> = {
  cutOver: { step: 'change-outbound-type', because: '' },
  egressIps: [row('20.1.0.1', 'lost'), row(null, 'added')],
}
const RUNNING: CausingJob = {
  ...JOB,
  status: 'Running',
  finishedAt: null,
  result: null,
  steps: [step('change-outbound-type', 'Running'), step('authorize-discovered-ips', 'Pending')],
  plan: PLAN,
}
/** The running job with another plan or other steps. */
const running = (changes: Partial<CausingJob>): CausingJob => ({ ...RUNNING, ...changes })

interface Case {
  kind?: UndatedChange['kind']
  before?: InventoryFacts | null
  after?: InventoryFacts | null
  job?: CausingJob
  readAt?: Date | null
  changes?: FormerReadings['changes']
}

const OTHER = { ...AFTER, addresses: ['20.9.0.1', '20.9.0.2'] }
const UNCOVERED = { kind: 'rangesUncovered' as const }

const EXPLAINED: Record<string, Case> = {
  'a job that succeeded and read these addresses': {},
  'a job that ended just before the previous reading, which can lag': {
    readAt: new Date('2026-09-01T10:20:00Z'),
  },
  'a previous reading of unknown time': { readAt: null },
  'a further part of the change of the job': {
    changes: [{ before: BEFORE, after: { ...BEFORE, addresses: [] } }],
  },
  'a job whose ranges do not cover its addresses': {
    ...UNCOVERED,
    before: withRanges(BEFORE, 1),
    after: withRanges(AFTER, 1),
    job: ranged(['20.7.0.1/32']),
  },
  'a job whose ranges cover its addresses': {
    kind: 'rangesCovered',
    before: withRanges(BEFORE, 1),
    after: withRanges(AFTER, 2),
    job: ranged(RANGES),
  },
  'a running job that has begun to move traffic': { job: RUNNING },
  'a running job that has yet to authorize its addresses': { ...UNCOVERED, job: RUNNING },
  'a running job that has added ranges': {
    kind: 'rangesCovered',
    job: running({ steps: [step('widen-authorized-ranges', 'Succeeded')] }),
  },
  'a running job that has attached a gateway': {
    kind: 'diverged',
    after: { ...AFTER, declared: BASE.declared },
    job: running({
      steps: [step('prepare-subnet-1', 'Succeeded')],
      plan: { ...PLAN, cutOver: { step: 'prepare-subnet-1', because: '' } },
    }),
  },
}

const UNEXPLAINED: Record<string, Case> = {
  'an address that the job did not read': { after: OTHER },
  'an address that the job still read and that is lost now': {
    before: { ...BEFORE, addresses: ['20.9.0.1'] },
    after: { ...AFTER, addresses: [] },
  },
  'another type than that of the job': { after: { ...AFTER, declared: BASE.declared } },
  'a job that ended long before the previous reading': { readAt: new Date('2026-09-01T10:21:00Z') },
  'another egress path with the same type and addresses': { before: AFTER },
  'an address that another change has added since the job': {
    before: OTHER,
    changes: [{ before: AFTER, after: OTHER }],
  },
  'ranges that changed after the job, which left them covering': {
    ...UNCOVERED,
    before: withRanges(AFTER, 2),
    after: withRanges(AFTER, 1),
    job: ranged(RANGES),
  },
  'ranges that changed between the job and the first reading': {
    ...UNCOVERED,
    before: withRanges(BEFORE, 2),
    after: withRanges(AFTER, 2),
    job: ranged(RANGES),
  },
  'another number of ranges than that of the job': {
    kind: 'rangesCovered',
    before: withRanges(BEFORE, 1),
    after: withRanges(AFTER, 3),
    job: ranged(RANGES),
  },
  'a running job with other types': { job: running({ from: 'none', to: 'block' }) },
  'a running job that is held before its cutover': { job: running({ isHeld: true }) },
  'a running job that has not begun its cutover': {
    job: running({ steps: [step('change-outbound-type', 'Pending')] }),
  },
  'more addresses than the plan of the running job creates': { after: OTHER, job: RUNNING },
  'an address whose loss the plan of the running job does not state': {
    before: { ...BEFORE, addresses: ['20.1.0.1', '20.1.0.2'] },
    job: RUNNING,
  },
  'ranges that no longer cover the egress although the running job has not moved it': {
    ...UNCOVERED,
    after: BEFORE,
    job: RUNNING,
  },
  'ranges that no longer cover the egress although the running job has authorized it': {
    ...UNCOVERED,
    job: running({
      steps: [step('change-outbound-type', 'Succeeded'), step('authorize-discovered-ips', 'Succeeded')],
    }),
  },
  'a failed job': { job: { ...JOB, status: 'Failed' } },
  'a cluster that appears': { before: null },
  'a cluster that disappears': { after: null },
}

function causeIn({ kind = 'egressChanged', job = JOB, readAt = READ_AT, changes = [], ...facts }: Case) {
  return causeOf({ kind, before: BEFORE, after: AFTER, ...facts }, job, { readAt, changes })
}

for (const [name, item] of Object.entries(EXPLAINED))
  t.test(`the job explains a change: ${name}`, async (t) => {
    t.equal(causeIn(item), 'job')
  })

for (const [name, item] of Object.entries(UNEXPLAINED))
  t.test(`no job explains a change: ${name}`, async (t) => {
    t.equal(causeIn(item), null)
  })

t.test('no job explains the change of a cluster without jobs', async (t) => {
  const change = { kind: 'egressChanged' as const, before: BEFORE, after: AFTER }
  t.equal(causeOf(change, undefined, { readAt: READ_AT, changes: [] }), null)
})

t.test('recognizes older readings of a cluster that a job has read after its change', async (t) => {
  const jobReadAt = READ_AT
  const states = { former: [BEFORE], present: AFTER, jobReadAt }
  const middle: InventoryFacts = { ...BEFORE, effective: 'natGateway', addresses: ['20.9.0.1'] }
  const other: InventoryFacts = { ...BEFORE, addresses: ['20.7.0.1'] }
  const rows: [string, InventoryFacts, number, boolean][] = [
    ['the state before the change', BEFORE, 1, true],
    ['the former type with the new address', middle, 1, true],
    ['the state after the change', AFTER, 1, false],
    ['an address that no reading has shown', other, 1, false],
    ['fewer addresses of the new type', { ...AFTER, addresses: [] }, 1, false],
    ['another type', { ...BEFORE, declared: { outboundType: 'none', natGatewaySku: null } }, 1, false],
    ['the state before the change, too late', BEFORE, 15, false],
  ]
  for (const [name, reading, minutes, expected] of rows) {
    const now = new Date(jobReadAt.getTime() + minutes * 60_000)
    t.equal(isOutdated(reading, states, now), expected, name)
  }
})
