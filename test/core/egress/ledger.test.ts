import t from 'tap'
import type { EgressAddress } from '../../../src/core/egress/addresses.ts'
import { deletedUnused, ipLedger, withoutRelease, withUses } from '../../../src/core/egress/ledger.ts'
import type { EgressPath } from '../../../src/core/egress/paths.ts'
import type { ProjectedEgress } from '../../../src/core/egress/projected-egress.ts'
import { aPublicIp, aSnapshot } from '../../support/a-cluster.ts'

const OWN = address('20.1.0.1', { ownedBy: 'user' })
const MANAGED = address('20.1.0.2')
const UNREAD = address(null, { resourceId: '/ips/unread' })
const UNKNOWN = address(null, { resourceId: null, ownedBy: 'unknown' })

function address(text: string | null, given: Partial<EgressAddress> = {}): EgressAddress {
  return { address: text, family: 'IPv4', resourceId: `/ips/${text}`, ownedBy: 'aks', ...given }
}

function ledger(before: EgressAddress[], after: Partial<ProjectedEgress>) {
  const nothing = {
    known: [],
    created: { IPv4: 0, IPv6: 0 },
    prepared: [],
    undecided: [],
    unknowable: false,
  }
  return ipLedger(before, { ...nothing, ...after })
}
const brief = (...given: Parameters<typeof ledger>) =>
  ledger(...given).map((row) => `${row.change} ${row.address ?? '?'}`)

t.test('states what happens to an address, when it is known, and whether it is recoverable', async (t) => {
  const row = { family: 'IPv4', knownAt: 'plan', recoverable: true }
  const own = { ...row, address: '20.1.0.1', resourceId: '/ips/20.1.0.1' }
  const managed = { ...row, address: '20.1.0.2', resourceId: '/ips/20.1.0.2' }
  t.strictSame(ledger([OWN], { known: [OWN, MANAGED] }), [
    { ...own, change: 'kept' },
    { ...managed, change: 'added' },
  ])
  t.strictSame(ledger([OWN, MANAGED], {}), [
    { ...own, change: 'lost' },
    { ...managed, change: 'lost', recoverable: false },
  ])
  const undecided = { ...MANAGED, isUndecided: true } as const
  t.strictSame(ledger([MANAGED], { undecided: [undecided] }), [
    { ...managed, change: 'unknown', knownAt: 'apply', recoverable: false },
  ])
  t.strictSame(ledger([{ ...UNREAD, ownedBy: 'user' }], {}), [
    { ...row, address: null, resourceId: '/ips/unread', change: 'unknown', knownAt: 'apply' },
  ])
})

t.test('a plan that does not change the egress releases no address of AKS', async (t) => {
  const undecided = { ...MANAGED, isUndecided: true } as const
  const rows = [...ledger([MANAGED, OWN], {}), ...ledger([MANAGED], { undecided: [undecided] })]
  t.match(
    withoutRelease(rows).map(({ change, recoverable }) => `${change} ${recoverable}`),
    ['lost true', 'lost true', 'unknown false'],
    'a row whose change is unknown keeps what it states',
  )
})

t.test('keeps an address while the cluster uses a prefix that contains it, and the reverse', async (t) => {
  const [prefix, part] = [address('20.1.0.0/30'), address('20.1.0.3', { ownedBy: 'user' })]
  t.strictSame(brief([part, prefix], { known: [prefix] }), ['kept 20.1.0.3', 'kept 20.1.0.0/30'])
  t.strictSame(brief([prefix], { known: [part] }), ['kept 20.1.0.0/30', 'kept 20.1.0.3'])
  t.strictSame(brief([prefix], { known: [address('20.1.0.4')] }), ['lost 20.1.0.0/30', 'added 20.1.0.4'])
  const path = { subnetId: '/s', family: 'IPv4', destination: 'internet', addresses: [part] } as never
  const [row] = withUses(
    ledger([prefix], { known: [part] }),
    { released: [], deletedIds: [] },
    { before: [], after: [path] },
    [],
  )
  t.match(row, { address: '20.1.0.0/30', usedBefore: [], usedAfter: [{ destination: 'internet' }] })
})

t.test('marks a kept address that gets further packets, and no other address', async (t) => {
  const moves = [{ family: 'IPv4' as const, before: [MANAGED], after: [OWN], isElsewhere: true }]
  const marked = (before: EgressAddress[], known: EgressAddress[]) =>
    withUses(
      ledger(before, { known }),
      { released: [], deletedIds: [] },
      { before: [], after: [] },
      moves,
    ).flatMap((row) => (row.gainsTraffic === true ? [row.address] : []))
  t.strictSame(marked([OWN, MANAGED], [OWN, MANAGED]), ['20.1.0.1'])
  t.strictSame(marked([MANAGED], [OWN]), [], 'an added address is new for all packets')
})

