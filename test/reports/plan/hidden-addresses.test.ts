import t from 'tap'
import type { AddressUse, EffectivePath, EgressIpChange } from '../../../src/contract/egress.ts'
import type { JobOutcome } from '../../../src/core/job/job-outcome.ts'
import { markdownJobReport } from '../../../src/reports/job/job-report.ts'
import type { ReportedPlan } from '../../../src/reports/plan/reported-plan.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { sectionOf } from '../support/markup.ts'
import { demoOutcomes } from '../support/outcomes.ts'
import { demoPlans } from '../support/plans.ts'

const planOf = await demoPlans(t)
const succeeded = demoOutcomes(planOf)['job-succeeded'] as JobOutcome

/** A plan whose only address is not visible, and whose path changes from `before` to `after`. */
function hiddenPlan(
  before: EffectivePath,
  after: EffectivePath,
  uses: { usedBefore?: AddressUse[]; usedAfter?: AddressUse[] } = {},
): ReportedPlan {
  const plan = planOf('to-be-accepted') as ReportedPlan
  const [path] = plan.paths
  if (path === undefined) throw new Error('the plan has a path')
  const use = { subnetId: path.subnetId, family: 'IPv4', destination: 'internet' } as const
  const row: EgressIpChange = {
    address: null,
    family: 'IPv4',
    change: 'unknown',
    resourceId: null,
    knownAt: 'apply',
    recoverable: false,
    usedBefore: [],
    usedAfter: [use],
    ...uses,
  }
  const side = { ...path.before, via: null, addresses: [], isComplete: false }
  const paths = [{ ...path, before: { ...side, path: before }, after: { ...side, path: after } }]
  return { ...plan, paths, egressIps: [row] }
}

function rowOf(plan: ReportedPlan): string[] {
  const row = /^\| not visible in .*$/m.exec(sectionOf(markdownReport(plan), 'Public IP changes'))?.[0] ?? ''
  return row.split(' | ').map((cell) => cell.replaceAll('|', '').trim())
}

t.test('an address of Azure default outbound access can never be allowed', async (t) => {
  const [, change, action, , known] = rowOf(hiddenPlan('loadBalancer', 'defaultOutbound'))
  t.strictSame(
    [change, action, known],
    ['? unknown', 'cannot be allowed: the address is unknown and can change', 'no'],
  )
})

t.test('a hidden address behind an appliance is to be found, and is never known from Azure', async (t) => {
  const [, , action, , known] = rowOf(hiddenPlan('loadBalancer', 'virtualAppliance'))
  t.strictSame([action, known], ['find the address after the change, then allow it', 'no'])
})

t.test('a hidden address of a path that stays is kept, and of a path that ends is removed', async (t) => {
  t.equal(rowOf(hiddenPlan('virtualAppliance', 'virtualAppliance'))[2], 'keep')
  const { egressIps } = hiddenPlan('virtualAppliance', 'natGateway')
  const usedBefore = egressIps[0]?.usedAfter ?? []
  const former = hiddenPlan('virtualAppliance', 'natGateway', { usedBefore, usedAfter: [] })
  t.equal(rowOf(former)[2], 'if you know the address, remove it after the change')
})

t.test('no allow list is to add an address that can change', async (t) => {
  const [impact] = planOf('to-be-accepted').allowLists.impacts
  if (impact === undefined) throw new Error('the plan affects an allow list')
  const sectionFor = (after: EffectivePath) => {
    const plan = hiddenPlan('loadBalancer', after)
    const impacts = [{ ...impact, add: [], addLater: 1 }]
    const text = markdownReport({ ...plan, allowLists: { ...plan.allowLists, impacts } })
    return sectionOf(text, 'Allow lists of other resources')
  }
  t.match(sectionFor('defaultOutbound'), /Allow lists cannot allow it, because Azure can change it\./)
  t.match(sectionFor('virtualAppliance'), /Add it as soon as you find it\./)
})

t.test('the report of a job asks for no entry of an address that can change', async (t) => {
  const todo = (after: EffectivePath) => {
    const { paths, egressIps } = hiddenPlan('loadBalancer', after)
    const plan = { ...succeeded.plan, paths, egressIps }
    return sectionOf(markdownJobReport({ ...succeeded, plan }), 'What is left to do')
  }
  t.match(
    todo('defaultOutbound'),
    /uses Azure default outbound access, .* Do not add these addresses to allow/,
  )
  t.notMatch(todo('defaultOutbound'), /Find these addresses/)
  t.match(todo('virtualAppliance'), /Find these addresses, /)
})
