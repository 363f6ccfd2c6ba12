import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import type { ArmRequest } from './arm-request.ts'

/** The version in the operation URLs of AKS, which differs from the version of the request; recorded in 2025. */
const CLUSTER_OPERATION_VERSION = '2025-03-01'
/**
 * The wait that Microsoft.Network requests. The recordings lack the header; go-autorest#58 shows it (inferred for all
 * types).
 */
const NETWORK_RETRY_SECONDS = 10

/**
 * Headers of the response that starts an operation (test/data/recordings). A PUT has only `azure-asyncoperation`.
 * DELETE and POST also have `location`, and so does each poll of that URL.
 */
export function operationHeaders(
  world: World,
  request: ArmRequest,
  operation: Operation,
): Record<string, string> {
  const isNetwork = operation.dialect === 'network'
  const headers: Record<string, string> = {
    ...(isNetwork ? { 'azure-asyncnotification': 'Enabled' } : {}),
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
  }
  if (request.method !== 'PUT')
    headers.location = operationUrl(request, operation, isNetwork ? 'operationResults' : 'operationresults')
  if (request.method === 'GET') return headers
  if (request.method === 'DELETE') headers['x-ms-ratelimit-remaining-subscription-deletes'] = '799'
  else {
    headers['x-ms-ratelimit-remaining-subscription-writes'] = '199'
    headers['x-ms-ratelimit-remaining-subscription-global-writes'] = '2999'
  }
  const retryAfter = world.clock.realSeconds(NETWORK_RETRY_SECONDS)
  // If the clock runs so fast that there is no wait, the header is absent.
  if (isNetwork && retryAfter >= 1) headers['retry-after'] = String(Math.floor(retryAfter))
  return headers
}

/** Real URLs of AKS have a signature of about 3,000 characters. These are shorter, so that a long request log stays small. */
function operationUrl(request: ArmRequest, operation: Operation, kind: string): string {
  const isNetwork = operation.dialect === 'network'
  const startMs = Math.floor(operation.startMs)
  const [provider, version, time] = isNetwork
    ? ['Microsoft.Network', request.apiVersion, startMs]
    : [
        'Microsoft.ContainerService',
        CLUSTER_OPERATION_VERSION,
        621_355_968_000_000_000n + BigInt(startMs) * 10_000n,
      ]
  const signature = `t=${time}&c=MIIHhzCCBm-gAwIBAgITHgTs&s=${operation.id.replaceAll('-', '')}&h=${operation.id.slice(0, 8)}`
  return `${request.origin}/subscriptions/${operation.subscription}/providers/${provider}/locations/${operation.location}/${kind}/${operation.id}?api-version=${version}&${signature}`
}
