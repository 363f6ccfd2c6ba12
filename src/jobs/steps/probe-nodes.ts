import type { StepAction } from '../../contract/steps.ts'
import { actualAddresses } from '../../core/job/actual-addresses.ts'
import { actualPaths } from '../../core/job/actual-paths.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { restoringRemedy } from '../../core/job/job-error.ts'
import { baselineOf, measuresRollback, ROLLBACK_PROBE } from '../../core/job/job-probes.ts'
import {
  compareProbes,
  confirmedLosses,
  lossSentence,
  type PlannedPaths,
  type Round,
} from '../../core/probe/compare-probes.ts'
import { compareRollback } from '../../core/probe/compare-rollback.ts'
import { applyProbeEvent, type ProbeRun, toNodeProbes } from '../../core/probe/probe-run.ts'
import { restoredPaths } from '../../core/probe/source-address.ts'
import { jobEvents } from '../../database/stores/job-store.ts'
import { elapsedMs } from '../elapsed.ts'
import { advanceProbe } from '../probes/advance-probe.ts'
import { prepareProbe } from '../probes/prepare-probe.ts'
import { endRollbackProbe, failJob, succeedStep } from './outcome.ts'
import { recordStep, type StepContext, type StepFacts } from './step-context.ts'

/**
 * The API server takes up to two minutes to allow a new address, and a new route or rule may take some seconds. So an
 * endpoint counts as lost only if a second measurement after this time confirms it. A pool that could not be measured gets a
 * second measurement too, on an instance that is ready then.
 */
const CONFIRM_AFTER_MS = 120_000

type ProbeNodes = Extract<StepAction, { kind: 'probeNodes' }>

/** Measures from nodes: one action in each tick. Later measurements are compared with the first one. */
export async function probeNodes(context: StepContext, does: ProbeNodes): Promise<void> {
  const { deps, job, step } = context
  const run = job.state.probes.runs[step.key]
  if (run === undefined) return startFirst(context, does)
  let latest = context
  let current = run
  const hasEnded = await advanceProbe(deps, run, async (events, nextAt) => {
    const facts: StepFacts[] = events.length === 0 ? [] : [{ type: 'probed', events }]
    latest = await recordStep(latest, facts, nextAt)
    current = events.reduce(applyProbeEvent, current)
    return current
  })
  if (!hasEnded) return
  return does.when === 'before' ? endBaseline(context, run) : endComparison(context, does, run)
}

/** A rollback plan compares with the measurement of the job that it reverts. */
async function startFirst(context: StepContext, does: ProbeNodes): Promise<void> {
  const { baselineJobId } = does
  if (baselineJobId === undefined) return startRound(context, does, null)
  const baseline = baselineOf(await jobEvents<JobEvent>(context.deps.database.kysely, baselineJobId))
  if (baseline !== undefined) return startRound(context, does, null, baseline)
  const warnings = [`The measurement of job ${baselineJobId} before its cutover no longer exists.`]
  return endRollbackProbe(context, { lost: [], warnings })
}

/** The ID of the run distinguishes its output from that of every other step and round. */
async function startRound(
  context: StepContext,
  does: ProbeNodes,
  notBefore: Date | null,
  baseline?: ProbeRun,
): Promise<void> {
  const { deps, job, step } = context
  const { endpoints, sourceAddressUrl, maxNodes } = does
  const wish = { endpoints, maxNodes, ...(sourceAddressUrl === null ? {} : { sourceAddressUrl }) }
  const round = (job.state.probes.rounds[step.key] ?? 0) + 1
  const id = `${job.row.id}-${step.key === ROLLBACK_PROBE ? 'rollback' : does.when}-${round}`
  const prepared = await prepareProbe(deps, id, job.plan.cluster, wish)
  const nodes = prepared.nodes.map((node) => ({ ...node, notBefore: notBefore?.toISOString() ?? null }))
  const startedAt = deps.now().toISOString()
  const other = baseline === undefined ? {} : { baseline }
  await recordStep(context, [{ type: 'probeStarted', run: { ...prepared, startedAt, nodes }, ...other }])
}

