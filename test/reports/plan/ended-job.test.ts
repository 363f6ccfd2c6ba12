import t from 'tap'
import type { StepKey } from '../../../src/contract/steps.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import type { JobOutcome } from '../../../src/core/job/job-outcome.ts'
import { markdownJobReport } from '../../../src/reports/job/job-report.ts'
import { deniedAccess } from '../../../src/reports/plan/denied-access.ts'
import { adviceText, buildIpChangesReport } from '../../../src/reports/plan/ip-changes.ts'
import { type ReportedPlan, withOutcome } from '../../../src/reports/plan/reported-plan.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { sectionOf } from '../support/markup.ts'
import { demoOutcomes, interruptedOutcomes, outcomeOf } from '../support/outcomes.ts'
import { demoPlans } from '../support/plans.ts'

const planOf = await demoPlans(t)
const interrupted = interruptedOutcomes(planOf('to-be-accepted'))
const outcomes: Record<string, JobOutcome> = {
  ...demoOutcomes(planOf),
  'job-interrupted': interrupted.failed,
  'job-confirmed': interrupted.confirmed,
}

function reported(name: string): ReportedPlan {
  const outcome = outcomes[name]
  if (outcome === undefined) throw new Error(`no outcome ${name}`)
  return withOutcome({ ...outcome.plan, status: 'executed' }, outcome)
}

const INCOMPLETE = Object.entries(outcomes).flatMap(([name, { job }]) =>
  job.status === 'Failed' || job.status === 'Canceled' ? [name] : [],
)

t.test('the plan of a job that did not complete the change gives no remedy and no code', async (t) => {
  t.ok(INCOMPLETE.length >= 6)
  for (const name of INCOMPLETE) {
    const text = markdownReport(reported(name))
    t.notMatch(text, /What to do:/, name)
    t.notMatch(text, /as soon as the job (reports|has)|the job adds/i, name)
    for (const title of ['Job steps', 'Disruption', 'Azure resource changes'])
      t.match(sectionOf(text, title), /The job did not complete the change/, `${name}: ${title}`)
    if (name !== 'job-confirmed') t.notMatch(text, /your infrastructure as code/, name)
  }
  t.match(markdownReport(reported('job-succeeded')), /What to do:.*your infrastructure as code/s)
  t.notMatch(markdownReport(reported('job-succeeded')), /did not complete/)
})

t.test('no text of the report asks to remove an address that the table keeps', async (t) => {
  for (const name of INCOMPLETE) {
    const plan = reported(name)
    const text = markdownReport(plan)
    const kept = plan.egressIps.flatMap(({ change, address }) =>
      (change === 'kept' || change === 'unknown') && address !== null ? [address] : [],
    )
    for (const address of kept)
      t.notMatch(text, new RegExp(`remove (the entry )?${address.replaceAll('.', '\\.')}`, 'i'), name)
  }
})

