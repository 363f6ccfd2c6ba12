import type { JobResult } from '../../contract/job.ts'
import { orphanedResources } from '../../core/cleanup/detachments.ts'
import { egressAddressesOf } from '../../core/egress/paths.ts'
import { factsAfterChange } from '../../core/inventory/inventory-facts.ts'
import type { Snapshot } from '../../core/snapshot/snapshot.ts'
import { saveJobReading } from '../../database/stores/job-readings.ts'
import { elapsedMs } from '../deps.ts'
import { checkFreshness } from './check-freshness.ts'
import { clusterTarget, toObserved } from './cluster-target.ts'
import { readBack } from './follow-write.ts'
import { succeedStep } from './outcome.ts'
import { probeNodes } from './probe-nodes.ts'
import { recordStep, type StepContext, stepState } from './step-context.ts'

/** Performs a step that writes nothing. Its start is recorded together with its end or its first error. */
export async function performStep(context: StepContext): Promise<void> {
  const { does } = context.step
  switch (does.kind) {
    case 'checkFreshness':
      return checkFreshness(context)
    case 'wait':
      return performWait(context, does.seconds)
    case 'readBack':
      return readBack(context, clusterTarget(context))
    case 'discoverEgressIps':
      return discoverEgressIps(context)
    case 'probeNodes':
      return probeNodes(context, does)
    case 'updateCluster':
    case 'putResource':
    case 'deleteResource':
    case 'upgradeNodeImage':
      throw new Error('steps that write are not performed here')
  }
}

/** Reads the addresses that the egress of the cluster now uses, and the resources that are no longer used. */
async function discoverEgressIps(context: StepContext): Promise<void> {
  const { deps, job } = context
  const { plan, row } = job
  const snapshot = await deps.takeSnapshot(plan.cluster, [], { requireComplete: true })
  const observed = {
    ...toObserved(snapshot.cluster),
    egressIps: toEgressIps(snapshot),
    leftBehind: orphanedResources(snapshot),
  }
  const facts = factsAfterChange(
    snapshot,
    plan.steps.some(({ key }) => key === 'authorize-discovered-ips'),
  )
  // Otherwise the inventory would show the former type until its next refresh.
  await succeedStep(context, observed, [], (trx) => saveJobReading(trx, row.cluster_key, facts, deps.now()))
}

function toEgressIps(snapshot: Snapshot): JobResult['egressIps'] {
  const addresses = egressAddressesOf(snapshot)
  return addresses.flatMap(({ address, family, resourceId }) =>
    address === null ? [] : [{ address, family, resourceId }],
  )
}

/** Waits without occupying a worker: another tick ends the wait. */
async function performWait(context: StepContext, seconds: number): Promise<void> {
  const { deps } = context
  const now = deps.now()
  const since = stepState(context)?.startedAt ?? now.toISOString()
  const remainingMs = (seconds * 1_000) / deps.waitScale - elapsedMs(deps, since)
  if (remainingMs <= 0) return succeedStep(context, null)
  await recordStep(context, [], new Date(now.getTime() + remainingMs))
}
