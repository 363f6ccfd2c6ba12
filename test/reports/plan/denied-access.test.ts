import t from 'tap'
import type { Finding } from '../../../src/contract/finding.ts'
import * as apiServerClients from '../../../src/core/rules/api-server-clients.ts'
import * as authorizedRanges from '../../../src/core/rules/authorized-ranges.ts'
import { RULES } from '../../../src/core/rules/index.ts'
import { DENIAL_CODES, deniedAccess } from '../../../src/reports/plan/denied-access.ts'
import { WARNINGS_BY_HARM } from '../../../src/reports/plan/harm.ts'
import type { ReportedPlan } from '../../../src/reports/plan/reported-plan.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'
import { sectionOf } from '../support/markup.ts'

const PLAN = planFor(aSnapshot(), 'managedNATGateway')
const STEP = { ...PLAN.steps[0], key: 'authorize-discovered-ips' } as (typeof PLAN.steps)[number]

/** Facts of every rule about the API server. */
const FACTS = {
  missing: ['20.9.0.1/32'],
  added: true,
  allowed: [],
  count: 2,
  addresses: ['20.9.0.1/32'],
  former: ['20.1.0.1/32'],
  notAdmitted: ['20.9.0.2/32'],
  notKnownYet: false,
  pools: ['system'],
  subnets: ['nodes'],
  target: 'userDefinedRouting',
  after: 'none',
  ranges: ['20.9.0.1/31'],
  tags: ['AzureDevOps'],
  limit: 200,
  apiServerOfNodes: ['AzureCloud.eastus:9000 (TCP)'],
}

function aFinding(code: string, facts: Finding['facts'] = {}): Finding {
  return {
    code,
    severity: 'warning',
    message: 'A message.',
    remedy: 'A remedy.',
    facts: { ...FACTS, ...facts },
    confidence: 'documented',
    source: 'a source',
  }
}

function planWith(finding: Finding, isDiscovered = false) {
  return {
    ...PLAN,
    findings: [finding],
    authorizedRanges: { ...PLAN.authorizedRanges, mode: 'enforced' as const, current: ['1.2.3.4/32'] },
    steps: isDiscovered ? [...PLAN.steps, STEP] : PLAN.steps,
  }
}

t.test('says in short who is denied access, from when, and until when', async (t) => {
  for (const code of DENIAL_CODES) {
    const plan = planWith(aFinding(code))
    const [text = ''] = deniedAccess(plan)
    t.match(text, /(Nodes|Clients|Traffic|client|Pods|Tools) .*(denied access|lose access) /, code)
    t.match(text, /from the cutover|now|at any time/, code)
    t.match(text, /until|as long as|returns when/, code)
    const [, summary = ''] = /## In short\n\n([\s\S]*?)\n\n/.exec(markdownReport(plan)) ?? []
    t.match(summary.replaceAll('`', ''), text.replaceAll('`', ''), `${code} in short`)
  }
})

t.test('knows every rule that says that the ranges deny access', async (t) => {
  const rules = Object.values({ ...authorizedRanges, ...apiServerClients }).flatMap((item) =>
    typeof item === 'object' && 'finding' in item ? [item] : [],
  )
  t.ok(rules.length > 10)
  for (const rule of rules) {
    const { code, message } = rule.finding(FACTS as never)
    const denies = /(lose|lost) access|not yet allow|allows no address|depend on the authorized/.test(message)
    // The plan itself adds these ranges before the cutover, so they deny access to no client.
    if (denies && code !== 'AUTHORIZED_RANGES_WIDENED') t.ok(DENIAL_CODES.includes(code), code)
  }
})

t.test('says whether the job ends the denial or the reader must', async (t) => {
  const late = (added: boolean) =>
    deniedAccess(planWith(aFinding('AUTHORIZED_RANGES_TARGET_UNKNOWABLE', { added })))
  t.match(late(true), [/The job adds these addresses as soon as it has discovered them\./])
  t.match(late(false), [/The job does not add these addresses\. Access is denied until you add them\./])
  const clients = aFinding('AUTHORIZED_SELF_LOCKOUT', { notAdmitted: [], notKnownYet: true })
  t.match(deniedAccess(planWith(clients, true)), [/their new addresses\. The job adds these addresses/])
  t.match(deniedAccess(planWith(clients)), [/their new addresses\. The job does not add these addresses/])
  t.strictSame(deniedAccess({ ...PLAN, findings: [aFinding('DOWNTIME')] }), [])
})

