import type { NodeVerification } from '../../contract/probe.ts'
import type { LostEndpoint } from '../probe/compare-probes.ts'
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
}

type JobProbeEvent = Extract<JobEvent, { type: 'probeStarted' | 'probed' | 'probeCompared' }>

export function noProbes(): JobProbes {
  return { runs: {}, firstRuns: {}, rounds: {}, lost: [] }
}

export function applyToProbes(probes: JobProbes, event: JobProbeEvent): void {
  const { step } = event
  switch (event.type) {
    case 'probeStarted': {
      const former = probes.runs[step]
      if (former !== undefined) probes.firstRuns[step] = former
      probes.runs[step] = event.run
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
      probes.lost = event.lost
      return
  }
}

/** The measurements as callers see them; undefined for a job that measures nothing. */
export function toNodeVerification(
  steps: { key: string }[],
  { runs, lost }: JobProbes,
): NodeVerification | undefined {
  if (!steps.some(({ key }) => key === 'probe-nodes-before')) return undefined
  const nodesOf = (key: string) => (runs[key] === undefined ? null : toNodeProbes(runs[key]))
  const notes = [...new Set(Object.values(runs).flatMap((run) => run.notes))]
  return { before: nodesOf('probe-nodes-before'), after: nodesOf('probe-nodes-after'), lost, notes }
}
