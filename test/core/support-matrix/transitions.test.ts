import t from 'tap'
import { TYPE_KEYS, type TypeKey, VNET_KINDS, type VnetKind } from '../../../src/contract/outbound-type.ts'
import { EDITION_NAMES, EDITIONS } from '../../../src/core/support-matrix/editions.ts'
import {
  supportOf,
  transition,
  transitionPaths,
  transitionTable,
} from '../../../src/core/support-matrix/transitions.ts'
import { type Cell, publishedCells } from '../../support/support-matrices.ts'

const OLD = '2024-04-29'
const NEW = '2026-08-05'
const published = publishedCells()
const cellsOf = (edition: string) => published.filter((cell) => cell.edition === edition)
const cellAt = (edition: string, vnet: VnetKind, from: string, to: string): Cell | undefined =>
  published.find(
    (cell) => cell.edition === edition && cell.vnet === vnet && cell.from === from && cell.to === to,
  )

t.test('every cell of both published editions is known as it was published', async (t) => {
  t.strictSame(EDITION_NAMES, [OLD, NEW])
  t.equal(cellsOf(OLD).length, 32)
  t.equal(cellsOf(NEW).length, 45)
  for (const { edition, vnet, from, to, verdict } of published) {
    const entry = EDITIONS.find((each) => each.edition === edition)
    t.equal(
      entry?.verdict(vnet, from as TypeKey, to as TypeKey),
      verdict,
      `${edition}, ${vnet}: ${from} to ${to}`,
    )
  }
})

t.test('a pair that an edition does not list is absent from it', async (t) => {
  for (const entry of EDITIONS)
    for (const vnet of VNET_KINDS)
      for (const from of TYPE_KEYS)
        for (const to of TYPE_KEYS)
          if (cellAt(entry.edition, vnet, from, to) === undefined)
            t.equal(entry.verdict(vnet, from, to), 'absent', `${entry.edition}, ${vnet}: ${from} to ${to}`)
})

/** The release notes of 2026-05-29 allow two changes that both editions exclude. */
function isAllowedByReleaseNotes(vnet: VnetKind, from: TypeKey, to: TypeKey): boolean {
  return vnet === 'managed' && from === 'managedNATGatewayV2' && (to === 'none' || to === 'block')
}

/** The rule in its own words, from the published cells alone. */
function expectedSupport(vnet: VnetKind, from: TypeKey, to: TypeKey): string {
  if (from === to) return 'sameType'
  if (isAllowedByReleaseNotes(vnet, from, to)) return 'disputed'
  const old = cellAt(OLD, vnet, from, to)?.verdict
  const recent = cellAt(NEW, vnet, from, to)?.verdict
  if (old === undefined) return recent === 'Supported' ? 'supported' : 'unsupported'
  if ((old === 'Supported') !== (recent === 'Supported')) return 'disputed'
  return old === 'Supported' ? 'supported' : 'unsupported'
}

t.test('the old edition decides, or the newest edition if the old edition lacks the type', async (t) => {
  const table = transitionTable(null)
  t.equal(table.length, 2 * 7 * 7)
  for (const row of table)
    t.equal(row.support, expectedSupport(row.vnet, row.from, row.to), `${row.vnet}: ${row.from} to ${row.to}`)
})

t.test('five pairs are disputed, all of them in a managed VNet', async (t) => {
  const disputed = transitionTable(null).filter((row) => row.support === 'disputed')
  t.strictSame(
    disputed.map((row) => `${row.vnet} ${row.from} ${row.to}`),
    [
      'managed managedNATGateway loadBalancer',
      'managed managedNATGatewayV2 none',
      'managed managedNATGatewayV2 block',
      'managed userDefinedRouting loadBalancer',
      'managed userDefinedRouting managedNATGateway',
    ],
  )
  for (const row of disputed) {
    t.match(row.reason, /^Sources disagree on whether/)
    if (isAllowedByReleaseNotes(row.vnet, row.from, row.to)) continue
    t.match(row.reason, new RegExp(`${OLD}: Supported`))
    t.match(row.editions, [{ edition: OLD, verdict: 'Supported' }, { edition: NEW }])
  }
})

t.test('release notes have a say in the pairs that they name, unless an edition is pinned', async (t) => {
  for (const to of ['none', 'block'] as const) {
    const row = transition('managed', 'managedNATGatewayV2', to, null)
    t.match(row, { support: 'disputed', reason: /AKS release notes 2026-05-29: Supported/ })
    t.match(row.editions.at(-1), { edition: 'release notes 2026-05-29', verdict: 'Supported' })
    t.equal(supportOf('managed', 'managedNATGatewayV2', to, NEW), 'unsupported')
  }
  t.strictSame(
    transition('managed', 'loadBalancer', 'none', null).editions.map(({ edition }) => edition),
    [OLD, NEW],
    'they are not listed for other pairs',
  )
})

