import t from 'tap'
import type { Comparison } from '../../src/contract/comparison.ts'
import { htmlComparison, markdownComparison } from '../../src/reports/overview/comparison-report.ts'
import { htmlFinding } from '../../src/reports/overview/finding-page.ts'
import { htmlReport, markdownReport } from '../../src/reports/plan-report.ts'
import { EXAMPLE_PLAN } from '../../src/routes/examples/jobs.ts'
import { EXAMPLE_COMPARISON } from '../../src/routes/operations/compare-targets.ts'
import { FINDING_KINDS } from '../../src/routes/operations/list-findings.ts'

const [FIRST, ...OTHERS] = EXAMPLE_COMPARISON.targets as [
  Comparison['targets'][number],
  ...Comparison['targets'],
]

function withFirst(parts: Partial<typeof FIRST>): Comparison {
  return { ...EXAMPLE_COMPARISON, targets: [{ ...FIRST, ...parts }, ...OTHERS] }
}

t.test(
  'a comparison starts with the first target of its order, then has a card for each ranked target',
  async (t) => {
    const page = markdownComparison(EXAMPLE_COMPARISON)
    t.match(page, /\*\*✓ 1 target is possible now\.\*\* The first target .* is `userAssignedNATGateway`/)
    t.match(page, 'better than the current type `loadBalancer`')
    const headings = page.match(/^## .*$/gm)
    t.strictSame(headings, [
      '## Recommended order',
      '## 1. userAssignedNATGateway',
      '## 2. userDefinedRouting',
      '## 3. none',
      '## Other outbound types',
      '## Assumptions of the estimated cost',
    ])
    t.match(page, 'Azure permanently releases 1 address.', 'the reasons')
    t.match(page, '− removed `40.81.112.187` permanently; = kept `52.77.28.228`')
    t.match(page, /managedNATGateway.*Not supported/)
  },
)

t.test('a comparison recommends no target that a plan cannot reach', async (t) => {
  const blocked = withFirst({ verdict: 'blocked' })
  t.match(markdownComparison(blocked), /\*\*■ The cluster cannot change to any target now\.\*\*/)
  const prepare = {
    request: { natGateway: {} },
    resolves: ['UANAT_SUBNET_WITHOUT_GATEWAY'],
    blockers: [],
    acknowledgements: [],
  }
  const prepared = markdownComparison(
    withFirst({ verdict: 'blocked', prepare: { ...prepare, verdict: 'applicable' } }),
  )
  t.match(prepared, /possible now.*`userAssignedNATGateway`/)
  t.match(prepared, 'Ready; requires a preparation')
  t.match(prepared, '`"prepare": {"natGateway":{}}` resolves `UANAT_SUBNET_WITHOUT_GATEWAY`')
  const still = { ...prepare, verdict: 'blocked' as const, blockers: ['CLUSTER_STOPPED'] }
  const remains = markdownComparison(withFirst({ verdict: 'blocked', prepare: still }))
  t.match(remains, 'The cluster cannot change to any target now')
  t.match(remains, 'it remains blocked by `CLUSTER_STOPPED`')
})

t.test('a comparison states the cost of each target with its date and the assumptions', async (t) => {
  const side = { monthly: 26.28, knownMonthly: 26.28, lines: [], unknown: [] }
  const cost = {
    currency: 'USD',
    region: 'eastus',
    priceSource: 'a price list',
    pricesAsOf: '2026-10-03',
    gigabytesPerMonth: 876,
    measuredHours: 336,
    before: side,
    after: { ...side, monthly: 75.92, knownMonthly: 75.92 },
    difference: 49.64,
    assumptions: ['A month has 730 hours.'],
  }
  const page = markdownComparison(withFirst({ cost }))
  t.match(
    page,
    'Before the change: 26.28 USD a month. After the change: 75.92 USD a month (+49.64 USD). The oldest list price dates from 2026-10-03.',
  )
  t.match(page, 'Processed data: 876.00 GB per month, extrapolated from 336 h of Azure Monitor data.')
  t.match(
    page,
    /## Assumptions of the estimated cost\n\n.*a price list \(USD, region eastus\)\.\n\n- A month has 730/,
  )
  const unknown = { ...cost.after, monthly: null, unknown: ['The amount is unknown.'] }
  t.match(
    markdownComparison(withFirst({ cost: { ...cost, after: unknown, difference: null } })),
    /26\.28 USD a month\. After the change: at least 75\.92 USD a month\. .* The amount is unknown\./,
  )
  const nothing = { ...unknown, knownMonthly: 0 }
  t.match(
    markdownComparison(withFirst({ cost: { ...cost, after: nothing, difference: null } })),
    '26.28 USD a month. After the change: unknown. ',
  )
  t.match(
    markdownComparison(withFirst({ cost: { ...cost, pricesAsOf: null } })),
    'No list price is known for eastus.',
  )
})

t.test('a comparison names what could not be read, before the order', async (t) => {
  const unread = [
    { what: 'firewalls', reason: 'denied' as const, code: 'AuthorizationFailed', message: '<b>no</b>' },
  ]
  const page = htmlComparison({ ...EXAMPLE_COMPARISON, unread })
  t.ok(page.indexOf('This comparison is incomplete') < page.indexOf('Recommended order'))
  t.notMatch(page, '<b>no</b>')
})

t.test('pages link finding codes to their descriptions, except shared pages', async (t) => {
  const code = EXAMPLE_PLAN.findings[0]?.code ?? ''
  const link = `<a href="/findings/${code}"><code>${code}</code></a>`
  t.ok(htmlReport(EXAMPLE_PLAN).includes(link))
  const shared = htmlReport(EXAMPLE_PLAN, true)
  t.notMatch(shared, 'href="/')
  t.ok(shared.includes(`<code>${code}</code>`))
  t.notMatch(markdownReport(EXAMPLE_PLAN), '/findings/')
  t.match(htmlComparison(EXAMPLE_COMPARISON), '<a href="/findings/UDR_NO_ROUTE_TABLE">')
})

t.test('every finding code has a page with its severity, or with its replacement', async (t) => {
  for (const kind of FINDING_KINDS) {
    const page = htmlFinding(kind)
    t.match(page, `Finding ${kind.code}</h1>`)
    t.match(page, kind.severity === null ? 'No longer reported' : 'What to do', kind.code)
  }
})
