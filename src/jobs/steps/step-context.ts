import type { Step } from '../../contract/steps.ts'
import type { JobEvent } from '../../core/job/events.ts'
import type { StepState } from '../../core/job/job-state.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, type RecordOptions, recordEvents } from '../event-log.ts'

/** One tick's action on one step of a job. */
export interface StepContext {
  deps: JobsDeps
  /** The job as loaded for this tick, or as this tick last recorded it. */
  job: LoadedJob
  step: Step
  /** Events of this tick that are not stored yet, such as the start of the step. They are stored with its outcome. */
  unrecorded: readonly JobEvent[]
}

type StepEvent = Extract<JobEvent, { step: unknown }>
/** An event of a step without its time and step. */
export type StepFacts = StepEvent extends infer E
  ? E extends StepEvent
    ? Omit<E, 'at' | 'step'>
    : never
  : never

/** `isNew`: the step starts with this tick. */
export function stepContext(
  deps: JobsDeps,
  job: LoadedJob,
  { step, isNew = false }: { step: Step; isNew?: boolean },
): StepContext {
  const context = { deps, job, step, unrecorded: [] }
  return isNew ? { ...context, unrecorded: [stepEvent(context, { type: 'stepStarted' })] } : context
}

export function stepState({ job, step }: StepContext): StepState | undefined {
  return job.state.steps[step.key]
}

export function stepEvent({ deps, step }: StepContext, facts: StepFacts): JobEvent {
  return { at: deps.now().toISOString(), step: step.key, ...facts }
}

/**
 * Records events of the step in one transaction, after the pending events, and schedules the next tick at `nextAt`;
 * null means now. `hook` runs in the same transaction. Returns the context to continue with. Rejects with
 * `StaleRevisionError` if another worker has recorded an event since.
 */
export async function recordStep(
  context: StepContext,
  facts: StepFacts[],
  nextAt: Date | null = null,
  hook?: RecordOptions['hook'],
): Promise<StepContext> {
  const { deps, job, unrecorded } = context
  const events = [...unrecorded, ...facts.map((event) => stepEvent(context, event))]
  return {
    ...context,
    job: await recordEvents(deps, job, events, { nextAt, ...(hook === undefined ? {} : { hook }) }),
    unrecorded: [],
  }
}
