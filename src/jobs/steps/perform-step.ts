import type { JobResult } from '../../contract/job.ts'
import type { Step } from '../../contract/steps.ts'
import { orphanedResources } from '../../core/cleanup/detachments.ts'
import { egressAddressesOf } from '../../core/egress/addresses.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { declaredEgress } from '../../core/snapshot/network-profile.ts'
import type { Snapshot } from '../../core/snapshot/snapshot.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, recordEvents } from '../event-log.ts'
import { checkFreshness } from './check-freshness.ts'
import { handleArmError, stepStartedEvent, succeedStep } from './outcome.ts'
import { toObserved, verifyCluster } from './read-back.ts'

/** Reads the addresses that the cluster's packets carry now, and what still stands although nothing uses it. */
async function discoverEgressIps(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  started: JobEvent[],
): Promise<void> {
  const snapshot = await deps.takeSnapshot(job.plan.cluster, [], { requireComplete: true })
  const observed = {
    ...toObserved(snapshot.cluster),
    egressIps: toEgressIps(snapshot),
    leftBehind: orphanedResources(snapshot),
  }
  await succeedStep(deps, job, step, observed, started)
}

function toEgressIps(snapshot: Snapshot): JobResult['egressIps'] {
  const found = egressAddressesOf(snapshot, declaredEgress(snapshot.cluster).outboundType)
  return found.flatMap(({ address, family, resourceId }) =>
    address === null ? [] : [{ address, family, resourceId }],
  )
}

/** Lets time pass without holding anything: the end of the wait is a tick of its own. */
async function performWait(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  seconds: number,
  started: JobEvent[],
): Promise<void> {
  const now = deps.now()
  const since = job.state.steps[step.key]?.startedAt ?? now.toISOString()
  const until = new Date(new Date(since).getTime() + (seconds * 1_000) / deps.waitScale)
  if (until <= now) return succeedStep(deps, job, step, null, started)
  await recordEvents(deps, job, started, until)
}

/** Does a step that writes nothing. Its start is recorded together with its end or its first fault. */
export async function performStep(deps: JobsDeps, job: LoadedJob, step: Step, isNew: boolean): Promise<void> {
  const started: JobEvent[] = isNew ? [stepStartedEvent(deps, step)] : []
  try {
    switch (step.does.kind) {
      case 'checkFreshness':
        return await checkFreshness(deps, job, step, started)
      case 'wait':
        return await performWait(deps, job, step, step.does.seconds, started)
      case 'readBack':
        return await verifyCluster(deps, job, step, started)
      case 'discoverEgressIps':
        return await discoverEgressIps(deps, job, step, started)
      case 'updateCluster':
      case 'putResource':
      case 'deleteResource':
      case 'upgradeNodeImage':
        throw new Error('a step that writes is not performed here')
    }
  } catch (error) {
    await handleArmError(deps, job, step, error, started)
  }
}
