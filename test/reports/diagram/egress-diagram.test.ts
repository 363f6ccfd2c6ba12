import t from 'tap'
import type { PathChange, PathSide } from '../../../src/contract/egress.ts'
import { egressDiagram, truncateMiddle } from '../../../src/reports/diagram/egress-diagram.ts'
import type { ReportedPlan } from '../../../src/reports/plan/reported-plan.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { elements, type Node, parsePage, textOf } from '../support/markup.ts'

const PLAN = planFor(aSnapshot(), 'managedNATGateway')

const addresses = (count: number) => Array.from({ length: count }, (_, index) => `20.0.0.${index + 1}`)

function side(given: Partial<PathSide>): PathSide {
  return {
    path: 'loadBalancer',
    via: null,
    addresses: [],
    toCome: 0,
    isComplete: true,
    certainty: 'certain',
    ...given,
  }
}

function path(index: number, given: Partial<PathChange> = {}): PathChange {
  const same = side({ via: `/x/natGateways/gateway-${index}`, path: 'natGateway' })
  return {
    subnetId: `/x/subnets/subnet-${index}`,
    pools: [`pool${index}`],
    family: 'IPv4',
    destination: 'internet',
    before: same,
    after: same,
    ...given,
  }
}

function drawn(plan: ReportedPlan) {
  const { before, after } = egressDiagram(plan)
  return { before: readPicture(before), after: readPicture(after) }
}

function readPicture(svg: string) {
  const root = elements(parsePage(svg), 'svg')[0] as Node
  const [, , width = 0, height = 0] = (root.attributes.viewBox ?? '').split(' ').map(Number)
  const texts = elements(root, 'text').map((text) => ({ text: textOf(text), y: Number(text.attributes.y) }))
  const boxes = elements(root, 'rect').map(({ attributes }) => ({
    look: attributes.class,
    top: Number(attributes.y),
    end: Number(attributes.y) + Number(attributes.height),
  }))
  const description = textOf(elements(root, 'desc')[0] as Node)
  return { width, height, texts, boxes, description, words: texts.map(({ text }) => text) }
}

t.test(
  'shows the subnets, what carries their traffic, the address changes, and the API server',
  async (t) => {
    const egressIps = [
      { address: '20.0.0.1', change: 'lost' },
      { address: '20.0.0.2', change: 'kept' },
      { address: '20.0.0.9', change: 'added' },
    ].map((change) => ({ ...change, family: 'IPv4', resourceId: null, knownAt: 'plan', recoverable: false }))
    const before = side({ via: '/x/loadBalancers/kubernetes', addresses: ['20.0.0.1', '20.0.0.2'] })
    const after = side({
      path: 'natGateway',
      addresses: ['20.0.0.2', '20.0.0.9'],
      toCome: 2,
      isComplete: false,
    })
    const plan = { ...PLAN, egressIps, paths: [path(1, { before, after })] } as ReportedPlan
    const pictures = drawn(plan)
    t.strictSame(pictures.before.words, [
      'Before',
      'subnet subnet-1 (pool pool1)',
      'Load balancer',
      'kubernetes',
      '− replaced',
      'Public addresses',
      '− removed',
      '20.0.0.1',
      '= kept',
      '20.0.0.2',
      'Internet',
      'API server',
      'allows every address',
    ])
    t.strictSame(pictures.after.words.slice(2, -3), [
      'NAT gateway',
      '+ new path',
      'Public addresses',
      '+ added',
      '20.0.0.9',
      '+ added',
      '2 new, unknown at plan time',
      '? unknown',
      'not visible in ARM',
      '= kept',
      '20.0.0.2',
    ])
    t.match(
      pictures.before.description,
      'to the internet and the API server leave through the load balancer kubernetes (replaced). Public addresses: 20.0.0.1 (removed)',
    )
  },
)

