import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import type { JobOutcome } from '../../../src/core/job/job-outcome.ts'
import { htmlJobReport, markdownJobReport } from '../../../src/reports/job/job-report.ts'
import { durationText } from '../../../src/reports/job/job-steps.ts'
import { buildIpChangesReport } from '../../../src/reports/plan/ip-changes.ts'
import { withOutcome } from '../../../src/reports/plan/reported-plan.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { EXAMPLE_PROBE } from '../../../src/routes/examples/probes.ts'
import {
  elements,
  markdownSkeleton,
  type Node,
  parsePage,
  sectionOf,
  tableWidths,
  textOf,
} from '../support/markup.ts'
import { demoOutcomes, interruptedOutcomes } from '../support/outcomes.ts'
import { demoPlans, nastyText } from '../support/plans.ts'

const planOf = await demoPlans(t)
const outcomes = demoOutcomes(planOf)

function outcome(name: string): JobOutcome {
  const found = outcomes[name]
  if (found === undefined) throw new Error(`no outcome ${name}`)
  return found
}

/** A section of a report, without its heading. */
function section(name: string, title: string): string {
  const text = markdownJobReport(outcome(name))
  return new RegExp(`## ${title}\\n([\\s\\S]*?)(?=\\n## |$)`).exec(text)?.[1] ?? ''
}

/** `GOLDEN=write npm test -- test/reports/job/job-report.test.ts` accepts a change. Read the difference. */
for (const name of Object.keys(outcomes))
  t.test(`writes the accepted report "${name}"`, async (t) => {
    const file = new URL(`../golden/${name}.txt`, import.meta.url)
    const text = markdownJobReport(outcome(name))
    if (process.env.GOLDEN === 'write') await writeFile(file, text)
    t.equal(text, await readFile(file, 'utf8').catch(() => ''))
  })

t.test('shows the addresses that the job discovered, and asks to edit with them', async (t) => {
  const addresses = section('job-succeeded', 'Public IP changes')
  t.match(addresses, /\*\*After:\*\* `20\.7\.9\.1\/32`, `20\.7\.9\.2\/32`/)
  t.notMatch(addresses, /not known/)
  const todo = section('job-succeeded', 'What is left to do')
  t.match(todo, /Allow these addresses now: `20\.7\.9\.1\/32`, `20\.7\.9\.2\/32`\./)
  t.match(todo, /Remove these addresses from every allow list: /)
})

t.test('asks to allow created addresses before the release', async (t) => {
  const todo = section('job-held', 'What is left to do')
  t.match(
    todo,
    /Release the job when every owner of an allow list allows the new addresses: `POST \/v1\/jobs\//,
  )
  t.match(todo, /Allow these addresses before the cutover: `20\.9\.9\.1\/32`, `20\.9\.9\.2\/32`\./)
  t.notMatch(todo, /Remove/)
})

t.test('asks no partner to allow addresses that are known only after the cutover', async (t) => {
  const held = outcome('job-held')
  const [known, ...others] = held.plan.egressIps.filter(({ change }) => change === 'added')
  if (known === undefined) throw new Error('no address')
  const reportWith = (egressIps: typeof others) =>
    markdownJobReport({ ...held, plan: { ...held.plan, egressIps } })
  const later = { ...known, address: null, resourceId: null, knownAt: 'apply' as const }
  t.match(
    reportWith([known, later]),
    /when every owner of an allow list allows the known new addresses\. Other new addresses are known/,
  )
  t.match(reportWith([later]), /to start the cutover\. Partners cannot allow the new addresses earlier/)
  t.match(reportWith([]), /Release the job to start the cutover: `POST/)
})