t.test('names only the clients that a range denies, and what restores their access', async (t) => {
  const placeholder = (target: string) =>
    deniedAccess(planWith(aFinding('AUTHORIZED_ZERO_PLACEHOLDER', { target, missing: ['20.9.0.1/32'] })))
  t.match(placeholder('managedNATGateway'), [/^Every client is denied access/])
  t.match(placeholder('loadBalancer'), [/^Nodes that connect from 20\.9\.0\.1\/32 are denied access/])
  const lost = (facts: Finding['facts']) => deniedAccess(planWith(aFinding('API_SERVER_PATH_LOST', facts)))
  t.match(lost({}), [/until you change the route of these nodes, or attach a NAT gateway/])
  t.match(lost({ isRouted: false }), [
    /until you add a default route to an appliance, or attach a NAT gateway/,
  ])
})

t.test('says that the appliance blocks or may block the API server', async (t) => {
  const denied = (facts: Finding['facts']) =>
    deniedAccess(planWith(aFinding('UDR_FIREWALL_RULES', { apiServerOfNodes: [], ...facts })))
  t.match(denied({ apiServerOfPods: ['tag:443'] }), [/^Pods behind .* are denied .* blocks tag:443\.$/])
  t.match(denied({ apiServerUnproven: ['tag:443'] }), [
    /^Nodes or pods behind .* may be denied .* allow tag:443\./,
  ])
  t.strictSame(denied({}), [])
})

t.test('orders every warning by its harm', async (t) => {
  const codes = RULES.filter(({ severity }) => severity === 'warning').map(({ code }) => code)
  t.strictSame(codes.toSorted(), WARNINGS_BY_HARM.toSorted(), 'src/reports/plan/harm.ts lists every warning')
})

t.test('names no cutover if the plan has none', async (t) => {
  const plan = planWith(aFinding('DOWNTIME'))
  const authorizedRanges = { ...plan.authorizedRanges, add: ['20.9.0.1/32'] }
  const summary = (step: typeof plan.cutOver.step) =>
    markdownReport({ ...plan, authorizedRanges, cutOver: { ...plan.cutOver, step } })
  t.match(summary('change-outbound-type'), /the job adds 1 authorized IP range before the cutover and waits/)
  t.match(summary(null), /the job adds 1 authorized IP range and waits until it takes effect/)
})

t.test('a plan that only adds ranges names neither new parameters nor a cutover', async (t) => {
  const cluster = { ...natCluster, authorizedIPRanges: ['203.0.113.0/24'] }
  const plan = planFor(aSnapshot({ cluster, publicIps: [natIp] }), 'managedNATGateway')
  const report = markdownReport(plan)
  t.match(report, /^# Egress of demo: managedNATGateway with added authorized IP ranges\n/)
  t.match(report, /A job can change the authorized IP ranges of demo\./)
  const section = sectionOf(report, 'API server: authorized IP ranges')
  t.match(section, /`20\.2\.0\.1\/32` \| .* by the plan \|/)
  t.notMatch(section, /cutover/)
})

t.test('a range stays unexplained if the job of the plan did not complete the change', async (t) => {
  const cluster = { authorizedIPRanges: ['20.1.0.1/32'] }
  const plan = planFor(aSnapshot({ cluster }), 'managedNATGateway')
  const rowOf = (execution?: Partial<NonNullable<ReportedPlan['execution']>>) => {
    const later = { confirmedBy: null, supersededBy: null, hasMoved: true, status: 'Failed' as const }
    const reported = execution === undefined ? plan : { ...plan, execution: { ...later, ...execution } }
    return sectionOf(markdownReport(reported), 'API server: authorized IP ranges')
  }
  t.match(
    rowOf(),
    /`20\.1\.0\.1\/32` \| kept by the job\. After the change, the cluster does not use the addresses in this range/,
  )
  t.match(rowOf({ status: 'Succeeded' }), /kept by the job\. After the change, the cluster does not use/)
  t.match(rowOf({ status: 'Failed' }), /`20\.1\.0\.1\/32` \| kept \|/)
})