t.test('shows no addresses for a subnet without an egress path', async (t) => {
  const plan = { ...PLAN, paths: [path(1, { after: side({ path: 'none' }) })] }
  const { before, after } = drawn(plan)
  t.ok(before.words.includes('− removed by the change'))
  t.ok(after.words.includes('✕ No egress path'))
  t.notOk(after.words.includes('Public addresses'))
  t.match(after.description, 'have no egress path.')
})

t.test('draws 1 to 10 subnets and 0 to 32 addresses inside the picture without overlaps', async (t) => {
  for (const subnets of [1, 2, 5, 10])
    for (const count of [0, 1, 8, 9, 32])
      for (const isShared of [true, false]) {
        const before = side({ addresses: addresses(count) })
        const paths = Array.from({ length: subnets }, (_, index) =>
          path(index, isShared ? { before, after: before } : {}),
        )
        const { width, height, texts, boxes, words } = drawn({ ...PLAN, paths }).before
        const label = `${subnets} subnets, ${count} addresses, ${isShared ? 'one path' : 'one path each'}`
        t.equal(width, 340, label)
        t.ok(
          boxes.every(({ end }) => end <= height),
          label,
        )
        t.ok(
          boxes.every(({ top }, index) => top >= (boxes[index - 1]?.end ?? 0)),
          label,
        )
        const inside = texts.slice(1)
        t.ok(
          inside.every(({ y }) => boxes.some(({ top, end }) => y - 12 >= top && y + 3 <= end)),
          label,
        )
        t.equal(
          words.filter((word) => /^20\./.test(word)).length,
          isShared ? (count > 8 ? 7 : count) : 0,
          label,
        )
        if (isShared && count > 8)
          t.ok(words.includes(`and ${count - 7} more addresses, see the table`), label)
        if (isShared && subnets > 6)
          t.ok(words.includes(`and ${subnets - 5} more subnets, see the table`), label)
      }
})

t.test('shows changed addresses even if the list is truncated', async (t) => {
  const all = addresses(32)
  const egressIps = all.map((address, index) => ({
    address,
    family: 'IPv4' as const,
    change: index === 31 ? ('lost' as const) : ('kept' as const),
    resourceId: null,
    knownAt: 'plan' as const,
    recoverable: true,
  }))
  const { before } = drawn({ ...PLAN, egressIps, paths: [path(1, { before: side({ addresses: all }) })] })
  t.ok(before.words.includes('20.0.0.32'))
})

t.test('shows the whole cluster with the address changes if no subnet is visible', async (t) => {
  const { before, after } = drawn({ ...PLAN, paths: [] })
  t.ok(before.words.includes('all nodes'))
  t.ok(before.words.includes('− removed'))
  t.ok(after.words.includes('1 new, unknown at plan time'))
})

t.test('shows what the API server allows', async (t) => {
  const ranges = {
    ...PLAN.authorizedRanges,
    mode: 'enforced' as const,
    current: ['1.2.3.4/32'],
    count: 1,
    add: [],
  }
  const wordsWith = (authorizedRanges: ReportedPlan['authorizedRanges']) =>
    drawn({ ...PLAN, authorizedRanges }).after.words
  t.ok(wordsWith({ ...ranges, missing: ['20.0.0.9/32'] }).includes('not allowed: 1 new address'))
  t.ok(
    wordsWith({ ...ranges, add: ['20.0.0.9/32'], missing: ['20.0.0.9/32'], count: 2 }).includes(
      'allows 2 authorized IP ranges',
    ),
  )
  t.ok(wordsWith({ ...ranges, mode: 'notApplicable' }).includes('private: reached inside the network'))
  t.ok(wordsWith({ ...ranges, mode: 'nodesPrivate' }).includes('nodes connect over the virtual network'))
})

