import t from 'tap'
import type { Consumer } from '../../../src/contract/allow-lists.ts'
import type { Job } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { followUpConsumers } from '../../../src/planning/requests/follow-up-consumers.ts'

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

/** The entries in the request that follows a job, with its created address and the addresses that it read. */
function entriesAfter(status: Job['status'], consumer: Partial<Consumer> = {}, found = [FOUND, OLD]) {
  const job = {
    status,
    preparedAddresses: [{ resourceId: '/ip', address: CREATED }],
    result: found.length === 0 ? null : { egressIps: found.map((address) => ({ address })) },
  }
  const allowLists = { consumers: [{ ...BANK, ...consumer }] }
  return followUpConsumers(job as unknown as Job, { ...PLAN, allowLists } as unknown as Plan)
}

t.test(
  'a consumer has the entries that the job asked for, and none that a successful job removed',
  async (t) => {
    const contact = { name: 'Bank', contact: 'noc@bank.example' }
    t.strictSame(entriesAfter('Succeeded'), [{ ...contact, addresses: [OTHER, PLANNED, CREATED, FOUND] }])
    t.strictSame(entriesAfter('Canceled', {}, []), [
      { ...contact, addresses: [OLD, OTHER, PLANNED, CREATED] },
    ])
    t.strictSame(entriesAfter('Failed', { addLater: 0 }), [{ ...contact, addresses: [OLD, OTHER, PLANNED] }])
  },
)

t.test('a consumer without entries stays without entries, because it allows every address', async (t) => {
  const given = { addresses: [], contact: null, note: 'by mail' }
  t.strictSame(entriesAfter('Succeeded', given), [{ name: 'Bank', note: 'by mail' }])
})
