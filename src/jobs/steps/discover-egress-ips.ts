import { egressAddressesOf } from '../../core/egress-addresses.ts'
import type { JobEvent } from '../../core/job/events.ts'
import type { JobResult } from '../../core/job/job.ts'
import { leftBehind } from '../../core/left-behind.ts'
import { readOutboundType } from '../../core/outbound-type.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { observedOf } from './observed.ts'
import { succeed } from './outcome.ts'

/** Reads the addresses that the cluster's packets carry now, and what still stands although nothing uses it. */
export async function discoverEgressIps(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  started: JobEvent[],
): Promise<void> {
  const snapshot = await deps.takeSnapshot(job.plan.cluster, [], { mustBeWhole: true })
  const observed = {
    ...observedOf(snapshot.cluster),
    egressIps: addresses(snapshot),
    leftBehind: leftBehind(snapshot),
  }
  await succeed(deps, job, step, observed, started)
}

function addresses(snapshot: Snapshot): JobResult['egressIps'] {
  const type = readOutboundType(snapshot.cluster.outboundType, snapshot.cluster.natGatewayProfile?.sku)
  const found = egressAddressesOf(snapshot, type.kind === 'known' ? type.outboundType : null)
  return found.flatMap(({ address, family, resourceId }) =>
    address === null ? [] : [{ address, family, resourceId }],
  )
}