t.test('connects the groups with the internet and the API server', async (t) => {
  const lines = (svg: string) =>
    [...svg.matchAll(/<path class="arrow" d="(M311[^"]*)"/g)].map(([, d = '']) => ({
      starts: [...d.matchAll(/M311 ([\d.]+)/g)].length,
      end: Number(/V([\d.]+)H/.exec(d)?.[1]),
    }))
  const before = (plan: ReportedPlan) => egressDiagram(plan).before
  const exception = path(1, { destination: 'apiServer', before: side({ path: 'loadBalancer' }) })
  const other = path(1, { destination: '198.51.100.0/24', before: side({ path: 'virtualAppliance' }) })
  const cases: [name: string, plan: ReportedPlan, internet: number, apiServer: number][] = [
    ['one path', { ...PLAN, paths: [path(1)] }, 1, 1],
    ['a path of its own to the API server', { ...PLAN, paths: [path(1), exception] }, 1, 1],
    ['a path of its own to a destination', { ...PLAN, paths: [path(1), other] }, 2, 1],
    ['IPv6', { ...PLAN, paths: [path(1), path(2, { family: 'IPv6' })] }, 2, 1],
    ['no path', { ...PLAN, paths: [path(1, { before: side({ path: 'none' }) })] }, 0, 0],
    ['no visible subnet', { ...PLAN, paths: [] }, 1, 1],
  ]
  for (const [name, plan, internet, apiServer] of cases) {
    const boxes = drawn(plan).before.boxes.slice(-2)
    const found = lines(before(plan))
    t.strictSame(
      found.map(({ starts }) => starts),
      [internet, apiServer].filter((count) => count > 0),
      name,
    )
    for (const { end } of found)
      t.ok(
        boxes.some((box) => end > box.top && end < box.end),
        name,
      )
  }
  const ranges = { ...PLAN.authorizedRanges, mode: 'notApplicable' as const }
  const isolated = [path(1, { before: side({ path: 'none' }) })]
  const [line] = lines(before({ ...PLAN, authorizedRanges: ranges, paths: isolated }))
  t.equal(line?.starts, 1, 'a private API server is reached without egress')
})

t.test('shows the API server inside the network with API Server VNet Integration', async (t) => {
  for (const authorizedIPRanges of [[], ['203.0.113.0/24']]) {
    const cluster = { enableVnetIntegration: true, authorizedIPRanges }
    const plan = planFor(aSnapshot({ cluster }), 'managedNATGateway')
    t.equal(plan.authorizedRanges.isApiServerInVnet, true)
    for (const { words, description } of Object.values(drawn(plan))) {
      t.ok(words.includes('nodes connect over the virtual network'))
      t.match(description, 'The API server: reached inside the network')
      t.notMatch(description, /to the internet and the API server/)
    }
    const { before } = egressDiagram({ ...plan, paths: [path(1, { before: side({ path: 'none' }) })] })
    t.equal(before.match(/<path class="arrow" d="M311/g)?.length, 1, 'reached without egress')
  }
  for (const cluster of [{}, { enableVnetIntegration: true, enablePrivateCluster: true }])
    t.notOk('isApiServerInVnet' in planFor(aSnapshot({ cluster }), 'managedNATGateway').authorizedRanges)
})

t.test('marks what the change does with each path', async (t) => {
  const moved = { before: side({ via: '/x/loadBalancers/kubernetes' }) }
  const plan = { ...PLAN, paths: [path(1, moved), path(2)] }
  const { before, after } = drawn(plan)
  t.ok(before.words.includes('− replaced') && before.words.includes('= same path'))
  t.ok(after.words.includes('+ new path') && after.words.includes('= same path'))
  t.equal(before.boxes.filter(({ look }) => look?.includes('changed')).length, 1)
  const blocked = drawn({ ...plan, status: 'blocked' })
  t.strictSame(blocked.before.words[0], 'Now')
  t.notMatch(blocked.before.words.join(), /replaced|same path|removed|kept/)
})

t.test('truncates long names in the middle', async (t) => {
  t.equal(truncateMiddle('abcdefghij', 10), 'abcdefghij')
  t.equal(truncateMiddle('abcdefghijk', 9), 'abcd…hijk')
  t.equal([...truncateMiddle('🙂'.repeat(20), 9)].length, 9)
})
