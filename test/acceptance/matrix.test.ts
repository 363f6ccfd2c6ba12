import t from 'tap'
import { publishedCells } from '../support/support-matrices.ts'
import { demoCluster } from './support/requests.ts'
import { type Loose, listOf, type Service, service } from './support/service.ts'

const EDITIONS = ['2024-04-29', '2026-08-05']
const KINDS = ['managed', 'byo'] as const
const TYPES = [
  'loadBalancer',
  'managedNATGateway',
  'managedNATGatewayV2',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
]
const PAIRS = KINDS.flatMap((vnet) => TYPES.flatMap((from) => TYPES.map((to) => ({ vnet, from, to }))))
/** Demo clusters that are private and have cached artifacts, or come near: little but the matrix is in the way. */
const MODELS = { managed: 'isolated', byo: 'udr-private' }
const CELLS = publishedCells()

const nameOf = (pair: { vnet: string; from: string }) => `${pair.vnet}-${pair.from}`

function cellOf(edition: string, pair: (typeof PAIRS)[number]): string | null {
  const cell = CELLS.find(
    (each) =>
      each.edition === edition && each.vnet === pair.vnet && each.from === pair.from && each.to === pair.to,
  )
  return cell?.verdict ?? null
}

/** What the published cells come to: the newest edition always has a say, the older one where it has the cell. */
function supportOf(pair: (typeof PAIRS)[number], pinned: string | null): string {
  if (pair.from === pair.to) return 'sameType'
  // The release notes of 2026-05-29 contradict the newest edition.
  const isV2ToIsolation = pair.from === 'managedNATGatewayV2' && (pair.to === 'none' || pair.to === 'block')
  if (pinned === null && pair.vnet === 'managed' && isV2ToIsolation) return 'disputed'
  const [older = '', newest = ''] = EDITIONS
  const consulted =
    pinned === null
      ? [cellOf(older, pair) ?? cellOf(newest, pair), cellOf(newest, pair)]
      : [cellOf(pinned, pair)]
  const says = consulted.map((verdict) => verdict === 'Supported')
  if (!says.includes(true)) return 'unsupported'
  return says.includes(false) ? 'disputed' : 'supported'
}

/** One simulated cluster of every type in a VNet of either kind, edited from two of the demo fleet. */
async function clustersOfEveryType(planner: Service): Promise<void> {
  const resources = listOf((await planner.simulator('GET', 'state')).resources)
  const shared = resources.filter(({ id }) =>
    /resourceGroups\/rg-demo($|\/providers\/Microsoft\.Network)/.test(String(id)),
  )
  const clusters = KINDS.flatMap((vnet) => {
    const model = resources.find(({ id }) => String(id).endsWith(`/managedClusters/${MODELS[vnet]}`))
    return TYPES.map((from) => edited(model, MODELS[vnet], nameOf({ vnet, from }), from))
  })
  await planner.simulator('POST', 'reset', { resources: [...shared, ...clusters] })
}

function edited(model: Loose | undefined, oldName: string, name: string, from: string): object {
  // The VNet keeps its name, as the user's own does when a second cluster moves in.
  const copy = JSON.parse(JSON.stringify(model).replaceAll(new RegExp(`(?<!vnet-)${oldName}`, 'g'), name))
  const isV2 = from === 'managedNATGatewayV2'
  const { networkProfile } = copy.properties
  delete networkProfile.loadBalancerProfile
  delete networkProfile.natGatewayProfile
  networkProfile.outboundType = isV2 ? 'managedNATGateway' : from
  if (from.startsWith('managedNAT'))
    networkProfile.natGatewayProfile = {
      managedOutboundIPProfile: { count: 1 },
      idleTimeoutInMinutes: 4,
      sku: isV2 ? 'StandardV2' : 'Standard',
    }
  return copy
}

for (const pinned of [null, ...EDITIONS])
  t.test(`follows the published matrices with ${pinned ?? 'no'} edition pinned`, async (t) => {
    const planner = await service(t, pinned === null ? undefined : { MATRIX_EDITION: pinned })
    await clustersOfEveryType(planner)
    const table = listOf((await planner.get('/v1/transitions')).body.items)
    t.equal(table.length, PAIRS.length)
    let seen = 0
    // With an edition pinned, its own cells are enough.
    const pairs = PAIRS.filter((pair) => pinned === null || cellOf(pinned, pair) !== null)
    for (const pair of pairs) {
      const name = `${pair.vnet} ${pair.from} to ${pair.to}`
      const row = table.find(
        (each) =>
          String(each.vnet) === pair.vnet && String(each.from) === pair.from && String(each.to) === pair.to,
      )
      const { status, body: plan } = await planner.post('/v1/plans', {
        cluster: demoCluster(nameOf(pair)),
        target: { outboundType: pair.to },
      })
      t.equal(status, 201, `${name}: a plan`)
      t.match(plan.transition, pair, `${name}: planned as that pair`)
      const support = supportOf(pair, pinned)
      t.strictSame([row?.support, plan.transition?.support], [support, support], `${name}: support`)
      for (const edition of EDITIONS) {
        const cell = cellOf(edition, pair)
        if (cell === null) continue
        t.equal(verdictOf(row, edition), cell, `${name}: GET /v1/transitions, ${edition}`)
        t.equal(verdictOf(plan.transition, edition), cell, `${name}: the plan, ${edition}`)
        seen += 1
      }
      const codes = listOf(plan.findings).map(({ code }) => String(code))
      t.equal(codes.includes('TRANSITION_NOT_SUPPORTED'), support === 'unsupported', `${name}: the blocker`)
      if (support === 'unsupported') t.equal(plan.status, 'blocked', `${name}: blocked`)
      t.equal(
        row?.reversible,
        pair.from !== pair.to && supportOf({ ...pair, from: pair.to, to: pair.from }, pinned) === 'supported',
        `${name}: the way back`,
      )
    }
    if (pinned === null) t.equal(seen, 32 + 45)
    else t.ok(seen >= CELLS.filter(({ edition }) => edition === pinned).length)
  })

function verdictOf(of: Loose | undefined, edition: string): string {
  return String(listOf(of?.editions).find((each) => String(each.edition) === edition)?.verdict)
}

t.test('the published tables have 32 and 45 cells', async (t) => {
  t.strictSame(
    EDITIONS.map((edition) => CELLS.filter((cell) => cell.edition === edition).length),
    [32, 45],
  )
})