t.test('counts the addresses that AKS creates, and names the resources that the plan creates', async (t) => {
  const row = { address: null, change: 'added', recoverable: true }
  const prefix = address(null, { family: 'IPv6', resourceId: '/prefixes/new', planned: 16 })
  t.strictSame(ledger([], { created: { IPv4: 1, IPv6: 2 }, prepared: [prefix] }), [
    { ...row, family: 'IPv6', resourceId: '/prefixes/new', knownAt: 'prepare' },
    { ...row, family: 'IPv4', resourceId: null, knownAt: 'apply' },
    { ...row, family: 'IPv6', resourceId: null, knownAt: 'apply' },
    { ...row, family: 'IPv6', resourceId: null, knownAt: 'apply' },
  ])
})

t.test(
  'has one row for each address of which AKS releases some, whether packets use it or not',
  async (t) => {
    const undecided = [MANAGED, address('20.1.0.3')]
    t.strictSame(brief([MANAGED], { undecided }), ['unknown 20.1.0.2', 'unknown 20.1.0.3'])
  },
)

t.test('has one row for all addresses that are not visible', async (t) => {
  t.strictSame(ledger([], { unknowable: true }), [
    {
      address: null,
      family: 'IPv4',
      change: 'unknown',
      resourceId: null,
      knownAt: 'apply',
      recoverable: false,
    },
  ])
  t.strictSame(brief([UNKNOWN], { unknowable: true }), ['unknown ?'])
  t.strictSame(brief([UNREAD], { unknowable: true }), ['unknown ?'])
  t.strictSame(brief([OWN], { unknowable: true }), ['lost 20.1.0.1', 'unknown ?'])
  t.strictSame(
    brief([MANAGED], { undecided: [MANAGED], unknowable: true }),
    ['unknown 20.1.0.2', 'unknown ?'],
    'an address that may be released is visible',
  )
})

t.test('names the paths that use each address before and after the change', async (t) => {
  const created = address(null, { resourceId: null, created: 1 })
  const createdIpv6: EgressAddress = { ...created, family: 'IPv6' }
  const planned = address(null, { resourceId: '/ips/new', planned: 1 })
  const other = address(null, { resourceId: '/ips/other', planned: 1 })
  const path = (destination: string, addresses: EgressAddress[], subnetId = '/subnet'): EgressPath => ({
    subnetId,
    family: addresses[0]?.family ?? 'IPv4',
    destination,
    path: 'natGateway',
    via: null,
    addresses,
    certainty: 'certain',
  })
  const hub = address('20.1.0.3', { resourceId: null, ownedBy: 'user' })
  const before = [path('internet', [OWN, MANAGED]), path('apiServer', [UNKNOWN], ''), path('tag', [OWN, hub])]
  const after = [
    path('internet', [created]),
    path('internet', [createdIpv6]),
    path('planned', [planned]),
    path('other', [other]),
    path('unread', [UNREAD]),
  ]
  const rows = ledger([OWN, MANAGED, UNKNOWN, hub], {
    created: { IPv4: 1, IPv6: 1 },
    prepared: [planned, other],
    unknowable: true,
  })
  const released = address('20.1.0.9')
  const use = (text: string) => {
    const [family, destination] = text.split(' ')
    return { subnetId: '/subnet', family, destination }
  }
  const found = withUses(rows, { released: [released], deletedIds: [] }, { before, after }, [])
  t.strictSame(
    found.map(({ change, address, usedBefore, usedAfter }) => ({ change, address, usedBefore, usedAfter })),
    [
      {
        change: 'lost',
        address: '20.1.0.1',
        usedBefore: [use('IPv4 internet'), use('IPv4 tag')],
        usedAfter: [],
      },
      { change: 'lost', address: '20.1.0.2', usedBefore: [use('IPv4 internet')], usedAfter: [] },
      {
        change: 'unknown',
        address: null,
        usedBefore: [{ ...use('IPv4 apiServer'), subnetId: null }],
        usedAfter: [use('IPv4 unread')],
      },
      { change: 'lost', address: '20.1.0.3', usedBefore: [use('IPv4 tag')], usedAfter: [] },
      { change: 'added', address: null, usedBefore: [], usedAfter: [use('IPv4 planned')] },
      { change: 'added', address: null, usedBefore: [], usedAfter: [use('IPv4 other')] },
      { change: 'added', address: null, usedBefore: [], usedAfter: [use('IPv4 internet')] },
      { change: 'added', address: null, usedBefore: [], usedAfter: [use('IPv6 internet')] },
      { change: 'lost', address: '20.1.0.9', usedBefore: [], usedAfter: [] },
    ],
  )
  t.equal(found.at(-1)?.recoverable, false, 'AKS releases it')
})

t.test('finds the deleted addresses that no path uses', async (t) => {
  const used = ledger([OWN], {})
  const publicIps = [OWN, MANAGED].map(({ address: text, resourceId }) =>
    aPublicIp({ id: resourceId ?? '', address: text }),
  )
  const snapshot = aSnapshot({ publicIps })
  const deleted = ['/IPS/20.1.0.1', '/ips/20.1.0.2', '/gateways/without-address']
  t.match(deletedUnused(deleted, used, snapshot), [{ address: '20.1.0.2' }])
  t.equal(deletedUnused(deleted, used, snapshot).length, 1)
})
