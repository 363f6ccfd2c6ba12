import t from 'tap'
import type { Consumer } from '../../../src/contract/allow-lists.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { planFacts } from '../../../src/core/campaign/plan-facts.ts'
import { mergePlans } from '../../../src/core/campaign/planning-result.ts'
import { EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import { address, facts, ready } from './plan-facts.ts'

const consumer = (name: string, add: string[], addLater: number, remove: [string, string][]) => ({
  resourceId: name,
  type: 'consumer',
  add,
  addLater,
  remove: remove.map(([entry, covered]) => ({ entry, covers: [covered] })),
})
const REQUESTED = [{ name: 'Bank B', contact: 'net@bank.example' }, { name: 'Bank A' }]

t.test('a consumer gets one list of edits over all members, in the order of the request', async (t) => {
  const first = facts({
    addresses: [address('20.1.0.1', 'lost'), address('20.9.0.1', 'added'), address('20.1.0.9', 'lost')],
    consumers: [
      consumer('Bank B', ['20.9.0.1'], 1, [
        ['20.1.0.1', '20.1.0.1'],
        ['20.1.0.9', '20.1.0.9'],
      ]),
    ],
  })
  const second = facts({
    addresses: [address('20.2.0.1', 'lost'), address('20.1.0.9', 'kept')],
    consumers: [consumer('Bank B', ['20.9.0.2'], 0, [['20.2.0.1/32', '20.2.0.1']])],
  })
  t.strictSame(mergePlans([ready(first), ready(second)], [], { consumers: REQUESTED }).consumers, [
    {
      name: 'Bank B',
      contact: 'net@bank.example',
      members: 2,
      add: ['20.9.0.1', '20.9.0.2'],
      addLater: 1,
      // The second cluster still uses 20.1.0.9.
      removeLater: ['20.1.0.1', '20.2.0.1/32'],
    },
    { name: 'Bank A', contact: null, members: 0, add: [], addLater: 0, removeLater: [] },
  ])
  const skipped = { ...ready(second), status: 'Skipped' as const }
  t.match(mergePlans([ready(first), skipped], [], { consumers: REQUESTED }).consumers, [
    { members: 1, add: ['20.9.0.1'] },
    {},
  ])
  t.equal(mergePlans([ready(first)], []).consumers, undefined, 'without consumers in the request')
})

t.test('a consumer that lists addresses of some members gets nothing about the others', async (t) => {
  const member = (before: string, added: string, other: object = {}) =>
    ready(
      facts({
        addresses: [address(before, 'lost')],
        consumers: [consumer('Bank A', [added], 0, [])],
        ...other,
      }),
    )
  const members = [member('20.1.0.1', '20.9.0.1'), member('20.2.0.1', '20.9.0.2')]
  const incomplete = member('20.3.0.1', '20.9.0.3', {
    unread: [{ part: 'network', code: 'READ_INCOMPLETE' }],
  })
  const addOf = (addresses: string[], list = members) =>
    mergePlans(list, [], { consumers: [{ name: 'Bank A', addresses }] }).consumers?.[0]?.add
  t.strictSame(addOf(['20.1.0.0/24']), ['20.9.0.1'])
  t.strictSame(addOf(['20.1.0.1'], [...members, incomplete]), ['20.9.0.1', '20.9.0.3'], 'it may use others')
  t.strictSame(addOf(['20.7.0.0/24']), ['20.9.0.1', '20.9.0.2'], 'no member is identified')
  t.strictSame(addOf([]), ['20.9.0.1', '20.9.0.2'])
})

t.test('a consumer gets the addresses of both families that a job has read', async (t) => {
  const planned = facts({
    addresses: [address('20.1.0.1', 'lost')],
    consumers: [consumer('Bank A', [], 1, [['20.1.0.1', '20.1.0.1']])],
  })
  const egressIps = [
    { address: '20.9.0.1', family: 'IPv4' as const, resourceId: null },
    { address: '2603:1030::1', family: 'IPv6' as const, resourceId: null },
  ]
  const result = {
    outboundType: 'managedNATGateway',
    natGatewaySku: null,
    egressIps,
    authorizedIPRanges: [],
    leftBehind: [],
  }
  const member = { ...ready(planned), status: 'Succeeded' as const, result }
  t.match(mergePlans([member], [], { consumers: [{ name: 'Bank A' }] }).consumers, [
    { add: ['20.9.0.1', '2603:1030::1'], addLater: 0, removeLater: ['20.1.0.1'] },
  ])
})

t.test('the data of a plan contain the affected consumers, and what their entries cover', async (t) => {
  const row = { contact: null, note: null, addresses: [], add: [], addLater: 0, drop: [] }
  const lost = EXAMPLE_PLAN.egressIps.flatMap((item) => (item.change === 'lost' ? (item.address ?? []) : []))
  t.ok(lost.length > 0)
  const consumers: Consumer[] = [
    { ...row, name: 'affected', add: ['20.9.0.1'], drop: lost.map((text) => `${text}/32`) },
    { ...row, name: 'unaffected' },
  ]
  const plan: Plan = { ...EXAMPLE_PLAN, allowLists: { ...EXAMPLE_PLAN.allowLists, consumers } }
  t.strictSame(planFacts(plan).consumers, [
    consumer(
      'affected',
      ['20.9.0.1'],
      0,
      lost.map((text) => [`${text}/32`, text]),
    ),
  ])
  const without = { ...EXAMPLE_PLAN, allowLists: { ...EXAMPLE_PLAN.allowLists, consumers: [] } }
  t.notOk('consumers' in planFacts(without))
})