t.test('says that a hold is ahead, or that the job was released in advance', async (t) => {
  const { job, ...rest } = outcome('job-held')
  if (job.hold === null) throw new Error('no hold')
  const report = (hold: Partial<typeof job.hold>, more: Partial<typeof job> = {}) =>
    markdownJobReport({
      ...rest,
      job: { ...job, hold: { ...job.hold, heldSince: null, ...hold } as never, ...more },
    })
  const ahead =
    /will stop before the cutover and wait for a release\. You can release the job now or later: `POST/
  t.match(report({ status: 'Ahead' }), ahead)
  t.match(report({ status: 'Ahead' }, { status: 'NotStarted' }), ahead)
  const released = { status: 'Released' as const, releasedAt: '2026-09-01T00:00:00Z', releasedBy: 'bob' }
  t.match(report(released), /- bob released the job in advance, so it will not stop before the cutover\./)
  t.notMatch(report({ ...released, heldSince: '2026-09-01T00:00:00Z' }), /in advance/)
  const canceled = { ...job.timestamps, cancelRequestedAt: '2026-09-01T00:00:00Z' }
  t.match(report(released, { timestamps: canceled }), /Running\.\*\* .* A cancellation was requested\./)
  t.notMatch(report(released), /cancellation/)
  t.notMatch(markdownJobReport(outcome('job-canceled-at-hold')), /will stop before the cutover/)
})

t.test('asks for no removal while the removal is unconfirmed', async (t) => {
  t.notMatch(section('job-unconfirmed', 'What is left to do'), /Remove/)
  t.match(section('job-unconfirmed', 'What is left to do'), /Allow these addresses now: `20\.9\.9\.1\/32`/)
})

t.test('asks to remove only unused new addresses after a job that moved nothing', async (t) => {
  for (const name of ['job-failed', 'job-reverted', 'job-canceled-at-hold']) {
    t.match(
      section(name, 'What is left to do'),
      /Remove these addresses from every allow list, unless you repeat the change with the same addresses: `20\.9\.9\.1\/32`, `20\.9\.9\.2\/32`\./,
      name,
    )
    t.match(section(name, 'What is left to do'), /create and execute a cleanup plan: /)
  }
})

t.test('lists every created resource after a job that moved nothing or reverted its cutover', async (t) => {
  for (const name of ['job-failed', 'job-reverted', 'job-canceled-at-hold'])
    t.match(
      section(name, 'What is left to do'),
      /Unused resources of this job: `pip-lb-byo-nat-egress-1`, `pip-lb-byo-nat-egress-2`, `ng-lb-byo-egress`\./,
      name,
    )
})

t.test(
  'asks to check who else uses an address that existed before the plan, such as that of a firewall',
  async (t) => {
    const { plan, ...rest } = outcome('job-reverted')
    const shared = plan.egressIps.map((row) =>
      row.address === '20.9.9.1' ? { ...row, knownAt: 'plan' as const, usedBefore: [] } : row,
    )
    const text = markdownJobReport({ ...rest, plan: { ...plan, egressIps: shared } })
    t.match(
      text,
      /every allow list, unless you repeat the change with the same addresses: `20\.9\.9\.2\/32`\./,
    )
    t.match(
      text,
      /does not use these addresses\. Remove them .* unless other resources use them: `20\.9\.9\.1\/32`\./,
    )
  },
)

t.test('asks to remove an address without traffic that AKS has released', async (t) => {
  const { plan, ...rest } = outcome('job-succeeded')
  const [lost, ...others] = plan.egressIps.filter(({ change }) => change === 'lost')
  if (lost?.address == null) throw new Error('the job loses an address')
  const released = { ...lost, knownAt: 'plan' as const, recoverable: false, usedBefore: [], usedAfter: [] }
  const text = markdownJobReport({ ...rest, plan: { ...plan, egressIps: [released, ...others] } })
  t.match(text, new RegExp(`Remove these addresses from every allow list: .*${lost.address}`))
  t.notMatch(text, /unless you repeat the change|created, not in use/)
})

t.test('names who canceled the job, why, and the withdrawn approval', async (t) => {
  const { job, ...rest } = outcome('job-canceled-at-hold')
  const approvals = [{ id: 'approval-1', by: 'bob', at: job.timestamps.acceptedAt }]
  const report = (cancellation: NonNullable<JobOutcome['job']['cancellation']>) =>
    markdownJobReport({ ...rest, job: { ...job, approvals, cancellation } })
  t.match(
    report({ by: 'ann', reason: 'not today' }),
    /\*\*Cancellation requested:\*\* .* by ann \(not today\)/,
  )
  t.match(
    report({ by: 'ann', reason: 'not today' }),
    /× Canceled\.\*\* ann canceled the job: not today\. 4 of/,
  )
  t.match(report({ by: 'ann', reason: ' ' }), /× Canceled\.\*\* ann canceled the job\. 4 of/)
  const withdrawn = report({ by: 'bob', reason: null, withdrawnApproval: 'approval-1' })
  t.match(withdrawn, /\*\*Approved by:\*\* bob at .*, withdrawn by bob/)
  t.match(withdrawn, /by bob, who withdrew the last valid approval/)
  t.match(withdrawn, /× Canceled\.\*\* bob withdrew the last valid approval\. 4 of/)
})

t.test('lists the steps of a canceled job by their titles', async (t) => {
  const text = section('job-canceled-at-hold', 'What is left to do')
  t.match(
    text,
    /did not revert its .*: “Create .*”\. It did not complete the step “Attach .*” or any later step/,
  )
  t.notMatch(text, /prepare-|change-outbound-type/)
})

t.test('says that a reverted cluster is Succeeded again, and asks for no reconcile', async (t) => {
  const text = markdownJobReport(outcome('job-reverted'))
  t.match(text, /restored the former egress\. Afterward, .* was Succeeded, so no reconcile plan is required/)
  t.notMatch(text, /intermediate state|reconcile-plan/)
})

t.test('names what remains attached, and never calls it unused', async (t) => {
  const { job, ...rest } = outcome('job-succeeded')
  if (job.result === null) throw new Error('the job has no result')
  const group = '/subscriptions/s/resourceGroups/r/providers/Microsoft.Network'
  const text = `NAT gateway ${group}/natGateways/natgw.v1 is still attached to ${group}/virtualNetworks/v/subnets/nodes.`
  const leftBehind = [`${text} It carries the traffic of the subnet, so detaching it moves traffic.`]
  const left = { ...job, result: { ...job.result, leftBehind } }
  const report = markdownJobReport({ ...rest, job: left })
  t.match(report, 'NAT gateway `natgw.v1` is still attached to `nodes`. It carries the traffic of the subnet')
  t.match(
    report,
    `how that affects traffic, create a cleanup plan: \`POST /v1/jobs/${job.id}/clean-up-plan\``,
  )
  t.notMatch(report, /Unused resources of this job: .*nodes/)
  // The cleanup of a reverted change detaches nothing that existed before it.
  t.notMatch(markdownJobReport({ ...rest, job: { ...left, status: 'Failed' } }), /still attached/)
})

