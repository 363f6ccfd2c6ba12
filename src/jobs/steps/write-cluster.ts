import { isDeepStrictEqual } from 'node:util'
import { applyFieldChanges } from '../../azure/apply-field-changes.ts'
import type { ClusterReading, StartedOperation } from '../../azure/arm.ts'
import { ArmFault } from '../../azure/arm-fault.ts'
import { compareClusterBasis } from '../../core/basis.ts'
import { asCidr } from '../../core/cidr.ts'
import type { FieldChange } from '../../core/cluster-write.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { record } from '../record.ts'
import { inWords } from './check-freshness.ts'
import { fail, faulted } from './outcome.ts'

/** Thrown out of `beforeSend`: the PUT is not to be sent, and why. */
class NotSent extends Error {
  readonly why:
    | { kind: 'stale'; detail: string }
    | { kind: 'nothingToChange' }
    | { kind: 'busy'; state: string }

  constructor(why: NotSent['why']) {
    super(why.kind)
    this.why = why
  }
}

/** A write that was lost again and again is no accident. */
const MOST_LOST_WRITES = 5

/**
 * Sends the step's one PUT. The intent is committed between the fresh GET and the PUT, so that after a crash
 * anywhere the log says that the cluster may have been written. Two workers cannot both get past that
 * commit: the second is fenced and sends nothing.
 */
export async function writeCluster(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  isNew: boolean,
): Promise<void> {
  if (step.does.kind !== 'updateCluster') throw new Error('not a step that writes')
  const started: JobEvent[] = isNew
    ? [{ type: 'stepStarted', at: deps.now().toISOString(), step: step.key }]
    : []
  if ((job.state.steps[step.key]?.lostWrites ?? 0) >= MOST_LOST_WRITES)
    return fail(
      deps,
      job,
      step,
      'ARM_UNAVAILABLE',
      { detail: `${MOST_LOST_WRITES} writes were lost.` },
      started,
    )
  const changes = resolved(step.does.changes, discovered(job))
  if (changes === null)
    return fail(
      deps,
      job,
      step,
      'TARGET_NOT_REACHED',
      { detail: 'No egress address was found to authorize.' },
      started,
    )
  let intended: LoadedJob | null = null
  const beforeSend = async (reading: ClusterReading) => {
    refuseSending(job, step, reading, changes)
    const at = deps.now().toISOString()
    const intent: JobEvent = { type: 'writeIntended', at, step: step.key, etag: reading.facts.etag, changes }
    intended = await record(deps, job, [...started, intent], settleTime(deps))
  }
  const { apiVersion } = step.does
  try {
    const update = { ref: job.plan.cluster, apiVersion, changes, discoveredEgress: [], beforeSend }
    await accepted(deps, () => intended, step, await deps.arm.startClusterUpdate(update))
  } catch (error) {
    await notAccepted(deps, job, intended, step, error, started)
  }
}

/** The tick that settles is ordered with the intent; it comes only if this process dies or ARM stays silent. */
const SETTLE_AFTER_MS = 90_000

function settleTime(deps: JobsDeps): Date {
  return new Date(deps.now().getTime() + SETTLE_AFTER_MS)
}

/** What the fresh GET says against sending. Before the switch everything must be as planned; after it only the type. */
function refuseSending(job: LoadedJob, step: Step, reading: ClusterReading, changes: FieldChange[]): void {
  const { facts, body } = reading
  if (facts.provisioningState !== 'Succeeded')
    throw new NotSent({ kind: 'busy', state: facts.provisioningState })
  const isBeforeSwitch = job.state.steps['change-outbound-type']?.status !== 'Succeeded'
  const differences = isBeforeSwitch ? compareClusterBasis(job.plan, facts, job.state.applied) : []
  if (differences.length > 0) throw new NotSent({ kind: 'stale', detail: inWords(differences) })
  if (isDeepStrictEqual(applyFieldChanges(body, changes, []), body))
    throw new NotSent({ kind: 'nothingToChange' })
  if (!isBeforeSwitch && facts.outboundType?.toLowerCase() !== job.plan.to.outboundType.toLowerCase())
    throw new NotSent({
      kind: 'stale',
      detail: `The outbound type is ${facts.outboundType} again; ${step.title} is not done.`,
    })
}

async function accepted(
  deps: JobsDeps,
  intended: () => LoadedJob | null,
  step: Step,
  operation: StartedOperation,
): Promise<void> {
  const job = intended()
  if (job === null) throw new Error('a write was sent without its intent')
  const now = deps.now()
  const pollAt = new Date(now.getTime() + pollInterval(0, operation.retryAfterMs))
  const { poller, requestId } = operation
  const event: JobEvent = {
    type: 'writeAccepted',
    at: now.toISOString(),
    step: step.key,
    poller,
    requestId,
    pollAt: pollAt.toISOString(),
  }
  await record(deps, job, [event], pollAt)
  deps.logger.info(
    { jobId: job.row.id, cluster: job.plan.cluster.id, step: step.key, requestId },
    'Azure took the write',
  )
}

async function notAccepted(
  deps: JobsDeps,
  job: LoadedJob,
  intended: LoadedJob | null,
  step: Step,
  error: unknown,
  started: JobEvent[],
): Promise<void> {
  if (error instanceof NotSent) return notSent(deps, job, step, error, started)
  if (intended === null) return faulted(deps, job, step, error, started)
  // Silence proves nothing: the write stays intended, and reading settles it.
  const isSilence = error instanceof ArmFault && (error.kind === 'transient' || error.kind === 'unknown')
  return faulted(deps, intended, step, error, [], isSilence ? 'faulted' : 'writeRefused')
}

async function notSent(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  { why }: NotSent,
  started: JobEvent[],
): Promise<void> {
  switch (why.kind) {
    case 'stale':
      return fail(deps, job, step, 'PLAN_STALE', { detail: why.detail }, started)
    case 'busy': {
      const message = `The cluster is ${why.state}; another operation is under way.`
      return faulted(
        deps,
        job,
        step,
        new ArmFault({ kind: 'conflict', code: 'OperationNotAllowed', message }),
        started,
      )
    }
    case 'nothingToChange': {
      const because = 'the cluster shows it already.'
      await record(deps, job, [
        ...started,
        { type: 'stepSkipped', at: deps.now().toISOString(), step: step.key, because },
      ])
    }
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
