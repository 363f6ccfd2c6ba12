import t from 'tap'
import { allowListImpacts } from '../../../src/core/allow-lists/impacts.ts'
import { movingAddresses } from '../../../src/core/allow-lists/moving-addresses.ts'
import type { EgressIpChange } from '../../../src/core/plan-egress.ts'
import { aList, anEntry, STORAGE } from '../../support/allow-list-facts.ts'

const AFTER = { known: [], created: { IPv4: 0, IPv6: 0 }, prepared: [], undecided: [], unknowable: false }
const OWN = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/own'

function ledger(change: EgressIpChange['change'], ...addresses: string[]): EgressIpChange[] {
  return addresses.map((address) => ({
    address,
    family: address.includes(':') ? 'IPv6' : 'IPv4',
    change,
    resourceId: null,
    knownAt: 'plan',
    recoverable: true,
  }))
}

const MOVE = movingAddresses([...ledger('lost', '20.1.2.3'), ...ledger('added', '20.9.0.1')], AFTER)
const impactsOf = (...lists: Parameters<typeof aList>[0][]) =>
  allowListImpacts(
    lists.map((entries) => aList(entries)),
    MOVE,
    OWN,
  )

t.test('an entry for the lost address says where it stands, what to add and what to remove', async (t) => {
  t.strictSame(impactsOf(['198.51.100.7', '20.1.2.3']), [
    {
      resourceId: STORAGE,
      type: 'Microsoft.Storage/storageAccounts',
      place: '/properties/networkAcls/ipRules/1',
      rule: null,
      entry: '20.1.2.3',
      effect: 'allow',
      inForce: true,
      covers: [{ address: '20.1.2.3', change: 'lost' }],
      add: ['20.9.0.1'],
      addLater: 0,
      removeLater: ['20.1.2.3'],
    },
  ])
})

t.test('a wider block or range counts, and is left to its owner', async (t) => {
  const range = anEntry('20.1.2.0-20.1.2.9', { block: { first: '20.1.2.0', last: '20.1.2.9' } })
  for (const entry of ['20.1.0.0/16', '20.0.0.0/13', range]) {
    const [impact] = impactsOf([entry])
    t.match(impact, { covers: [{ address: '20.1.2.3' }], removeLater: [], add: ['20.9.0.1'] })
  }
})

t.test('a text that only looks alike does not count, nor an entry for the whole internet', async (t) => {
  t.strictSame(impactsOf(['20.1.2.30', '120.1.2.3', '20.1.2.4/30', '0.0.0.0/0', '::/0', '20.1.3.0/24']), [])
})

t.test('a part of a lost prefix counts, and nobody else can be behind it', async (t) => {
  const moving = movingAddresses(ledger('lost', '20.7.0.0/28'), AFTER)
  const impacts = allowListImpacts([aList(['20.7.0.5', '20.7.0.0/28', '20.7.0.0/27'])], moving, OWN)
  t.strictSame(
    impacts.map(({ entry, covers, removeLater }) => [entry, covers[0]?.address, removeLater]),
    [
      ['20.7.0.5', '20.7.0.0/28', ['20.7.0.5']],
      ['20.7.0.0/28', '20.7.0.0/28', ['20.7.0.0/28']],
      ['20.7.0.0/27', '20.7.0.0/28', []],
    ],
  )
})

t.test('a new address that the same list names already need not be added', async (t) => {
  t.strictSame(impactsOf(['20.1.2.3', '20.9.0.0/24'])[0]?.add, [])
  t.strictSame(impactsOf(['20.0.0.0/8'])[0]?.add, [], 'the entry itself')
  const rules = (one: string, other: string) => [
    anEntry('20.1.2.3', { place: one, rule: 'old' }),
    anEntry('20.9.0.1', { place: other, rule: 'new' }),
  ]
  t.strictSame(impactsOf(rules('/firewallRules/old', '/firewallRules/new'))[0]?.add, [], 'a rule beside it')
  const inRule = (nth: number) => `/properties/securityRules/${nth}/properties/sourceAddressPrefix`
  t.strictSame(impactsOf(rules(inRule(0), inRule(1)))[0]?.add, ['20.9.0.1'], 'another rule of an NSG')
})

t.test('a rule that denies is shown, and nobody is asked to deny more', async (t) => {
  const impacts = impactsOf([
    anEntry('20.1.2.3', { effect: 'deny' }),
    anEntry('20.9.0.1', { effect: 'deny' }),
  ])
  t.match(impacts, [{ effect: 'deny', add: [], addLater: 0, removeLater: ['20.1.2.3'] }])
})

t.test('an address of which nobody knows whether it stays is not to be removed', async (t) => {
  const moving = movingAddresses(ledger('unknown', '20.1.2.3'), AFTER)
  t.match(allowListImpacts([aList(['20.1.2.3'])], moving, OWN), [
    { covers: [{ address: '20.1.2.3', change: 'unknown' }], removeLater: [] },
  ])
})

t.test('only new addresses of the entry family are asked for, known or not', async (t) => {
  const changes = [
    ...ledger('lost', '20.1.2.3', '2001:db8::1'),
    ...ledger('added', '20.9.0.1', '2001:db8:9::1'),
  ]
  const moving = movingAddresses(changes, { ...AFTER, created: { IPv4: 2, IPv6: 1 }, unknowable: true })
  const impacts = allowListImpacts([aList(['20.1.2.3', '2001:db8::/48'])], moving, OWN)
  t.strictSame(
    impacts.map(({ add, addLater }) => [add, addLater]),
    [
      [['20.9.0.1'], 3],
      [['2001:db8:9::1'], 1],
    ],
  )
})

t.test("the cluster's own ranges are no impact of itself, another cluster's are", async (t) => {
  const type = 'Microsoft.ContainerService/managedClusters'
  const lists = [OWN.toUpperCase(), OWN.replace('own', 'other')].map((id) =>
    aList(['20.1.2.3/32'], { id, type }),
  )
  const impacts = allowListImpacts(lists, MOVE, OWN)
  t.strictSame(
    impacts.map(({ resourceId }) => resourceId),
    [OWN.replace('own', 'other')],
  )
})

t.test('what is kept or only added is lost to nobody', async (t) => {
  const moving = movingAddresses([...ledger('kept', '20.1.2.3'), ...ledger('added', '20.9.0.1')], AFTER)
  t.strictSame(allowListImpacts([aList(['20.1.2.3', '20.9.0.1'])], moving, OWN), [])
})
