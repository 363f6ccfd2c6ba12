import t from 'tap'
import type { CostLine } from '../../../src/contract/cost.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { TITLES, withSections } from '../../../src/reports/sections/section-titles.ts'
import { sectionOf } from '../support/markup.ts'
import { DEMO_PLAN_NAMES, demoPlans } from '../support/plans.ts'

const planOf = await demoPlans(t)

t.test('a finding names a section of the report, and this section exists', async (t) => {
  const members = Object.keys(TITLES).map((member) => `\`${member}\``)
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const report = markdownReport(plan)
    for (const member of members)
      for (const [, title] of withSections(`Read ${member}.`, plan).matchAll(/section "(.*)"/g))
        t.match(report, `\n## ${title}\n`, name)
  }
  const plan = planOf('through-a-firewall')
  const [finding, ...others] = plan.findings
  if (finding === undefined) throw new Error('no finding')
  const remedy = 'Read `paths` and `egressIps`. If `paths` shows none, read `handoff` (`paths` in the JSON).'
  t.match(
    markdownReport({ ...plan, findings: [{ ...finding, remedy }, ...others] }),
    /Read the section "Egress paths before and after" and the section "Public IP changes"\. If the section "Egress .*" shows none, read the section "Update your infrastructure as code" \(`paths` in the JSON\)\./,
  )
  t.equal(
    withSections('Read `paths`. If `paths` shows none, stop.', plan),
    `Read the section "${TITLES.paths}". If this section shows none, stop.`,
  )
  t.equal(withSections(remedy, planOf('blocked')), remedy, 'a blocked plan has other sections')
})

t.test('every section that a report names exists in this report', async (t) => {
  for (const name of DEMO_PLAN_NAMES) {
    const report = markdownReport(planOf(name))
    for (const [, title] of report.matchAll(/(?<!docs\/findings\.md, )section "([^"]+)"/g))
      t.match(report, new RegExp(`^## ${title}$`, 'm'), `${name}: ${title}`)
  }
  const text = 'Read the report section "Egress paths before and after" (`paths` in the JSON).'
  t.equal(withSections(text, planOf('through-a-firewall')), text)
  t.equal(withSections(text, planOf('blocked')), 'Read `paths` of the plan.')
})

t.test('a step lists only those fields to remove that the cluster has', async (t) => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const removed = [...sectionOf(markdownReport(plan), 'Job steps').matchAll(/remove `(\/properties\S+)`/g)]
    const before = new Map(
      plan.resourceChanges.flatMap(({ properties }) => properties.map((item) => [item.path, item.before])),
    )
    for (const [, path] of removed) t.not(before.get(path ?? '') ?? null, null, `${name}: ${path}`)
  }
  t.match(
    sectionOf(markdownReport(planOf('to-be-accepted')), 'Job steps'),
    /remove `.*\/loadBalancerProfile`/,
  )
})

t.test('names the charges whose data is measured if others are unknown', async (t) => {
  const plan = planOf('through-a-firewall')
  const text = sectionOf(markdownReport(plan), 'Monthly cost before and after')
  t.match(text, 'The processed data is known only for the charge "Load balancer, processed data".')
  t.notMatch(text, 'The processed data of the cluster is unknown')
  if (plan.cost === undefined) throw new Error('no cost')
  const unmeasured = (lines: CostLine[]) =>
    lines.map((line) => (line.meter.endsWith('Gigabyte') ? { ...line, quantity: null, monthly: null } : line))
  const { before, after } = plan.cost
  const cost = {
    ...plan.cost,
    before: { ...before, lines: unmeasured(before.lines) },
    after: { ...after, lines: unmeasured(after.lines) },
  }
  t.match(markdownReport({ ...plan, cost }), 'The processed data of the cluster is unknown.')
})

t.test(
  'the summary says that a removed address is not in use, also if it is released permanently',
  async (t) => {
    const { egressIps } = planOf('ranges')
    t.match(
      egressIps.find(({ change }) => change === 'lost'),
      { usedBefore: [], recoverable: false },
    )
    t.match(markdownReport(planOf('ranges')), /− removed 1 \(permanently, not in use\)/)
  },
)

t.test('says that there is no cutover if traffic already uses the new path', async (t) => {
  t.match(
    markdownReport(planOf('ranges')),
    /Cutover:\*\* none in this plan\. Traffic already uses the egress path/,
  )
})