t.test('a pinned edition alone decides support', async (t) => {
  for (const pinned of [OLD, NEW])
    for (const row of transitionTable(pinned)) {
      const verdict = cellAt(pinned, row.vnet, row.from, row.to)?.verdict
      const wanted = verdict === 'Supported' ? 'supported' : 'unsupported'
      t.equal(
        row.support,
        row.from === row.to ? 'sameType' : wanted,
        `${pinned}, ${row.vnet}: ${row.from} to ${row.to}`,
      )
    }
})

t.test('an unknown edition supports nothing', async (t) => {
  const open = transitionTable('1999-01-01').filter((row) => row.from !== row.to)
  t.ok(open.every((row) => row.support === 'unsupported'))
})

t.test('the supported pairs are as many as the documents count', async (t) => {
  const count = (vnet: VnetKind, pinned: string) =>
    transitionTable(pinned).filter((row) => row.vnet === vnet && row.support === 'supported').length
  t.equal(count('managed', NEW), 15)
  t.equal(count('byo', NEW), 12)
  t.equal(count('managed', OLD), 4)
  t.equal(count('byo', OLD), 6)
})

/** A breadth-first search over the published cells, written without the core. */
function shortestRoutes(vnet: VnetKind, from: string, to: string, open: Map<string, string[]>): string[] {
  const neighbours = (at: string) => open.get(`${vnet} ${at}`) ?? []
  let paths = [[from]]
  while (paths.length > 0 && (paths[0]?.length ?? 0) <= 3) {
    paths = paths.flatMap((path) =>
      neighbours(path.at(-1) ?? '')
        .filter((next) => !path.includes(next))
        .map((next) => [...path, next]),
    )
    const arrived = paths.filter((path) => path.at(-1) === to)
    if (arrived.length > 0) return arrived.map((path) => path.join(' > ')).sort()
  }
  return []
}

function openPairs(isOpen: (vnet: VnetKind, from: TypeKey, to: TypeKey) => boolean): Map<string, string[]> {
  return new Map(
    VNET_KINDS.flatMap((vnet) =>
      TYPE_KEYS.map((from) => [`${vnet} ${from}`, TYPE_KEYS.filter((to) => isOpen(vnet, from, to))] as const),
    ),
  )
}

t.test('reversibility and routes agree with a search of their own over the published tables', async (t) => {
  const graphs = [
    {
      pinned: null,
      open: openPairs((vnet, from, to) => expectedSupport(vnet, from, to) === 'supported'),
    },
    ...[OLD, NEW].map((pinned) => ({
      pinned,
      open: openPairs((vnet, from, to) => cellAt(pinned, vnet, from, to)?.verdict === 'Supported'),
    })),
  ]
  for (const { pinned, open } of graphs)
    for (const row of transitionTable(pinned)) {
      const { vnet, from, to } = row
      const name = `${pinned}, ${vnet}: ${from} to ${to}`
      t.equal(row.reversible, open.get(`${vnet} ${to}`)?.includes(from) === true, `reversible: ${name}`)
      if (from === to) continue
      const routes = transitionPaths(vnet, from, to, pinned).map((route) => route.join(' > '))
      t.strictSame(routes.sort(), shortestRoutes(vnet, from, to, open), `routes: ${name}`)
    }
})

t.test(
  'a StandardV2 gateway has no rollback, and a Standard gateway reaches the load balancer in two hops',
  async (t) => {
    for (const to of TYPE_KEYS)
      if (to !== 'managedNATGatewayV2')
        t.strictSame(transitionPaths('managed', 'managedNATGatewayV2', to, null), [])
    t.strictSame(transitionPaths('managed', 'managedNATGateway', 'loadBalancer', null), [
      ['managedNATGateway', 'none', 'loadBalancer'],
      ['managedNATGateway', 'block', 'loadBalancer'],
    ])
  },
)

t.test('the reason states the verdict of each edition and the network that the target needs', async (t) => {
  const { reason } = transition('managed', 'loadBalancer', 'userDefinedRouting', null)
  t.match(reason, `support matrix of ${OLD}: Not Supported`)
  t.match(reason, `support matrix of ${NEW}: not listed`)
  t.match(reason, 'requires a customer-managed VNet')
  t.match(transition('byo', 'loadBalancer', 'block', null).reason, 'requires an AKS-managed VNet')
  t.match(
    transition('managed', 'loadBalancer', 'none', null).reason,
    /^AKS supports the change from loadBalancer to none/,
  )
  t.notMatch(transition('managed', 'loadBalancer', 'none', null).reason, OLD, 'which knows no none')
  t.equal(supportOf('byo', 'none', 'none', null), 'sameType')
})
