import type { ClusterReading, StartedOperation } from '../../azure/arm.ts'
import { ArmFault } from '../../azure/arm-fault.ts'
import { asCidr } from '../../core/cidr.ts'
import type { FieldChange } from '../../core/cluster-write.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts } from '../load-job.ts'
import { record } from '../record.ts'
import { fail, faulted, startEvent } from './outcome.ts'
import { recordAnswer } from './record-answer.ts'
import { NotSent, type Reason, refuseSending } from './refuse-sending.ts'
import { settleTime } from './settle-time.ts'

/** A write that was lost again and again is no accident. */
const MOST_LOST_WRITES = 5

/**
 * Sends the step's one PUT. The intent is committed between the fresh GET and the PUT, so that after a crash
 * anywhere the log says that the cluster may have been written; the tick that then settles it is ordered with
 * the intent. Two workers cannot both get past that commit: the second is fenced and sends nothing.
 */
export async function writeCluster(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  isNew: boolean,
): Promise<void> {
  if (step.does.kind !== 'updateCluster') throw new Error('not a step that writes')
  const started: JobEvent[] = isNew ? [startEvent(deps, step)] : []
  const changes = resolved(step.does.changes, discovered(job))
  if (changes === null) {
    const detail = 'No egress address was found to authorize.'
    return fail(deps, job, step, 'TARGET_NOT_REACHED', { detail }, started)
  }
  if ((job.state.steps[step.key]?.lostWrites ?? 0) >= MOST_LOST_WRITES) {
    const detail = `${MOST_LOST_WRITES} writes were lost.`
    return fail(deps, job, step, 'ARM_UNAVAILABLE', { detail }, started)
  }
  await send(deps, job, step, { apiVersion: step.does.apiVersion, changes, started })
}

async function send(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  given: { apiVersion: string; changes: FieldChange[]; started: JobEvent[] },
): Promise<void> {
  const { apiVersion, changes, started } = given
  const log: { intended: LoadedJob | null } = { intended: null }
  const beforeSend = async (reading: ClusterReading) => {
    refuseSending(job, step, reading, changes)
    const at = deps.now().toISOString()
    const intent: JobEvent = { type: 'writeIntended', at, step: step.key, etag: reading.facts.etag, changes }
    log.intended = await record(deps, job, [...started, intent], settleTime(at))
  }
  const update = { ref: job.plan.cluster, apiVersion, changes, discoveredEgress: [], beforeSend }
  let operation: StartedOperation
  try {
    operation = await deps.arm.startClusterUpdate(update)
  } catch (error) {
    return notAccepted(deps, job, log.intended, step, error, started)
  }
  if (log.intended === null) throw new Error('a write was sent without its intent')
  await recordAnswer(deps, log.intended, (now) => accepted(deps, now, step, operation))
}

async function accepted(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  { poller, requestId, retryAfterMs }: StartedOperation,
): Promise<void> {
  const now = deps.now()
  const pollAt = new Date(now.getTime() + pollInterval(0, retryAfterMs))
  const event: JobEvent = {
    type: 'writeAccepted',
    at: now.toISOString(),
    step: step.key,
    poller,
    requestId,
    pollAt: pollAt.toISOString(),
  }
  await record(deps, job, [event], pollAt)
  deps.logger.info({ ...logFacts(job, step), requestId }, 'Azure took the write')
}

async function notAccepted(
  deps: JobsDeps,
  job: LoadedJob,
  intended: LoadedJob | null,
  step: Step,
  error: unknown,
  started: JobEvent[],
): Promise<void> {
  if (error instanceof NotSent) return notSent(deps, job, step, error.why, started)
  if (intended === null) return faulted(deps, job, step, error, started)
  // Silence proves nothing: the write stays intended, and reading settles it.
  const isSilence = error instanceof ArmFault && (error.kind === 'transient' || error.kind === 'unknown')
  await recordAnswer(deps, intended, (now) =>
    faulted(deps, now, step, error, [], isSilence ? 'faulted' : 'writeRefused'),
  )
}

async function notSent(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  why: Reason,
  started: JobEvent[],
): Promise<void> {
  switch (why.kind) {
    case 'stale':
      return fail(deps, job, step, 'PLAN_STALE', { detail: why.detail }, started)
    case 'busy': {
      const message = `The cluster is ${why.state}; another operation is under way.`
      const busy = new ArmFault({ kind: 'conflict', code: 'OperationNotAllowed', message })
      return faulted(deps, job, step, busy, started)
    }
    case 'nothingToChange': {
      const because = 'the cluster shows it already.'
      const at = deps.now().toISOString()
      await record(deps, job, [...started, { type: 'stepSkipped', at, step: step.key, because }])
      return
    }
    default:
      why satisfies never
  }
}

/** Changes with the discovered addresses put in; null when a step needs them and there are none. */
function resolved(changes: FieldChange[], discoveredCidrs: string[]): FieldChange[] | null {
  const needsDiscovered = changes.some((change) => change.op === 'unionDiscoveredEgress')
  if (needsDiscovered && discoveredCidrs.length === 0) return null
  return changes.map((change) =>
    change.op === 'unionDiscoveredEgress'
      ? { op: 'unionCidrs', path: change.path, cidrs: discoveredCidrs }
      : change,
  )
}

function discovered({ state }: LoadedJob): string[] {
  return (state.observed.egressIps ?? []).map((each) => asCidr(each.address))
}