t.test('says when a scheduled job begins, and how long it waits', async (t) => {
  const { job, ...rest } = outcome('job-held')
  const window = {
    daysOfWeek: ['Sunday' as const],
    startTime: '02:30',
    durationHours: 1,
    utcOffset: '+01:00',
    timeZone: 'Europe/Berlin',
  }
  const timestamps = { ...job.timestamps, startedAt: null }
  const report = (beginsAt: string | null) =>
    markdownJobReport({
      ...rest,
      job: {
        ...job,
        status: 'NotStarted',
        hold: null,
        timestamps,
        beginsAt,
        schedule: { notBefore: '2026-12-20T00:00:00Z', window, giveUpAt: '2026-12-30T00:00:00Z' },
      },
    })
  const waiting = report('2026-12-20T01:30:00Z')
  t.match(waiting, /It begins at 2026-12-20 01:30 UTC/)
  t.match(waiting, /\*\*Begins:\*\* 2026-12-20 01:30 UTC/)
  t.match(waiting, /\*\*Window:\*\* Sunday from 02:30 for 1 h, Europe\/Berlin/)
  t.match(waiting, /\*\*Fails if it has not begun by:\*\* 2026-12-30 00:00 UTC/)
  t.match(report(null), /\*\*Begins:\*\* not within its schedule/)
})

t.test('says that a job that never began left its plan executable', async (t) => {
  t.match(
    markdownJobReport(outcome('job-canceled')),
    /\*\*× Canceled\.\*\* .* You can create a new job for this plan until/,
  )
  t.match(section('job-canceled', 'What is left to do'), /^\nNothing\.$/m)
})

