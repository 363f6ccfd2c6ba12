import t from 'tap'
import type { AllowListImpact } from '../../../src/contract/allow-lists.ts'
import type { EgressIpChange } from '../../../src/contract/egress.ts'
import {
  allowListImpacts,
  type MovingAddresses,
  movingOf,
} from '../../../src/core/allow-lists/allow-lists-plan.ts'
import type { EgressAddress } from '../../../src/core/egress/addresses.ts'
import type { AllowListResource } from '../../../src/core/snapshot/allow-list-facts.ts'
import {
  aByoSnapshot,
  aFirewall,
  aPublicIp,
  aReadyGateway,
  aSnapshot,
  aSubnet,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { NETWORK_OF_USER, onTable } from '../../support/own-network.ts'
import { aList, anEntry, listsAround, STORAGE } from '../../support/permissions.ts'

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

/** Addresses as sources: `?` is an address that ARM does not show, and `+2` are two that AKS creates. */
function sources(text: string): EgressAddress[] {
  const parts = text.split(' ').filter((part) => part !== '')
  return parts.map((part) => ({
    address: /^[?+]/.test(part) ? null : part,
    family: part.includes(':') ? 'IPv6' : 'IPv4',
    resourceId: null,
    ownedBy: 'user',
    ...(part.startsWith('+') ? { created: Number(part) } : {}),
  }))
}

/** A change with these rows, whose packets move as in `20.1.2.3 > 20.9.0.1`. */
function change(rows: EgressIpChange[], ...moves: string[]) {
  return movingOf({
    ledger: rows,
    after: {
      ...AFTER,
      known: rows.flatMap(({ change: fate, address }) =>
        fate === 'kept' || fate === 'added' ? sources(address ?? '') : [],
      ),
    },
    released: [],
    overriddenPrefixes: [],
    moves: moves.map((text) => {
      const [before = '', after = ''] = text.split('>')
      const family = text.includes(':') ? 'IPv6' : 'IPv4'
      return { family, before: sources(before), after: sources(after), isElsewhere: true }
    }),
  })
}

const MOVE = change([...ledger('lost', '20.1.2.3'), ...ledger('added', '20.9.0.1')], '20.1.2.3 > 20.9.0.1')
const impactsOf = (...lists: Parameters<typeof aList>[0][]) =>
  allowListImpacts(
    lists.map((entries) => aList(entries)),
    MOVE,
    OWN,
  )

t.test('an entry for the lost address shows its place, the additions, and the removals', async (t) => {
  t.strictSame(impactsOf(['198.51.100.7', '20.1.2.3']), [
    {
      resourceId: STORAGE,
      type: 'Microsoft.Storage/storageAccounts',
      place: '/properties/networkAcls/ipRules/1',
      rule: null,
      entry: '20.1.2.3',
      effect: 'allow',
      inForce: true,
      ineffective: null,
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

t.test('ignores similar texts and entries for the whole internet', async (t) => {
  t.strictSame(impactsOf(['20.1.2.30', '120.1.2.3', '20.1.2.4/30', '0.0.0.0/0', '::/0', '20.1.3.0/24']), [])
})

t.test('an entry inside a lost prefix is removed, and an entry around it is kept', async (t) => {
  const moving = change(ledger('lost', '20.7.0.0/28'))
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

t.test('shows a deny rule and suggests no further addresses for it', async (t) => {
  const impacts = impactsOf([
    anEntry('20.1.2.3', { effect: 'deny' }),
    anEntry('20.9.0.1', { effect: 'deny' }),
  ])
  t.match(impacts, [{ effect: 'deny', add: [], addLater: 0, removeLater: ['20.1.2.3'] }])
})

t.test('does not remove an address that may stay', async (t) => {
  const moving = change(ledger('unknown', '20.1.2.3'))
  t.match(allowListImpacts([aList(['20.1.2.3'])], moving, OWN), [
    { covers: [{ address: '20.1.2.3', change: 'unknown' }], removeLater: [] },
  ])
})

t.test('only new addresses of the entry family are asked for, known or not', async (t) => {
  const moving = change(
    [...ledger('lost', '20.1.2.3', '2001:db8::1'), ...ledger('added', '20.9.0.1', '2001:db8:9::1')],
    '20.1.2.3 > 20.9.0.1 +2 ?',
    '2001:db8::1 > 2001:db8:9::1 2001:db8:9::2',
  )
  const impacts = allowListImpacts([aList(['20.1.2.3', '2001:db8::/48'])], moving, OWN)
  t.strictSame(
    impacts.map(({ add, addLater }) => [add, addLater]),
    [
      [['20.9.0.1'], 3],
      [['2001:db8:9::1', '2001:db8:9::2'], 0],
    ],
  )
})

t.test("the ranges of other clusters are an impact, but not the cluster's own ranges", async (t) => {
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

t.test('reports no entries for addresses that are added, or whose packets all keep them', async (t) => {
  const rows = [...ledger('kept', '20.1.2.3'), ...ledger('added', '20.9.0.1')]
  const moving = change(rows, '20.1.2.9 > 20.9.0.1')
  t.strictSame(allowListImpacts([aList(['20.1.2.3', '20.9.0.1'])], moving, OWN), [])
})

t.test('a list gets the addresses of its own packets, whichever other packets use them', async (t) => {
  const both = ledger('kept', '20.1.2.3', '20.3.0.1')
  const table: [name: string, moving: MovingAddresses, entry: string, impact: Partial<AllowListImpact>[]][] =
    [
      [
        'moves to an address that the cluster already uses',
        change([...ledger('lost', '20.1.2.3'), ...ledger('kept', '20.3.0.1')], '20.1.2.3 > 20.3.0.1'),
        '20.1.2.3',
        [{ covers: [{ address: '20.1.2.3', change: 'lost' }], add: ['20.3.0.1'], removeLater: ['20.1.2.3'] }],
      ],
      [
        'moves between addresses that both stay in use',
        change(both, '20.1.2.3 > 20.3.0.1'),
        '20.1.2.3',
        [{ covers: [{ address: '20.1.2.3', change: 'kept' }], add: ['20.3.0.1'], removeLater: [] }],
      ],
      ['other packets move', change(both, '20.1.2.3 > 20.3.0.1'), '20.3.0.1', []],
      [
        'one of two moves adds to the list',
        change(
          [...ledger('lost', '20.1.2.3', '20.1.2.4'), ...ledger('added', '20.9.0.1', '20.9.0.2')],
          '20.1.2.3 > 20.9.0.1',
          '20.1.2.4 > 20.9.0.2',
        ),
        '20.1.2.4',
        [{ add: ['20.9.0.2'] }],
      ],
      [
        'packets may also leave from a further address',
        change(
          [...ledger('kept', '20.1.2.3'), ...ledger('added', '20.9.0.1')],
          '20.1.2.3 > 20.1.2.3 20.9.0.1',
        ),
        '20.1.2.3',
        [{ covers: [{ address: '20.1.2.3', change: 'kept' }], add: ['20.9.0.1'], removeLater: [] }],
      ],
      ['no packet leaves any more', change(ledger('kept', '20.1.2.3'), '20.1.2.3 >'), '20.1.2.3', []],
      [
        'an address of a lost prefix stays in use',
        change([...ledger('lost', '20.7.0.0/28'), ...ledger('kept', '20.7.0.5')], '20.7.0.0/28 > 20.7.0.5'),
        '20.7.0.5',
        [{ add: [], removeLater: [] }],
      ],
    ]
  for (const [name, moving, entry, impacts] of table)
    t.match(allowListImpacts([aList([entry])], moving, OWN), impacts, name)
  t.equal(allowListImpacts([aList(['20.3.0.1'])], change(both, '20.1.2.3 > 20.3.0.1'), OWN).length, 0)
  t.equal(allowListImpacts([aList(['20.1.2.3'])], change(both, '20.1.2.3 >'), OWN).length, 0)
})

const { gateway, publicIp, id: natGatewayId } = aReadyGateway('20.9.0.1')
const consumer = (name: string, addresses: string[] = []) => ({ name, contact: 'ops', addresses })
const denied = {
  type: 'Microsoft.Sql/servers',
  what: '/sql',
  reason: 'denied',
  code: 'AuthorizationFailed',
  message: 'No.',
} as const

t.test('the coverage is complete only after a search without omissions', async (t) => {
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

t.test('a blocked change removes no entries', async (t) => {
  const cluster = { outboundType: 'managedNATGateway' }
  const surroundings = listsAround([aList(['20.1.0.1'])])
  const made = planFor(aSnapshot({ cluster, surroundings }), 'userDefinedRouting', {
    consumers: [consumer('payments')],
  })
  t.equal(made.status, 'blocked')
  t.strictSame(made.allowLists.impacts, [])
  t.match(made.allowLists.consumers, [{ drop: [], add: [], addLater: 0 }])
})

t.test('each consumer gets its own entries, or all lost addresses if it names none', async (t) => {
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
  t.strictSame(told?.facts, { names: ['all', 'exact', 'wide'], isUnlisted: true })
})

t.test('allow lists do not affect the staleness check', async (t) => {
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
  t.match(found?.message, /^Rules of the resources `st0`, `st1`, `st2`, `st3`, `st4` and 3 more contain/)
  t.match(found?.facts, { entries: lists.map(({ id }) => ({ resourceId: id })) })
})

const POD_SUBNET = `${SUBNET}-pods`

/** What a plan says about a resource that names the lost address, for a cluster with these service endpoints on its subnets. */
function impactWith(list: Partial<AllowListResource>, ...endpoints: string[][]) {
  const subnets = endpoints.map((serviceEndpoints, index) =>
    aSubnet({ id: index === 0 ? SUBNET : POD_SUBNET, serviceEndpoints }),
  )
  const surroundings = listsAround([aList(['20.1.0.1'], list)])
  const plan = planFor(aSnapshot({ subnets, surroundings }), 'managedNATGateway')
  const remedy = plan.findings.find(({ code }) => code === 'ALLOWLIST_ENTRY_INEFFECTIVE')?.remedy
  return { impact: plan.allowLists.impacts[0], codes: codesOf(plan), remedy }
}

t.test('IP rules do not apply to traffic with private source addresses', async (t) => {
  const none = ['Microsoft.Sql']
  const storage = ['Microsoft.Storage']
  const table: [string, Partial<AllowListResource>, string[][], string | null][] = [
    ['storage in another region', { location: 'westus' }, [[]], null],
    ['storage in the same region', { location: 'East US' }, [[]], 'sameRegion'],
    ['storage in an unknown region', { location: null }, [storage], null],
    ['regional endpoint, another region', { location: 'westus' }, [storage], null],
    ['endpoint for all regions', { location: 'westus' }, [['microsoft.storage.global']], 'serviceEndpoint'],
    ['endpoint of another service', { location: 'westus' }, [none], null],
    ['vault in the same region', { type: 'Microsoft.KeyVault/vaults', location: 'eastus' }, [[]], null],
    ['vault', { type: 'Microsoft.KeyVault/vaults' }, [['Microsoft.KeyVault']], 'serviceEndpoint'],
    [
      'registry',
      { type: 'Microsoft.ContainerRegistry/registries' },
      [['Microsoft.ContainerRegistry']],
      'serviceEndpoint',
    ],
    [
      'account',
      { type: 'Microsoft.DocumentDB/databaseAccounts' },
      [['Microsoft.AzureCosmosDB']],
      'serviceEndpoint',
    ],
    [
      'SQL in the same region',
      { type: 'Microsoft.Sql/servers', location: 'eastus' },
      [['Microsoft.Sql']],
      'serviceEndpoint',
    ],
    [
      'SQL in another region',
      { type: 'Microsoft.Sql/servers', location: 'westus' },
      [['Microsoft.Sql']],
      null,
    ],
    [
      'a server without service endpoints',
      { type: 'Microsoft.DBforPostgreSQL/flexibleServers' },
      [['Microsoft.Sql']],
      null,
    ],
    ['cluster', { type: 'Microsoft.Network/networkSecurityGroups' }, [['Microsoft.Web']], null],
  ]
  for (const [name, list, endpoints, reason] of table)
    t.equal(impactWith(list, ...endpoints).impact?.ineffective?.reason ?? null, reason, name)
})

t.test('an entry that applies to no traffic needs no new address, but is still removed', async (t) => {
  const vault = { type: 'Microsoft.KeyVault/vaults' } as const
  const all = impactWith(vault, ['Microsoft.KeyVault'], ['Microsoft.KeyVault'])
  t.match(all.impact, {
    ineffective: { forAll: true, subnetIds: [SUBNET, POD_SUBNET] },
    add: [],
    addLater: 0,
  })
  t.strictSame(all.impact?.removeLater, ['20.1.0.1'])
  t.ok(all.codes.includes('ALLOWLIST_ENTRY_INEFFECTIVE'))
  t.match(all.remedy, /^Do not add the new addresses .* virtual network rules or private endpoints/)
  t.notOk(all.codes.includes('ALLOWLIST_NAMES_LOST_ADDRESS'))
  const some = impactWith(vault, ['Microsoft.KeyVault'], [])
  t.match(some.impact, { ineffective: { forAll: false, subnetIds: [SUBNET] } })
  t.not(some.impact?.addLater, 0, 'the other subnet still needs the entry')
  t.ok(some.codes.includes('ALLOWLIST_NAMES_LOST_ADDRESS'))
  t.notOk(some.codes.includes('ALLOWLIST_ENTRY_INEFFECTIVE'))
})

t.test('IP rules of storage in the region apply to traffic that may leave in another region', async (t) => {
  const surroundings = listsAround([aList(['20.1.0.1'], { location: 'eastus' })])
  const [subnet, network] = onTable('VirtualAppliance')
  const ipId = `${NETWORK_OF_USER}/publicIPAddresses/fw`
  const reasonBehind = (firewall: { location: string } | null) => {
    const publicIps = firewall === null ? [] : [aPublicIp({ id: ipId, address: '20.5.0.1', ...firewall })]
    const firewalls = firewall === null ? [] : [aFirewall({ id: FIREWALL, publicIpIds: [ipId] })]
    const snapshot = aByoSnapshot(subnet, { ...network, publicIps, firewalls, surroundings })
    const plan = planFor(snapshot, 'userDefinedRouting')
    t.equal(plan.allowLists.impacts.length, 1)
    return plan.allowLists.impacts[0]?.ineffective?.reason ?? null
  }
  t.equal(reasonBehind({ location: 'East US' }), 'sameRegion')
  t.equal(reasonBehind({ location: 'westus' }), null)
  t.equal(reasonBehind(null), null, 'an appliance without visible addresses')
})
