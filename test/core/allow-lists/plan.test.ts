import t from 'tap'
import { aByoSnapshot, aReadyGateway, aSnapshot } from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { aList, listsAround } from '../../support/allow-list-facts.ts'

const { gateway, publicIp, id: natGatewayId } = aReadyGateway('20.9.0.1')
const consumer = (name: string, addresses: string[] = []) => ({ name, contact: 'ops', note: null, addresses })
const denied = {
  type: 'Microsoft.Sql/servers',
  what: '/sql',
  reason: 'denied',
  code: 'AuthorizationFailed',
  message: 'No.',
} as const

t.test('the coverage is complete only when somebody has looked and nothing was left out', async (t) => {
  const coverageOf = (surroundings: Parameters<typeof aSnapshot>[0]) =>
    planFor(aSnapshot(surroundings), 'managedNATGateway').allowLists.coverage
  t.strictSame(coverageOf({}), { complete: false, searched: [], unread: [] })
  const read = coverageOf({ surroundings: listsAround([aList(['20.1.0.1'])]) })
  t.equal(read.complete, true)
  t.match(read.searched[1], { type: 'Microsoft.Storage/storageAccounts', resources: 1 })
  const partial = coverageOf({ surroundings: listsAround([], { unread: [denied] }) })
  t.match(partial, { complete: false, unread: [denied] })
})

t.test('a plan that loses no address raises no finding, however little was searched', async (t) => {
  const surroundings = listsAround([aList(['20.9.0.1', '20.1.0.1'])], { unread: [denied] })
  const kept = aByoSnapshot(
    { natGatewayId },
    { cluster: { loadBalancerProfile: null }, natGateways: [gateway], publicIps: [publicIp], surroundings },
  )
  const made = planFor(kept, 'userAssignedNATGateway', { consumers: [consumer('payments')] })
  t.strictSame(made.allowLists.impacts, [])
  t.strictSame(
    codesOf(made).filter((code) => /ALLOWLIST|CONSUMERS/.test(code)),
    [],
  )
  t.match(made.allowLists.consumers, [{ name: 'payments', drop: [], add: [], addLater: 0 }])
})

t.test('a change that cannot be made takes nothing away', async (t) => {
  const cluster = { outboundType: 'managedNATGateway' }
  const surroundings = listsAround([aList(['20.1.0.1'])])
  const made = planFor(aSnapshot({ cluster, surroundings }), 'userDefinedRouting', {
    consumers: [consumer('payments')],
  })
  t.equal(made.status, 'blocked')
  t.strictSame(made.allowLists.impacts, [])
  t.match(made.allowLists.consumers, [{ drop: [], add: [], addLater: 0 }])
})

t.test('each consumer is told of its own entries, or of all addresses where it named none', async (t) => {
  const made = planFor(aSnapshot(), 'managedNATGateway', {
    consumers: [
      consumer('all'),
      consumer('exact', ['20.1.0.1/32', '198.51.100.0/24']),
      consumer('wide', ['20.1.0.0/16']),
      consumer('strange', ['198.51.100.0/24']),
    ],
  })
  t.strictSame(
    made.allowLists.consumers.map(({ name, drop, add, addLater }) => [name, drop, add, addLater]),
    [
      ['all', ['20.1.0.1'], [], 1],
      ['exact', ['20.1.0.1/32'], [], 1],
      ['wide', [], [], 1],
      ['strange', [], [], 1],
    ],
  )
  const told = made.findings.find(({ code }) => code === 'CONSUMERS_TO_TELL')
  t.strictSame(told?.facts, { names: ['all', 'exact', 'wide'] })
})

t.test('nothing of this decides whether a plan still holds', async (t) => {
  const basisOf = (surroundings: Parameters<typeof aSnapshot>[0]) =>
    planFor(aSnapshot(surroundings), 'managedNATGateway').basis
  t.strictSame(basisOf({ surroundings: listsAround([aList(['20.1.0.1'])]) }), basisOf({}))
})

t.test('a sentence names a few resources and counts the others', async (t) => {
  const lists = Array.from({ length: 8 }, (_, index) =>
    aList(['20.1.0.1'], { id: `/storageAccounts/st${index}` }),
  )
  const made = planFor(aSnapshot({ surroundings: listsAround(lists) }), 'managedNATGateway')
  const found = made.findings.find(({ code }) => code === 'ALLOWLIST_NAMES_LOST_ADDRESS')
  t.match(found?.message, /: st0, st1, st2, st3, st4 and 3 more\.$/)
  t.match(found?.facts, { entries: lists.map(({ id }) => ({ resourceId: id })) })
})