t.test('the report of a reverted job says what became of the cutover', async (t) => {
  const text = markdownReport(reported('job-reverted'))
  t.match(text, /Open connections:\*\* may have been dropped at the cutover, and again when the job reverted/)
  t.match(text, /Rollback:\*\* not required, because the job reverted the cutover\./)
  t.match(text, /Cutover:\*\* reverted\. The job reverted the step "Attach NAT gateway/)
  t.match(sectionOf(text, 'Rollback'), /^\s*Not required, because the job reverted the cutover\.\s*$/)
  const failed = markdownReport(reported('job-interrupted'))
  t.match(
    failed,
    /Open connections:\*\* may have been dropped, because a step that can move traffic started\./,
  )
  t.match(failed, /Cutover:\*\* incomplete or unconfirmed\./)
  t.match(sectionOf(failed, 'Rollback'), /AKS supports the rollback/)
})

t.test('a job that ended promises no authorized IP ranges', async (t) => {
  const [finding] = planOf('to-be-accepted').findings
  if (finding === undefined) throw new Error('no finding')
  const denied = (name: string, code: string, hasAuthorized = false) => {
    const plan = reported(name)
    const facts = { added: true, count: 2, missing: ['20.9.0.1/32'], notAdmitted: [], notKnownYet: true }
    const execution = plan.execution && { ...plan.execution, hasAuthorized }
    return deniedAccess({
      ...plan,
      execution,
      findings: [{ ...finding, code, facts }],
    } as ReportedPlan).join()
  }
  const unknowable = 'AUTHORIZED_RANGES_TARGET_UNKNOWABLE'
  t.match(
    denied('job-interrupted', unknowable),
    /The job ended before it added these addresses\. Access is den/,
  )
  t.match(denied('job-interrupted', unknowable, true), /The job has added these addresses after the cutover/)
  t.match(
    denied('job-interrupted', 'AUTHORIZED_RANGES_MISS_EGRESS'),
    /returns when the ranges contain this address/,
  )
  t.match(denied('job-unconfirmed', unknowable), /The job adds these addresses as soon as/)
  for (const name of ['job-reverted', 'job-failed', 'job-canceled-at-hold'])
    t.equal(denied(name, unknowable), '', name)
  t.equal(reported('job-succeeded').execution?.hasAuthorized, false)
})

t.test('the reports of a plan and of its job give the same firewall action', async (t) => {
  const actions = (text: string, column: number) =>
    sectionOf(text, 'Public IP changes')
      .split('\n')
      .filter((line) => /^\| (`[\d.]+\/32`|.*not known|.*unknown)/.test(line))
      .map((line) => line.split('|')[column]?.trim())
  for (const [name, outcome] of Object.entries(outcomes))
    t.strictSame(
      new Set(actions(markdownReport(reported(name)), 3)),
      new Set(actions(markdownJobReport(outcome), 3)),
      name,
    )
})

t.test('the firewall action follows a later cleanup and a later job', async (t) => {
  const plan = reported('job-canceled-at-hold')
  const created = buildIpChangesReport(plan).items.find(({ change }) => change === 'lost')
  if (created?.resourceId == null || plan.execution === undefined) throw new Error('no created address')
  t.match(adviceText(created, plan), /unless you repeat the change with this address/)
  const cleanups = [{ jobId: 'job-2', removed: [created.resourceId] }]
  t.equal(adviceText(created, { execution: { ...plan.execution, cleanups } }), 'remove now')
  const supersededBy = { jobId: 'job-2', status: 'Succeeded' as const, isRead: true }
  const later = { execution: { ...plan.execution, supersededBy } }
  t.equal(adviceText(created, later), 'remove unless the cluster uses it now')
})

t.test('the report asks for the removal of created addresses that a hold asked to add', async (t) => {
  const asks =
    /Remove `20\.9\.9\.1`, `20\.9\.9\.2` from every allow list that contains them, unless you repeat/
  for (const name of ['job-failed', 'job-reverted', 'job-canceled-at-hold'])
    t.match(markdownReport(reported(name)), asks, name)
  for (const name of ['job-held', 'job-succeeded']) t.notMatch(markdownReport(reported(name)), asks, name)
})

t.test('the report of a job asks to check addresses that Azure does not show', async (t) => {
  const asks = /Some public addresses of the cluster are not visible in Azure Resource Manager/
  const [first] = planOf('to-be-accepted').egressIps
  const { plan, ...rest } = outcomes['job-succeeded'] as JobOutcome
  if (first === undefined) throw new Error('no address')
  const { usedBefore: usedAfter } = first
  const hidden = { ...first, address: null, change: 'unknown' as const, usedBefore: [], usedAfter }
  const egressIps = [...plan.egressIps, hidden]
  t.match(markdownJobReport({ ...rest, plan: { ...plan, egressIps } }), asks)
  for (const outcome of Object.values(outcomes)) t.notMatch(markdownJobReport(outcome), asks)
})

t.test('an address that no traffic uses is no egress address after a job that changed nothing', async (t) => {
  const plan = planOf('ranges')
  const unused = plan.egressIps.find(({ change }) => change === 'lost')?.address
  t.type(unused, 'string')
  const step = 'widen-authorized-ranges'
  const error = jobError('ARM_REFUSED', step, { arm: { code: 'Nope', message: 'no', requestId: null } })
  const outcome = outcomeOf(plan, [
    { type: 'accepted', by: 'ann@example.com', reason: null, acknowledge: [] },
    { type: 'stepStarted', step },
    { type: 'ended', status: 'Failed', error },
  ])
  const job = markdownJobReport(outcome)
  t.match(job, /No traffic has moved\. .*Azure error: Nope: no\./)
  const [, before, after] = /\*\*Before:\*\* (.*)\n- \*\*After:\*\* (.*)\n/.exec(job) ?? []
  t.equal(before, after)
  t.match(job, new RegExp(`\`${unused}/32\` \\| = kept \\(not in use\\) \\| nothing \\|`))
  const report = markdownReport(withOutcome({ ...plan, status: 'executed' }, outcome))
  t.match(sectionOf(report, 'In short'), /addresses:\*\* = kept 1\.\n/)
  t.match(report, new RegExp(`\`${unused}/32\` \\| = kept \\(not in use\\) \\| nothing \\|`))
  t.match(
    sectionOf(report, 'In short'),
    /Nodes may have been denied access already before the job\. Access returns when/,
  )
})

t.test('the verdict of a job says whether traffic has moved, as far as Azure proves it', async (t) => {
  const plan = planOf('to-be-accepted')
  const prepared = planOf('prepared')
  const verdictAfter = (
    of: typeof plan,
    step: StepKey,
    response: 'refused' | 'none',
    before: readonly StepKey[] = [],
    status: 'Failed' | 'Canceled' = 'Failed',
  ) => {
    const fault = { kind: 'refused' as const, code: 'Nope', message: 'no', requestId: null }
    const error = jobError('ARM_REFUSED', step, { arm: fault })
    const outcome = outcomeOf(of, [
      { type: 'accepted', by: 'ann@example.com', reason: null, acknowledge: [] },
      ...before.flatMap((key) => [
        { type: 'stepStarted' as const, step: key },
        { type: 'writeIntended' as const, step: key, etag: null, changes: [] },
        { type: 'stepSucceeded' as const, step: key, observed: null },
      ]),
      { type: 'stepStarted', step },
      { type: 'writeIntended', step, etag: null, changes: [] },
      ...(response === 'refused' ? [{ type: 'writeRefused' as const, step, fault, retryAt: null }] : []),
      { type: 'ended', status, error: status === 'Failed' ? error : null },
    ])
    return /\*\*. (?:Failed|Canceled)\.\*\* (.*)/.exec(markdownJobReport(outcome))?.[1]
  }
  const type = 'change-outbound-type'
  const attach = prepared.cutOver.step
  if (attach === null) return t.fail('no cutover')
  t.match(verdictAfter(plan, type, 'refused'), /^No traffic has moved\. /)
  t.match(verdictAfter(plan, type, 'none'), /^Traffic may have moved\. The step .* failed\. /)
  t.match(
    verdictAfter(prepared, type, 'refused', [attach]),
    /^Traffic has moved\. The step .* failed before it changed anything\./,
  )
  t.match(
    verdictAfter(prepared, type, 'none', [attach]),
    /^Traffic has moved at the cutover, and more traffic may have moved\. The step .* failed\. /,
  )
  t.match(verdictAfter(prepared, attach, 'none'), /^Traffic may have moved\. /)
  t.match(verdictAfter(prepared, type, 'refused', [attach], 'Canceled'), /^Traffic has moved\. 1 of /)
  t.notMatch(verdictAfter(plan, type, 'refused', [], 'Canceled'), /moved/)
})
