import t from 'tap'
import type { InventoryFacts } from '../../../src/contract/inventory.ts'
import { type CausingJob, causeOf } from '../../../src/core/inventory/change-causes.ts'
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
const ip = (address: string) => ({ address, family: 'IPv4' as const, resourceId: null })
const JOB: CausingJob = {
  id: 'job',
  status: 'Succeeded',
  from: 'loadBalancer',
  to: 'managedNATGateway',
  finishedAt: new Date('2026-09-01T10:05:00Z'),
  result: {
    outboundType: 'managedNATGateway',
    natGatewaySku: null,
    egressIps: [ip('20.9.0.1')],
    authorizedIPRanges: [],
    leftBehind: [],
  },
}
const running: CausingJob = { ...JOB, status: 'Running', finishedAt: null, result: null }

const CASES: [
  string,
  string | null,
  Partial<Record<'before' | 'after', InventoryFacts | null>>,
  CausingJob?,
  (Date | null)?,
][] = [
  ['a job that succeeded and read these addresses', 'job', {}, JOB],
  ['no job', null, {}],
  [
    'an address that the job did not read',
    null,
    { after: { ...AFTER, addresses: ['20.9.0.1', '20.9.0.2'] } },
    JOB,
  ],
  [
    'an address that the job still read and that is lost now',
    null,
    { before: { ...BEFORE, addresses: ['20.9.0.1'] }, after: { ...AFTER, addresses: [] } },
    JOB,
  ],
  ['another type than that of the job', null, { after: { ...AFTER, declared: BASE.declared } }, JOB],
  ['a job that ended long before the previous reading', null, {}, JOB, new Date('2026-09-01T12:00:00Z')],
  [
    'a job that ended just before the previous reading, which can lag',
    'job',
    {},
    JOB,
    new Date('2026-09-01T10:20:00Z'),
  ],
  ['a previous reading of unknown time', 'job', {}, JOB, null],
  ['a running job whose types include the present type', 'job', {}, running],
  ['a running job with other types', null, {}, { ...running, from: 'none', to: 'block' }],
  ['a failed job', null, {}, { ...JOB, status: 'Failed' }],
  ['a cluster that appears', null, { before: null }, JOB],
  ['a cluster that disappears', null, { after: null }, JOB],
]

for (const [name, expected, change, job, readAt = READ_AT] of CASES)
  t.test(
    `${expected === null ? 'no job explains a change' : 'the job explains a change'}: ${name}`,
    async (t) => {
      t.equal(causeOf({ before: BEFORE, after: AFTER, ...change }, job, readAt), expected)
    },
  )
