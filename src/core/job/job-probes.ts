import type { NodeProbe, NodeVerification } from '../../contract/probe.ts'
import type { Step } from '../../contract/steps.ts'
import type { LostEndpoint } from '../probe/losses.ts'
import { applyProbeEvent, type ProbeRun, toNodeProbes } from '../probe/probe-run.ts'
import type { JobEvent } from './events.ts'

/** The measurements of a job by the key of their step. */
export interface JobProbes {
  runs: Record<string, ProbeRun>
  /** The measurement before the last one of a step, where it was repeated. */
  firstRuns: Record<string, ProbeRun>
  /** How many measurements each step has begun. */
  rounds: Record<string, number>
  lost: LostEndpoint[]
  /** What nodes do not reach after the cutover, and what was not measured before it. */
  unreached: LostEndpoint[]
  /** Warnings about the egress path after the cutover, which a rollback makes obsolete. */
  warnings: string[]
  /** The comparison after a rollback; null before it. */
  afterRollback: { lost: LostEndpoint[]; unmeasured: string[] } | null
}

/** The step that measures before the cutover. */
export const BASELINE_PROBE = 'probe-nodes-before'
/** The step that measures after the cutover. */
export const CUTOVER_PROBE = 'probe-nodes-after'
/** The step that measures after an automatic rollback. */
export const ROLLBACK_PROBE = 'undo-probe-nodes'

type JobProbeEvent = Extract<JobEvent, { type: 'probeStarted' | 'probed' | 'probeCompared' }>

export function noProbes(): JobProbes {
  return { runs: {}, firstRuns: {}, rounds: {}, lost: [], unreached: [], warnings: [], afterRollback: null }
}

export function applyToProbes(probes: JobProbes, event: JobProbeEvent): void {
  const { step } = event
  switch (event.type) {
    case 'probeStarted': {
      const former = probes.runs[step]
      if (former !== undefined) probes.firstRuns[step] = former
      probes.runs[step] = event.run
      if (event.baseline !== undefined) probes.runs[BASELINE_PROBE] = event.baseline
      probes.rounds[step] = (probes.rounds[step] ?? 0) + 1
      return
    }
    case 'probed': {
      const run = probes.runs[step]
      if (run === undefined) throw new Error('the log names a measurement that was not started')
      probes.runs[step] = event.events.reduce(applyProbeEvent, run)
      return
    }
    case 'probeCompared':
      // In a rollback plan, the comparison has the key of the step after the cutover.
      if (step === ROLLBACK_PROBE || event.unmeasured !== undefined)
        probes.afterRollback = { lost: event.lost, unmeasured: event.unmeasured ?? [] }
      else {
        probes.lost = event.lost
        probes.unreached = event.unreached ?? []
      }
      return
  }
}

/** Whether any node was measured before the cutover, so that a later measurement can be compared. */
export function hasBaseline({ runs }: JobProbes): boolean {
  const run = runs[BASELINE_PROBE]
  return run !== undefined && toNodeProbes(run).some(({ status }) => status === 'completed')
}

/** The measurement of a job before its cutover, from its log; undefined if the job has none. */
export function baselineOf(events: readonly JobEvent[]): ProbeRun | undefined {
  const probes = noProbes()
  for (const event of events)
    if (event.type === 'probeStarted' || event.type === 'probed') applyToProbes(probes, event)
  return probes.runs[BASELINE_PROBE]
}

/** Whether a step measures what a rollback has restored: in the job that failed, or in the job of a rollback plan. */
export function measuresRollback({ key, does }: Pick<Step, 'key' | 'does'>): boolean {
  return key === ROLLBACK_PROBE || (does.kind === 'probeNodes' && does.baselineJobId !== undefined)
}

/** The measurements as callers see them; undefined for a job that measures nothing. */
export function toNodeVerification(
  steps: Pick<Step, 'key' | 'does'>[],
  probes: JobProbes,
  isFinal: boolean,
): NodeVerification | undefined {
  if (!steps.some(({ does }) => does.kind === 'probeNodes')) return undefined
  const { runs, lost, unreached } = probes
  const isRollbackPlan = steps.some(measuresRollback)
  const nodesOf = (key: string) => (runs[key] === undefined ? null : toNodeProbes(runs[key]))
  const notes = [...new Set(Object.values(runs).flatMap((run) => run.notes))]
  const restored = nodesOf(isRollbackPlan ? CUTOVER_PROBE : ROLLBACK_PROBE)
  const afterRollback = rollbackView(probes, restored, isFinal)
  return {
    before: nodesOf(BASELINE_PROBE),
    after: isRollbackPlan ? null : nodesOf(CUTOVER_PROBE),
    lost,
    ...(unreached.length === 0 ? {} : { unreached }),
    ...(afterRollback === undefined ? {} : { afterRollback }),
    notes,
  }
}

function rollbackView(
  { afterRollback: compared }: JobProbes,
  nodes: NodeProbe[] | null,
  isFinal: boolean,
): NodeVerification['afterRollback'] {
  if (compared === null) {
    if (nodes === null) return undefined
    return isFinal
      ? { outcome: 'unknown', nodes, lost: [], unmeasured: ['The job ended before the comparison.'] }
      : { outcome: 'measuring', nodes, lost: [], unmeasured: [] }
  }
  const { lost, unmeasured } = compared
  const outcome = lost.length > 0 ? 'notRestored' : unmeasured.length > 0 ? 'unknown' : 'restored'
  return { outcome, nodes: nodes ?? [], lost, unmeasured }
}
