import { createOrUpdate } from '@azure/arm-containerservice/api/managedClusters'
import { clusterId } from '../core/resource-id.ts'
import { requestIdOf } from './answer.ts'
import { applyFieldChanges } from './apply-field-changes.ts'
import type { ClusterUpdate, StartedOperation } from './arm.ts'
import { type ArmCall, answerOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { pollerFor, writePollerText } from './poller-text.ts'
import { readCluster } from './read-cluster.ts'
import { retryAfterMs } from './retry-after.ts'
import { writableBody } from './writable-body.ts'

/**
 * Reads the cluster afresh and PUTs it back with the planned changes. `beforeSend` comes between the two;
 * what it rejects with passes through as it is, and then nothing is sent.
 */
export async function startClusterUpdate(
  clients: ArmClients,
  calls: { read: ArmCall; write: ArmCall },
  update: ClusterUpdate,
): Promise<StartedOperation> {
  const { ref, apiVersion } = update
  const reading = await readCluster(clients, calls.read, ref, apiVersion)
  const body = writableBody(applyFieldChanges(reading.body, update.changes, update.discoveredEgress))
  await update.beforeSend(reading)
  const { headers } = await putCluster(clients, calls.write, update, JSON.stringify(body), reading.facts.etag)
  const { subscriptionId } = ref
  const path = `${clusterId(ref)}?api-version=${apiVersion}`
  return {
    poller: writePollerText(pollerFor(headers, clients.origin, { path, subscriptionId, apiVersion })),
    requestId: requestIdOf(headers),
    retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()),
  }
}

/** The model given to the SDK is never sent: `putBody` takes its place in the pipeline. */
function putCluster(
  clients: ArmClients,
  call: ArmCall,
  update: ClusterUpdate,
  putBody: string,
  etag: string | null,
) {
  const { ref, apiVersion } = update
  const client = clients.containerService(ref.subscriptionId, apiVersion)
  return answerOf({ ...call, putBody }, async () => {
    // A poller is a thenable that polls to the end when awaited, so it must not leave this function.
    const poller = createOrUpdate(
      client,
      ref.resourceGroup,
      ref.name,
      { location: '' },
      { ifMatch: etag ?? undefined },
    )
    await poller.submitted()
  })
}
