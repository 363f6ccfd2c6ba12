import t from 'tap'
import type { AllowListImpact, AllowListsPlan, Consumer } from '../../../src/contract/allow-lists.ts'
import type { EgressIpChange } from '../../../src/contract/egress.ts'
import { actualAllowLists } from '../../../src/core/allow-lists/actual-allow-lists.ts'

const row = (
  change: EgressIpChange['change'],
  address: string | null,
  knownAt: EgressIpChange['knownAt'] = 'plan',
) => ({ address, family: 'IPv4', change, resourceId: null, knownAt, recoverable: true }) as const
const PLANNED = [row('lost', '20.0.0.1'), row('added', null, 'apply')]

const IMPACT: AllowListImpact = {
  resourceId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a',
  type: 'Microsoft.Storage/storageAccounts',
  place: '/properties/networkAcls/ipRules/0/value',
  rule: null,
  entry: '20.0.0.1',
  effect: 'allow',
  inForce: true,
  ineffective: null,
  covers: [{ address: '20.0.0.1', change: 'lost' }],
  add: [],
  addLater: 1,
  removeLater: ['20.0.0.1'],
}
const CONSUMER: Consumer = {
  name: 'Bank',
  contact: null,
  note: null,
  addresses: [],
  drop: ['20.0.0.1'],
  add: [],
  addLater: 1,
}

function edits(
  actual: EgressIpChange[],
  impact: Partial<AllowListImpact> = {},
  consumer: Partial<Consumer> = {},
) {
  const lists: AllowListsPlan = {
    coverage: { complete: true, searched: [], unread: [] },
    impacts: [{ ...IMPACT, ...impact }],
    consumers: [{ ...CONSUMER, ...consumer }],
  }
  const { impacts, consumers } = actualAllowLists(lists, PLANNED, actual)
  const [first] = impacts
  return { impact: first, consumer: consumers[0] }
}

t.test('changes nothing while nothing new is known', (t) => {
  t.strictSame(edits(PLANNED), { impact: IMPACT, consumer: CONSUMER })
  t.end()
})

t.test('adds the new address as soon as it is known', (t) => {
  const { impact, consumer } = edits([row('lost', '20.0.0.1'), row('added', '20.0.0.9', 'apply')])
  t.match(impact, { add: ['20.0.0.9'], addLater: 0, removeLater: ['20.0.0.1'] })
  t.match(consumer, { add: ['20.0.0.9'], addLater: 0, drop: ['20.0.0.1'] })
  t.end()
})

t.test('adds an address that the plan does not have, such as after a rollback', (t) => {
  const actual = [row('lost', '20.0.0.1'), row('lost', '20.0.0.5'), row('added', '20.0.0.9', 'apply')]
  const planned = { add: ['20.0.0.5'], addLater: 0 }
  t.match(edits(actual, planned).impact, { add: ['20.0.0.9'], addLater: 0, removeLater: ['20.0.0.1'] })
  t.match(edits(actual, { ...planned, entry: '20.0.0.0/24' }).impact, { add: [] }, 'the entry contains it')
  const unused = actual.map((item) => ({ ...item, usedBefore: [] }))
  t.match(
    edits(unused, { add: [], addLater: 0 }).impact,
    { add: [] },
    'no traffic left from the lost address',
  )
  t.end()
})

t.test('omits an entry whose address stays in use', (t) => {
  const { impact, consumer } = edits([
    row('kept', '20.0.0.1'),
    { ...row('lost', '20.0.0.9'), usedBefore: [] },
  ])
  t.equal(impact, undefined)
  t.match(
    consumer,
    { add: [], addLater: 0, drop: ['20.0.0.9'] },
    'a partner may have allowed the unused address',
  )
  t.end()
})

t.test('does not remove an entry while the removal is unconfirmed', (t) => {
  const { impact, consumer } = edits([row('unknown', '20.0.0.1'), row('added', null, 'apply')])
  t.match(impact, { covers: [{ change: 'unknown' }], removeLater: [], addLater: 1 })
  t.match(consumer, { drop: [], addLater: 1 })
  t.end()
})

t.test('removes an entry that AKS was to decide about, once it has', (t) => {
  const undecided = { covers: [{ address: '20.0.0.1', change: 'unknown' as const }], removeLater: [] }
  t.match(edits([row('lost', '20.0.0.1')], undecided).impact, { removeLater: ['20.0.0.1'] })
  const wider = { ...undecided, entry: '20.0.0.0/24' }
  t.match(
    edits([row('lost', '20.0.0.1')], wider).impact,
    { removeLater: [] },
    'it also covers other addresses',
  )
  t.end()
})

t.test('adds nothing to a rule that denies, and nothing that a consumer already allows', (t) => {
  const actual = [row('lost', '20.0.0.1'), row('added', '20.0.0.9', 'apply')]
  const { impact, consumer } = edits(
    actual,
    { effect: 'deny', addLater: 0 },
    { addresses: ['20.0.0.0/24', '20.0.0.1'] },
  )
  t.match(impact, { add: [], addLater: 0 })
  t.match(consumer, { add: [], drop: ['20.0.0.1'] })
  t.end()
})

t.test('keeps entries without a row, such as the prefix of a static egress gateway', (t) => {
  const prefix = '30.0.0.0/30'
  const covers = [{ address: prefix, change: 'lost' as const }]
  const actual = [row('kept', '20.0.0.1')]
  const { impact, consumer } = edits(
    actual,
    { entry: prefix, covers, removeLater: [prefix] },
    { drop: [prefix] },
  )
  t.match(impact, { covers, removeLater: [prefix] })
  t.match(consumer, { drop: [prefix] })
  t.end()
})

t.test('asks a consumer to remove what it was asked to add, if the job moved nothing', (t) => {
  const created = { ...row('lost', '20.0.0.9', 'prepare'), usedBefore: [], usedAfter: [] }
  const existing = { ...row('lost', '20.0.0.7'), usedBefore: [], usedAfter: [] }
  const kept = row('kept', '20.0.0.1')
  const drop = (actual: EgressIpChange[], consumer: Partial<Consumer>) =>
    edits(actual, {}, { addresses: ['20.0.0.1'], ...consumer }).consumer
  t.match(drop([kept, created], {}), { add: [], drop: ['20.0.0.9'] })
  t.match(drop([kept, created], { addresses: [] }), { drop: ['20.0.0.9'] })
  t.match(drop([kept, created], { addLater: 0 }), { drop: [] }, 'it was not asked to add the address')
  t.match(drop([kept, existing], { add: ['20.0.0.7'], addLater: 0 }), { add: [], drop: ['20.0.0.7'] })
  t.match(drop([kept, existing], { addLater: 0 }), { drop: [] })
  const unused = { ...created, usedBefore: undefined }
  t.match(drop([kept, unused as EgressIpChange], {}), { drop: [] }, 'rows of earlier versions')
  t.end()
})