/** A failed measurement before the cutover is only a warning, because the change does not depend on it. */
async function endBaseline(context: StepContext, run: ProbeRun): Promise<void> {
  const missed = toNodeProbes(run).filter(({ status }) => status !== 'completed')
  const warnings = missed.map(({ pool, reason }) =>
    warning(`Pool \`${pool}\` was not measured before the cutover. ${reason ?? ''}`.trim()),
  )
  await succeedStep(context, null, warnings)
}

function warning(message: string): StepFacts {
  return { type: 'warned', message }
}

async function endComparison(context: StepContext, does: ProbeNodes, run: ProbeRun): Promise<void> {
  const { deps, job, step } = context
  const baseline = job.state.probes.runs['probe-nodes-before']
  const before = baseline === undefined ? [] : toNodeProbes(baseline)
  const isRollback = measuresRollback(step)
  const paths = step.key === ROLLBACK_PROBE ? formerPaths : plannedPaths
  const roundOf = (measured: ProbeRun): Round => {
    const nodes = toNodeProbes(measured)
    const verdict = isRollback
      ? compareRollback(before, nodes, paths(context, measured))
      : compareProbes(before, nodes, paths(context, measured))
    return { verdict, nodes }
  }
  const latest = roundOf(run)
  const { lost: found, unread, hasGaps, warnings } = latest.verdict
  const first = job.state.probes.firstRuns[step.key]
  const isOpen = found.length + unread.length > 0 || hasGaps
  if (first === undefined && isOpen && !isCutOff(context, run))
    return startRound(context, does, new Date(deps.now().getTime() + CONFIRM_AFTER_MS / deps.waitScale))
  const lost = first === undefined ? found : confirmedLosses(roundOf(first), latest)
  if (isRollback) return endRollbackProbe(context, { lost, warnings })
  const warned = warnings.map(warning)
  if (lost.length === 0) return succeedStep(context, null, warned)
  const recorded = await recordStep(context, [...warned, { type: 'probeCompared', lost }])
  return failJob(recorded, 'NODES_LOST_ENDPOINTS', {
    detail: lost.map(lossSentence).join(' '),
    remedy: restoringRemedy(job.plan),
  })
}

/** No node has returned a result for longer than a change takes effect: a second measurement would only extend the outage. */
function isCutOff({ deps }: StepContext, run: ProbeRun): boolean {
  const asked = toNodeProbes(run).filter(({ status }) => status !== 'skipped')
  const isOld = elapsedMs(deps, run.startedAt) > CONFIRM_AFTER_MS / deps.waitScale
  return isOld && asked.every(({ isUnanswered }) => isUnanswered === true)
}

const ISOLATED: string[] = ['none', 'block']

/** The planned paths with the addresses that the job has created and found. */
function plannedPaths({ job: { plan, state } }: StepContext, run: ProbeRun): PlannedPaths {
  const found = actualAddresses(plan, state)
  return {
    routing: plan.routing,
    requiredEndpoints: plan.requiredEndpoints?.endpoints ?? [],
    paths: actualPaths(plan.paths, { ...found, isRestored: false }),
    isolates: ISOLATED.includes(plan.transition.to),
    ...conditionsOf(run),
  }
}

/** The paths that a rollback restores, with the addresses that the job found after it. */
function formerPaths({ job: { plan, state } }: StepContext, run: ProbeRun): PlannedPaths {
  return {
    routing: [],
    requiredEndpoints: [],
    paths: restoredPaths(plan.paths, state.observed.egressIps),
    ...conditionsOf(run),
  }
}

function conditionsOf({ sourceAddressUrl, trustsProxy, sourceProxy }: ProbeRun) {
  return { asksSource: sourceAddressUrl !== null, trustsProxy, sourceProxy }
}
