import t from 'tap'
import type { Consumer } from '../../../src/contract/allow-lists.ts'
import type { Job, JobResult } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { followUpConsumers } from '../../../src/planning/requests/follow-up-requests.ts'

const [OLD, OTHER, PLANNED, CREATED, FOUND] = ['20.0.0.1', '20.0.0.2', '20.0.0.3', '20.0.0.4', '20.0.0.5']

const PLAN = { egressIps: [{ address: OLD }, { address: PLANNED }, { address: null }] }
const BANK: Consumer = {
  name: 'Bank',
  contact: 'noc@bank.example',
  note: null,
  addresses: [OLD, OTHER],
  drop: [OLD],
  add: [PLANNED],
  addLater: 1,
}

/** The entries in the request that follows a job, with its created address and the addresses that it or a later job read. */
function entriesAfter(found: string[] | null, consumer: Partial<Consumer> = {}) {
  const job = { preparedAddresses: [{ resourceId: '/ip', address: CREATED }] }
  const plan = { ...PLAN, allowLists: { consumers: [{ ...BANK, ...consumer }] } }
  const read = found === null ? null : { egressIps: found.map((address) => ({ address })) }
  return followUpConsumers(job as unknown as Job, plan as unknown as Plan, read as JobResult | null)
}

t.test('a consumer has the entries that the reports asked for, and none that they removed', async (t) => {
  const contact = { name: 'Bank', contact: 'noc@bank.example' }
  t.strictSame(entriesAfter([FOUND]), [{ ...contact, addresses: [OTHER, PLANNED, CREATED, FOUND] }])
  t.strictSame(
    entriesAfter([OLD]),
    [{ ...contact, addresses: [OLD, OTHER, PLANNED, CREATED] }],
    'the job reverted the change',
  )
  t.strictSame(entriesAfter(null), [{ ...contact, addresses: [OLD, OTHER, PLANNED, CREATED] }])
  t.strictSame(entriesAfter(null, { addLater: 0 }), [{ ...contact, addresses: [OLD, OTHER, PLANNED] }])
  const range = { addresses: ['20.0.0.0/31'], drop: ['20.0.0.0/31'] }
  t.match(entriesAfter([OLD], range), [{ addresses: ['20.0.0.0/31', PLANNED, CREATED] }])
})

t.test('a consumer without entries stays without entries, because it allows every address', async (t) => {
  const given = { addresses: [], contact: null, note: 'by mail' }
  t.strictSame(entriesAfter([FOUND], given), [{ name: 'Bank', note: 'by mail' }])
})
