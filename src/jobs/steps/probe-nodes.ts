import type { NodeProbe } from '../../contract/probe.ts'
import type { StepAction } from '../../contract/steps.ts'
import { actualAddresses } from '../../core/job/actual-addresses.ts'
import { actualPaths } from '../../core/job/actual-paths.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { restoringRemedy } from '../../core/job/job-error.ts'
import { BASELINE_PROBE, baselineOf, measuresRollback, ROLLBACK_PROBE } from '../../core/job/job-probes.ts'
import {
  compareProbes,
  confirmedLosses,
  confirmedUnreached,
  isSamePlace,
  type PlannedPaths,
  type Round,
} from '../../core/probe/compare-probes.ts'
import { compareRollback } from '../../core/probe/compare-rollback.ts'
import { lossSentence, lossTexts } from '../../core/probe/losses.ts'
import { applyProbeEvent, type NodeRun, type ProbeRun, toNodeProbes } from '../../core/probe/probe-run.ts'
import { restoredPaths } from '../../core/probe/source-address.ts'
import { jobEvents } from '../../database/stores/job-store.ts'
import { elapsedMs } from '../deps.ts'
import { advanceProbe } from '../probes/advance-probe.ts'
import { prepareProbe } from '../probes/prepare-probe.ts'
import { endRollbackProbe, failJob, restoringWork, succeedStep } from './outcome.ts'
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
  return does.when === 'before' ? endBaseline(context, does, run) : endComparison(context, does, run)
}

/** A rollback plan compares with the measurement of the job that it reverts. */
async function startFirst(context: StepContext, does: ProbeNodes): Promise<void> {
  const { baselineJobId } = does
  if (baselineJobId === undefined) return startRound(context, does)
  const baseline = baselineOf(await jobEvents<JobEvent>(context.deps.database.kysely, baselineJobId))
  if (baseline !== undefined) return startRound(context, does, { baseline })
  const warnings = [`The measurement of job ${baselineJobId} before its cutover no longer exists.`]
  return endRollbackProbe(context, { lost: [], warnings })
}

/** The ID of the run distinguishes its output from that of every other step and round. */
async function startRound(
  context: StepContext,
  does: ProbeNodes,
  { notBefore, baseline, former }: { notBefore?: Date; baseline?: ProbeRun; former?: ProbeRun } = {},
): Promise<void> {
  const { deps, job, step } = context
  const { endpoints, sourceAddressUrl, maxNodes } = does
  const wish = { endpoints, maxNodes, ...(sourceAddressUrl === null ? {} : { sourceAddressUrl }) }
  const round = (job.state.probes.rounds[step.key] ?? 0) + 1
  const id = `${job.row.id}-${step.key === ROLLBACK_PROBE ? 'rollback' : does.when}-${round}`
  const failed = (former === undefined ? [] : toNodeProbes(former)).filter(
    ({ status }) => status === 'failed',
  )
  const avoid = failed.flatMap(({ instanceId }) => instanceId ?? [])
  const prepared = await prepareProbe(deps, id, job.plan.cluster, wish, avoid)
  const nodes = prepared.nodes.map(
    (node) =>
      (does.when === 'before' ? former?.nodes.find((other) => isKept(other, node)) : undefined) ?? {
        ...node,
        notBefore: notBefore?.toISOString() ?? null,
      },
  )
  const startedAt = deps.now().toISOString()
  const other = baseline === undefined ? {} : { baseline }
  await recordStep(context, [{ type: 'probeStarted', run: { ...prepared, startedAt, nodes }, ...other }])
}

/** A repetition of the baseline measures only the nodes without a result. */
function isKept(former: NodeRun, node: NodeRun): boolean {
  return isSamePlace(former, node) && former.phase === 'ended' && former.output.isReadable
}

/**
 * Without a baseline, a loss after the cutover is invisible. So a measurement that failed is repeated, and the job stops if
 * it fails again. Pools that cannot be measured at all are only a warning: Azure rejects run-commands, or no instance can run
 * the script.
 */
async function endBaseline(context: StepContext, does: ProbeNodes, run: ProbeRun): Promise<void> {
  const { job, step } = context
  const nodes = toNodeProbes(run)
  const first = job.state.probes.firstRuns[step.key]
  const former = first === undefined ? [] : toNodeProbes(first)
  const wasMissing = (node: NodeProbe) =>
    former.some((other) => isSamePlace(other, node) && isMissing(job, other))
  const missing = nodes.filter(
    (node) => isMissing(job, node) || (node.status === 'skipped' && wasMissing(node)),
  )
  if (missing.length > 0 && first === undefined) return startRound(context, does, { former: run })
  if (missing.length > 0)
    return failJob(context, 'NODES_NOT_MEASURED', {
      detail: missing.map(({ pool, reason }) => `Pool \`${pool}\`: ${reason ?? ''}`.trim()).join(' '),
    })
  const missed = nodes.filter(({ status }) => status !== 'completed')
  const warnings = missed.map(({ pool, reason }) =>
    warning(`Pool \`${pool}\` was not measured before the cutover. ${reason ?? ''}`.trim()),
  )
  await succeedStep(context, null, warnings)
}

/** Nodes without egress return no result, so nothing can be measured before a change that adds egress. */
function isMissing({ plan }: StepContext['job'], node: NodeProbe): boolean {
  const { status, isRejected, isUnanswered } = node
  const isExpected = isUnanswered === true && ISOLATED.includes(plan.transition.from ?? '')
  return status === 'failed' && isRejected !== true && !isExpected
}

function warning(message: string): StepFacts {
  return { type: 'warned', message }
}

async function endComparison(context: StepContext, does: ProbeNodes, run: ProbeRun): Promise<void> {
  const { deps, job, step } = context
  const baseline = job.state.probes.runs[BASELINE_PROBE]
  const before = baseline === undefined ? [] : toNodeProbes(baseline)
  const isRollback = measuresRollback(step)
  const paths = step.key === ROLLBACK_PROBE ? formerPaths : plannedPaths
  const roundOf = (measured: ProbeRun): Round => {
    const nodes = toNodeProbes(measured)
    const verdict = isRollback
      ? compareRollback(before, nodes, paths(context, measured), restoringWork(job.plan))
      : compareProbes(before, nodes, paths(context, measured))
    return { verdict, nodes }
  }
  const latest = roundOf(run)
  const { lost: found, unread, unreached: missed, hasGaps, warnings } = latest.verdict
  const first = job.state.probes.firstRuns[step.key]
  const isOpen = found.length + unread.length + missed.length > 0 || hasGaps
  if (first === undefined && isOpen && !isCutOff(context, run))
    return startRound(context, does, {
      notBefore: new Date(deps.now().getTime() + CONFIRM_AFTER_MS / deps.waitScale),
      former: run,
    })
  const lost = first === undefined ? found : confirmedLosses(roundOf(first), latest)
  if (isRollback) return endRollbackProbe(context, { lost, warnings })
  const unreached = first === undefined ? missed : confirmedUnreached(roundOf(first), latest)
  const compared: StepFacts = {
    type: 'probeCompared',
    lost,
    ...(unreached.length === 0 ? {} : { unreached }),
  }
  const facts = [...warnings.map(warning), ...(lost.length + unreached.length === 0 ? [] : [compared])]
  if (lost.length === 0) return succeedStep(context, null, facts)
  const recorded = await recordStep(context, facts)
  return failJob(recorded, 'NODES_LOST_ENDPOINTS', {
    texts: lossTexts(lost),
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