t.test('says that a later job has succeeded, instead of asking for a reconcile', async (t) => {
  const plan = planOf('to-be-accepted')
  const { failed, confirmed: found } = interruptedOutcomes(plan)
  t.match(markdownJobReport(failed), /`POST \/v1\/jobs\/.*\/reconcile-plan`/)
  const report = markdownJobReport(found)
  t.match(report, /■ Failed\.\*\* .* Since then, the job `0199.*3` has succeeded\./)
  t.match(report, /The later job `0199.*3` has succeeded\. The report of the later job lists what is left/)
  t.match(report, /The later job `0199.*3` read these addresses from Azure\./)
  t.match(report, /\*\*After:\*\* `20\.7\.9\.1\/32`/)
  t.notMatch(report, /reconcile-plan|Expected after|not known/)
  t.match(htmlJobReport(found), /<a href="\/v1\/jobs\/0199[^"]*3"><code>/)
  t.notMatch(htmlJobReport(found, true), /href="\/v1/, 'a share link opens no other job')
  t.match(htmlJobReport(found, true), /ask the person who shared the link for that report/)
  t.notMatch(report, /ask the person/)
  t.match(
    markdownReport(withOutcome({ ...plan, status: 'executed' }, found)),
    /The later job `0199.*3` has succeeded and read the addresses/,
  )
  t.match(buildIpChangesReport(withOutcome({ ...plan, status: 'executed' }, found)), {
    stage: 'confirmed',
    confirmedBy: found.confirmedBy?.jobId,
  })
})

t.test('the report of the plan says what became of its job', async (t) => {
  const reportOf = (name: string) => {
    const found = outcome(name)
    return markdownReport(withOutcome({ ...found.plan, status: 'executed' }, found))
  }
  t.match(
    reportOf('job-succeeded'),
    /\*\*✓ Executed\.\*\* The job `0199.*` has executed this plan and succeeded\./,
  )
  const canceled = reportOf('job-canceled-at-hold')
  t.match(
    canceled,
    /× Job canceled\.\*\* The job `0199.*` was canceled before the cutover\. No traffic has moved/,
  )
  t.match(canceled, /Open connections:\*\* not affected, because the job ended and no traffic has moved/)
  t.match(sectionOf(canceled, 'In short'), /API server:.*no authorized IP ranges are set/)
  t.match(sectionOf(canceled, 'In short'), /= kept 1, 2 created by the job, not in use\./)
  t.notMatch(sectionOf(canceled, 'In short'), /removed/)
  t.match(sectionOf(canceled, 'In short'), /Rollback:\*\* not required, because no traffic has moved\./)
  t.match(sectionOf(canceled, 'Public IP changes'), /`20\.9\.9\.1\/32` \| created, not in use \|/)
  t.match(reportOf('job-reverted'), /Job failed\.\*\* The job .* failed and reverted the cutover\./)
  t.match(canceled, /Cutover:\*\* none\. The job ended before the cutover\./)
  t.match(canceled, /These findings describe the effects that the plan expected, not the current state/)
  t.notMatch(canceled, /What to do:/, 'the remedies are for effects that did not occur')
  t.match(reportOf('job-succeeded'), /What to do:/)
  t.match(canceled, /None: the job `0199.*` of this plan has ended\./)
  t.match(reportOf('job-held'), /None: the job `0199.*` executes the plan\./)
  const succeeded = reportOf('job-succeeded')
  t.match(sectionOf(succeeded, 'Egress paths before and after'), /\(`20\.7\.9\.1`, `20\.7\.9\.2`\)/)
  t.notMatch(sectionOf(succeeded, 'In short'), /unknown/)
  t.match(reportOf('job-held'), /▶ In progress\.\*\* The job/)
  t.match(reportOf('job-unconfirmed'), /▶ In progress/)
})

t.test('before a job begins, both reports state when it begins and which addresses to allow', async (t) => {
  const base = outcome('job-canceled')
  const added = { change: 'added', address: '20.5.5.5', cidr: '20.5.5.5/32', knownAt: 'plan' } as const
  const plan = planOf('to-be-accepted')
  const [first, ...rest] = plan.egressIps.filter(({ change }) => change === 'added')
  if (first === undefined) throw new Error('no added address')
  const waiting: JobOutcome = {
    ...base,
    stage: 'planned',
    job: {
      ...base.job,
      status: 'NotStarted',
      beginsAt: '2026-09-02T01:00:00.000Z',
      schedule: { notBefore: null, window: null, giveUpAt: '2026-09-02T05:00:00.000Z' },
      timestamps: { ...base.job.timestamps, startedAt: null, finishedAt: null },
    },
    plan: { ...plan, egressIps: [...rest, { ...first, ...added }] },
  }
  const text = markdownJobReport(waiting)
  t.match(text, /\*\*Gives up:\*\* 2026-09-02 05:00 UTC/)
  t.match(text, /## What is left to do\n\n- Allow these addresses before the cutover: `20\.5\.5\.5\/32`\./)
  t.match(
    markdownReport(withOutcome({ ...waiting.plan, status: 'executed' }, waiting)),
    /Scheduled\.\*\* The job `.*` will execute this plan\. The job begins at 2026-09-02 01:00 UTC\..*None: the job `[^`]*` will execute the plan\./s,
  )
})

t.test(
  'a running job states its current step, and asks for no check that the job makes itself',
  async (t) => {
    const base = outcome('job-unconfirmed')
    const currentStep = 'change-outbound-type' as const
    const running = markdownJobReport({ ...base, job: { ...base.job, currentStep } })
    t.match(
      running,
      /Running\.\*\* \d+ of \d+ steps completed\. Current step: “Change the outbound type from/,
    )
    t.notMatch(running, /Check whether the cluster still uses|Read the addresses|reconcile/)
    const failed = markdownJobReport(interruptedOutcomes(planOf('to-be-accepted')).failed)
    t.match(failed, /Check whether the cluster still uses these addresses/)
    t.match(
      failed,
      /The job ended before it confirmed which addresses the cluster uses\. Read the addresses in the egress report/,
    )
  },
)

t.test('a job that failed after the cutover reports no addresses later', async (t) => {
  const table = markdownJobReport(interruptedOutcomes(planOf('to-be-accepted')).failed)
  t.match(table, /not known yet \| .* \| allow each address that a later job or the egress report shows \|/)
  t.notMatch(table, /as soon as the job reports it/)
})

t.test('a successful job lists the customer addresses that are no longer attached', async (t) => {
  const base = outcome('job-succeeded')
  const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/pip-old'
  const finding = { ...base.plan.findings[0], code: 'LEFTOVER_COST', facts: { resources: [id] } }
  const text = (plan: object) =>
    markdownJobReport({ ...base, plan: { ...base.plan, ...plan } as typeof base.plan })
  t.match(text({ findings: [finding] }), /no longer uses these public IP resources, .*: `pip-old`\./)
  t.notMatch(text({}), /no longer uses these public IP resources/)
})

t.test('has one h1, unique IDs, no dead links, and a header for every row', async (t) => {
  for (const name of Object.keys(outcomes)) {
    const page = parsePage(htmlJobReport(outcome(name)))
    t.equal(elements(page, 'h1').length, 1)
    const all = elements(page)
    const ids = all.flatMap(({ attributes }) => attributes.id ?? [])
    t.equal(new Set(ids).size, ids.length)
    const links = all.flatMap(({ attributes }) => attributes['aria-labelledby']?.split(' ') ?? [])
    for (const { attributes } of elements(page, 'a'))
      if (attributes.href?.startsWith('#')) links.push(attributes.href.slice(1))
    for (const id of links) t.ok(ids.includes(id), id)
    for (const row of elements(page, 'tbody').flatMap((body) => elements(body, 'tr')))
      t.equal(elements(row, 'th').length, 1)
    t.match(
      textOf(elements(page, 'title')[0] as Node),
      /^(Succeeded|Held|Running|Failed|Canceled)\. Job for /,
    )
  }
})

t.test('never reads text from outside as markup', async () => {
  const withText = (name: string, text: string): JobOutcome => {
    const { job, plan, ...rest } = outcome(name)
    return {
      ...rest,
      plan: { ...plan, createdBy: text, cluster: { ...plan.cluster, name: text } },
      job: {
        ...job,
        createdBy: text,
        reason: text,
        approvals: [{ id: job.id, by: text, at: job.timestamps.acceptedAt }],
        hold: job.hold === null ? null : { ...job.hold, releasedBy: text },
        error:
          job.error === null ? null : { ...job.error, message: `It failed: ${text}`, remedy: `Do: ${text}` },
        warnings: [`Warning: ${text}`],
        steps: job.steps.map((step) => ({ ...step, title: text })),
      },
    }
  }
  // A backtick makes code of what follows it, and a soft line break depends on the text.
  const skeleton = (page: string) =>
    elements(parsePage(page))
      .filter(({ name }) => name !== 'wbr' && name !== 'code')
      .map(({ name, attributes }) => `${name} ${Object.keys(attributes).join(' ')}`)
      .join('\n')
  for (const name of ['job-failed', 'job-reverted']) {
    const [html, markdown] = [
      skeleton(htmlJobReport(withText(name, ''))),
      markdownSkeleton(markdownJobReport(withText(name, ''))).join('\n'),
    ]
    fc.assert(
      fc.property(nastyText, (text) => {
        const nasty = withText(name, text)
        if (skeleton(htmlJobReport(nasty)) !== html) throw new Error('other elements')
        const report = markdownJobReport(nasty)
        if (markdownSkeleton(report).join('\n') !== markdown) throw new Error('another structure')
        for (const widths of tableWidths(report))
          if (new Set(widths).size !== 1) throw new Error(`rows of ${widths.join(', ')} cells`)
      }),
      { numRuns: 40 },
    )
  }
})

t.test('writes durations with their units', async (t) => {
  const of = (seconds: number) =>
    durationText('2026-09-01T00:00:00Z', new Date(Date.UTC(2026, 8, 1, 0, 0, seconds)).toISOString())
  t.strictSame([0, 42, 60, 450, 3_600, 11_100].map(of), [
    '0 s',
    '42 s',
    '1 min',
    '7 min 30 s',
    '1 h',
    '3 h 5 min',
  ])
})

t.test('shows what nodes reached, only for a job that measured', async (t) => {
  t.equal(section('job-succeeded', 'Measured from the nodes'), '')
  const { job, ...rest } = outcome('job-succeeded')
  const [node] = EXAMPLE_PROBE.nodes
  if (node === undefined) throw new Error('no node')
  const lost = [
    { endpoint: 'partner.example.com:443', pool: 'system', subnetId: null, cause: 'No rule allows it.' },
  ]
  const after = [{ ...node, readings: node.readings.slice(0, 1) }]
  const notes = ['Not probed, because they are not a single HTTP endpoint: `ntp.ubuntu.com`.']
  const nodeVerification = { before: [node], after, lost, notes }
  const text = markdownJobReport({ ...rest, job: { ...job, nodeVerification } })
  t.match(text, /## Measured from the nodes/)
  t.match(text, /Pool `system`, `partner\.example\.com:443`: No rule allows it\./)
  t.match(text, /- Not probed, because .*: `ntp\.ubuntu\.com`\./)
  t.match(text, /before the cutover \| 1 \| `partner\.example\.com:443`/)
  t.notMatch(text, /after the rollback/i)

  const unverified = /No node was measured both before and after the cutover, so it is unknown/
  t.notMatch(text, unverified)
  const denied = [{ ...node, status: 'failed' as const, reason: 'AuthorizationFailed.', readings: [] }]
  for (const [before, after] of [
    [denied, denied],
    [[node], denied],
    [denied, [node]],
    [[node], [{ ...node, pool: 'other' }]],
  ]) {
    const verification = { before: before ?? [], after: after ?? [], lost: [] }
    const report = markdownJobReport({ ...rest, job: { ...job, nodeVerification: verification } })
    t.match(report, unverified)
  }
  const cut = [{ ...node, status: 'failed' as const, reason: 'AuthorizationFailed.', readings: [] }]
  const open = { before: cut, after, lost: [], unreached: lost.slice(0, 1) }
  const missed = markdownJobReport({ ...rest, job: { ...job, nodeVerification: open } })
  t.match(missed, /Succeeded, but nodes do NOT reach all endpoints/)
  t.match(missed, /nodes do NOT reach partner\.example\.com:443\. .* unknown whether the change is the cause/)
  t.match(missed, /Endpoints that nodes do not reach after the cutover, and that were not measured before/)
  t.notMatch(missed, unverified)

  for (const [outcome, sentence] of [
    ['restored', /After the rollback, nodes again reach all endpoints that they reached/],
    ['notRestored', /After the rollback, nodes do not reach some endpoints/],
    ['unknown', /it is unknown whether nodes again reach all endpoints/],
    ['measuring', /\| after the rollback \|/],
  ] as const) {
    const afterRollback = { outcome, nodes: [node], lost, unmeasured: ['Pool `user` was not measured.'] }
    const verification = { ...nodeVerification, afterRollback }
    const failed = { status: 'Failed' as const, rollback: { status: 'Succeeded' as const } }
    const report = markdownJobReport({ ...rest, job: { ...job, ...failed, nodeVerification: verification } })
    const [verdict = '', section = ''] = report.split('## Measured from the nodes')
    t.match(section, sentence, outcome)
    if (outcome !== 'measuring') t.match(verdict, sentence, outcome)
    if (outcome !== 'measuring') t.ok(verdict.search(sentence) > verdict.indexOf('reverted the cutover'))
    t.match(section, /- Pool `user` was not measured\./)
  }
})
