import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import type { StepKey } from '../../../src/contract/steps.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import type { JobOutcome } from '../../../src/core/job/job-outcome.ts'
import { isWrite } from '../../../src/core/job/job-state.ts'
import { markdownJobReport } from '../../../src/reports/job/job-report.ts'
import { withOutcome } from '../../../src/reports/plan/reported-plan.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { sectionOf } from '../support/markup.ts'
import { demoOutcomes, outcomeOf } from '../support/outcomes.ts'
import { demoPlans } from '../support/plans.ts'

const planOf = await demoPlans(t)
const outcomes = demoOutcomes(planOf)
const prepared = planOf('prepared')
const cutover = prepared.cutOver.step as StepKey

function reportOf(name: string): string {
  return markdownJobReport(outcomes[name] as JobOutcome)
}

function verdictOf(report: string): string {
  return /\*\*■ Failed\.\*\* .*/.exec(report)?.[0] ?? ''
}

/** A job whose step failed because Azure did not answer, after Azure may have received a write or did not. */
function unansweredJob(plan: Plan, step: StepKey, hasWritten: boolean): JobOutcome {
  const write = (key: StepKey) => ({ type: 'writeIntended' as const, step: key, etag: null, changes: [] })
  const before = plan.steps.slice(
    0,
    plan.steps.findIndex(({ key }) => key === step),
  )
  return outcomeOf(plan, [
    { type: 'accepted', by: 'ann@example.com', reason: null, acknowledge: [] },
    ...before.flatMap(({ key, does }) => [
      { type: 'stepStarted' as const, step: key },
      ...(isWrite({ does }) ? [write(key)] : []),
      { type: 'stepSucceeded' as const, step: key, observed: null },
    ]),
    { type: 'stepStarted', step },
    ...(hasWritten ? [write(step)] : []),
    { type: 'ended', status: 'Failed', error: jobError('ARM_UNAVAILABLE', step) },
  ])
}

function unanswered(step: StepKey, hasWritten: boolean): string {
  return markdownJobReport(unansweredJob(prepared, step, hasWritten))
}

/** The report of the plan whose job has ended so. */
function planReportOf(outcome: JobOutcome): string {
  return markdownReport(withOutcome({ ...outcome.plan, status: 'executed' }, outcome))
}

t.test('a failed cutover that changed nothing leaves no operation to check', async (t) => {
  const report = unanswered(cutover, false)
  t.match(
    verdictOf(report),
    /No traffic has moved\. The step “Attach .*” failed before it changed anything\./,
  )
  const todo = sectionOf(report, 'What is left to do')
  t.match(todo, /^\n- No operation of this job is running in Azure\. When Azure is available again, create/)
  t.notMatch(report, /may have continued|may have moved/)
})

t.test('a failed cutover that may have changed Azure names its resource, and removes nothing', async (t) => {
  const report = unanswered(cutover, true)
  t.match(verdictOf(report), /Traffic may have moved\. The step “Attach .*” failed\. /)
  const todo = sectionOf(report, 'What is left to do')
  t.match(
    todo,
    /^\n- Check the provisioning state of the subnet `nodes` first, because Azure may have continued/,
  )
  t.notMatch(todo, /provisioning state of the cluster|Remove these addresses/)
  t.notMatch(report, /No traffic has moved|before it changed anything|Keep every entry/)
})

t.test('a failed step before the cutover moves no traffic, and names its resource', async (t) => {
  const step = 'prepare-nat-gateway'
  const report = unanswered(prepared.steps.find(({ key }) => key.startsWith(step))?.key ?? cutover, true)
  t.match(verdictOf(report), /No traffic has moved\. The step “Create Standard NAT gateway .*” failed\. /)
  t.match(report, /Check the provisioning state of the NAT gateway `ng-lb-byo-egress` first/)
})

t.test(
  'a job that read the addresses of a plan without a cutover does not claim that traffic moved',
  async (t) => {
    const { plan, job, ...rest } = outcomes['job-succeeded'] as JobOutcome
    const error = jobError('INTERNAL', null)
    const cutOver = { ...plan.cutOver, step: null }
    const failed = { ...job, status: 'Failed' as const, error }
    t.match(verdictOf(markdownJobReport({ ...rest, plan, job: failed })), 'Traffic has moved.')
    t.notMatch(verdictOf(markdownJobReport({ ...rest, plan: { ...plan, cutOver }, job: failed })), 'moved')
  },
)

