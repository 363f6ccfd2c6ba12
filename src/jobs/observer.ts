import type { JobState } from '../core/job/job-state.ts'

/** One tick, for whoever looks on. */
export interface TickFacts {
  jobId: string
  /** The cluster's ARM id. */
  cluster: string
  /** What the tick does, of next-action.ts. */
  action: string
  /** The step that it is about; null before the first. */
  step: string | null
  /** The trace that the job was accepted in, as W3C writes it; null where none was kept. */
  traceparent: string | null
}

/** Looks on while jobs are executed, and changes nothing about them. */
export interface JobsObserver {
  /** The trace at hand, to be kept with a job; null when nothing is traced. */
  traceparent(): string | null
  /** A job was accepted and committed. */
  accepted(): void
  /** Runs a tick and gives what it gives. */
  tick(facts: TickFacts, run: () => Promise<void>): Promise<void>
  /** A job's log has grown, and is committed. */
  advanced(before: JobState, after: JobState): void
}
