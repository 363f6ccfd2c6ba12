import t from 'tap'
import type { Comparison } from '../../src/contract/comparison.ts'
import { htmlComparison, markdownComparison } from '../../src/reports/overview/comparison-report.ts'
import { htmlFinding } from '../../src/reports/overview/finding-page.ts'
import { htmlReport, markdownReport } from '../../src/reports/plan-report.ts'
import { EXAMPLE_PLAN } from '../../src/routes/examples/plans.ts'
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
  'a comparison starts with the recommended target, then has a card for each ranked target',
  async (t) => {
    const page = markdownComparison(EXAMPLE_COMPARISON)
    t.match(page, /\*\*✓ Recommended: userAssignedNATGateway\.\*\*/)
    const headings = page.match(/^## .*$/gm)
    t.strictSame(headings, [
      '## Recommended order',
      '## 1. userAssignedNATGateway',
      '## 2. userDefinedRouting',
      '## 3. none',
      '## Other outbound types',
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
  t.match(prepared, /Recommended: userAssignedNATGateway/)
  t.match(prepared, 'Ready; requires a preparation')
  t.match(prepared, '`"prepare": {"natGateway":{}}` resolves `UANAT_SUBNET_WITHOUT_GATEWAY`')
  const still = { ...prepare, verdict: 'blocked' as const, blockers: ['CLUSTER_STOPPED'] }
  const remains = markdownComparison(withFirst({ verdict: 'blocked', prepare: still }))
  t.match(remains, 'The cluster cannot change to any target now')
  t.match(remains, 'it remains blocked by `CLUSTER_STOPPED`')
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