t.test('a job that moved nothing or reverted its cutover asks to keep the present entries', async (t) => {
  const section = (name: string) => sectionOf(reportOf(name), 'Allow lists of other resources')
  for (const [name, reason] of [
    ['job-failed', 'no traffic has moved'],
    ['job-canceled-at-hold', 'no traffic has moved'],
    ['job-reverted', 'the job reverted the cutover'],
  ] as const) {
    t.match(section(name), `Keep every entry that contains \`52.89.213.171\`, because ${reason}.`)
    t.notMatch(section(name), /no affected address/, name)
  }
  t.match(section('job-held'), '`52.89.213.171`')
})

t.test('the search of allow lists is incomplete in the reports of all jobs of the plan', async (t) => {
  for (const name of ['job-failed', 'job-canceled-at-hold', 'job-reverted', 'job-held', 'job-unconfirmed'])
    t.match(
      sectionOf(reportOf(name), 'Allow lists of other resources'),
      /The search was incomplete: these parts of allow lists were not searched\. Check them manually:/,
      name,
    )
})

t.test('shows 0 attempts of a step that sent nothing, and none of a step that did not start', async (t) => {
  const steps = sectionOf(reportOf('job-failed'), 'Steps')
  t.match(steps, /■ Failed \| .* \| 0 \|/)
  t.match(steps, /× Skipped \| – \| – \| – \|/)
})

t.test(
  'says that traffic has moved after a successful cutover, also if a later step may move more',
  async (t) => {
    const type = 'change-outbound-type'
    const changed = unanswered(type, true)
    t.match(
      verdictOf(changed),
      /Traffic has moved at the cutover, and more traffic may have moved\. The step “Change/,
    )
    t.match(
      sectionOf(changed, 'Public IP changes'),
      /^\nTraffic has moved at the cutover, and more traffic may have/,
    )
    const unchanged = unanswered(type, false)
    t.match(
      verdictOf(unchanged),
      /Traffic has moved\. The step “Change .*” failed before it changed anything\./,
    )
    t.match(
      sectionOf(unchanged, 'Public IP changes'),
      /^\nTraffic has moved\. The job ended before it confirmed/,
    )
    t.match(unchanged, /of the cluster: `GET \/v1\/clusters\/[^`]*\/rg-demo\/lb-byo\/egress`\./)
  },
)

t.test('a failed job of a plan without a cutover reports no cutover and no moved traffic', async (t) => {
  const outcome = unansweredJob(planOf('ranges'), 'change-outbound-type', true)
  t.equal(outcome.plan.cutOver.step, null)
  const report = markdownJobReport(outcome)
  t.match(verdictOf(report), /Failed\.\*\* The step “Change .*” failed\. Azure was unreachable/)
  t.match(
    report,
    /The plan is not expected to move traffic\. The job ended before it confirmed which addresses/,
  )
  t.notMatch(report, /may have moved|has moved|cutover has started|new addresses/)
  const planReport = planReportOf(outcome)
  t.match(planReport, /failed after it had started to change the cluster\. Read the report of the job\./)
  t.match(planReport, /connections:\*\* may have been dropped, although the egress path does not change\./)
})

t.test('offers no rollback plan after a job that did not change the outbound type', async (t) => {
  for (const [step, hasWritten] of [
    [cutover, true],
    ['change-outbound-type', false],
  ] as const) {
    const outcome = unansweredJob(prepared, step, hasWritten)
    t.equal(outcome.job.actions.rollbackPlan, false)
    const report = planReportOf(outcome)
    t.match(
      sectionOf(report, 'In short'),
      /Rollback:\*\* not applicable, because the job did not change the outbound/,
    )
    t.match(
      sectionOf(report, 'Rollback'),
      /^\nNot applicable, .* cleanup plan of the job: `POST \/v1\/jobs\/[^`]+\/clean/,
    )
  }
  const changed = unansweredJob(prepared, 'change-outbound-type', true)
  t.equal(changed.job.actions.rollbackPlan, true)
  t.match(sectionOf(planReportOf(changed), 'Rollback'), /^\nAKS supports the rollback\./)
})
