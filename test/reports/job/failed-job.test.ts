import t from 'tap'
import type { StepKey } from '../../../src/contract/steps.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import type { JobOutcome } from '../../../src/core/job/job-outcome.ts'
import { markdownJobReport } from '../../../src/reports/job/job-report.ts'
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

/** The report of a job whose step failed because Azure did not answer, after Azure may have received a write or did not. */
function unanswered(step: StepKey, hasWritten: boolean): string {
  const error = jobError('ARM_UNAVAILABLE', step)
  const before = prepared.steps.slice(
    0,
    prepared.steps.findIndex(({ key }) => key === step),
  )
  return markdownJobReport(
    outcomeOf(prepared, [
      { type: 'accepted', by: 'ann@example.com', reason: null, acknowledge: [] },
      ...before.flatMap(({ key }) => [
        { type: 'stepStarted' as const, step: key },
        { type: 'stepSucceeded' as const, step: key, observed: null },
      ]),
      { type: 'stepStarted', step },
      ...(hasWritten ? [{ type: 'writeIntended' as const, step, etag: null, changes: [] }] : []),
      { type: 'ended', status: 'Failed', error },
    ]),
  )
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
