import { createOrUpdate } from '@azure/arm-containerservice/api/managedClusters'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import { clusterId } from '../../core/arm/resource-id.ts'
import type { ClusterUpdate, StartedOperation } from '../arm.ts'
import { READ_API_VERSION } from '../client/api-versions.ts'
import { type ArmCall, responseOf } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { assertSafeSegments } from '../client/resource-path.ts'
import { parseRetryAfter, requestIdOf } from '../errors/arm-response.ts'
import { readCluster } from '../reads/read-cluster.ts'
import { applyFieldChanges, pointerKeys } from './apply-field-changes.ts'
import { buildPoller, serializePoller } from './poll-operation.ts'

/** One POST of `abort`; its own operation is not followed, because that of the write tells how it ended. */
export async function abortClusterOperation(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<{ requestId: string | null }> {
  assertSafeSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, READ_API_VERSION)
  const url = `${clients.origin}${clusterId(ref)}/abort?api-version=${READ_API_VERSION}`
  const { headers } = await responseOf(call, async () => client.pathUnchecked(url).post())
  return { requestId: requestIdOf(headers) }
}

/**
 * What ARM shows in a managed cluster's body and does not take back, as paths where `*` is any key or
 * any item of a list; letter case does not count. Sources: the `readonly` markers of
 * @azure/arm-containerservice 25.5.0, and what the Azure CLI leaves out of its PUTs in the recordings
 * (cli-rules 4; so the pools' `nodeImageVersion`, which newer models no longer mark).
 */
const READ_ONLY_CLUSTER_PATHS: readonly string[] = [
  '/id',
  '/name',
  '/type',
  '/systemData',
  '/eTag',
  '/identity/principalId',
  '/identity/tenantId',
  '/identity/userAssignedIdentities/*/principalId',
  '/identity/userAssignedIdentities/*/clientId',
  '/properties/provisioningState',
  '/properties/powerState',
  '/properties/maxAgentPools',
  '/properties/currentKubernetesVersion',
  '/properties/fqdn',
  '/properties/privateFQDN',
  '/properties/azurePortalFQDN',
  '/properties/resourceUID',
  '/properties/status',
  '/properties/agentPoolProfiles/*/eTag',
  '/properties/agentPoolProfiles/*/provisioningState',
  '/properties/agentPoolProfiles/*/currentOrchestratorVersion',
  '/properties/agentPoolProfiles/*/nodeImageVersion',
  '/properties/agentPoolProfiles/*/status',
  '/properties/agentPoolProfiles/*/localDNSProfile/state',
  '/properties/networkProfile/loadBalancerProfile/effectiveOutboundIPs',
  '/properties/networkProfile/natGatewayProfile/effectiveOutboundIPs',
  '/properties/addonProfiles/*/identity',
  '/properties/ingressProfile/webAppRouting/identity',
  '/properties/oidcIssuerProfile/issuerURL',
  '/properties/podIdentityProfile/userAssignedIdentities/*/provisioningState',
  '/properties/podIdentityProfile/userAssignedIdentities/*/provisioningInfo',
  '/properties/privateLinkResources/*/privateLinkServiceID',
]

/** The body without its read-only fields; all else stays, in its order. The given body is left as it is. */
function toWritableClusterBody(body: JsonObject): JsonObject {
  const writable = structuredClone(body)
  for (const path of READ_ONLY_CLUSTER_PATHS) deleteAt(writable, pointerKeys(path))
  return writable
}

function deleteAt(value: Json | undefined, keys: string[]): void {
  const [key = '', ...rest] = keys
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    if (key === '*') for (const item of value) deleteAt(item, rest)
    return
  }
  for (const name of Object.keys(value)) {
    if (key !== '*' && name.toLowerCase() !== key.toLowerCase()) continue
    if (rest.length === 0) delete value[name]
    else deleteAt(value[name], rest)
  }
}

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
  const body = toWritableClusterBody(applyFieldChanges(reading.body, update.changes, update.discoveredEgress))
  await update.beforeSend(reading)
  const { headers } = await putCluster(clients, calls.write, update, JSON.stringify(body), reading.facts.etag)
  const { subscriptionId } = ref
  const path = `${clusterId(ref)}?api-version=${apiVersion}`
  return {
    poller: serializePoller(buildPoller(headers, clients.origin, { path, subscriptionId, apiVersion })),
    requestId: requestIdOf(headers),
    retryAfterMs: parseRetryAfter(headers['retry-after'], Date.now()),
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
  return responseOf({ ...call, putBody }, async () => {
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
