import type { ArmRequest } from '../http/arm-request.ts'
import type { Operation } from '../world/operation.ts'

/** Operation URLs never carry the request's own api-version; this is the one recorded in 2025. */
const OPERATION_API_VERSION = '2025-03-01'

/**
 * `azure-asyncoperation`, alone: a cluster PUT has neither `location` nor `retry-after` (recordings README).
 * Real URLs are signed with some 3,000 characters; these are shorter, so that a long request log stays small.
 */
export function asyncOperationHeader(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    'x-ms-ratelimit-remaining-subscription-writes': '199',
    'x-ms-ratelimit-remaining-subscription-global-writes': '2999',
  }
}

/** Both headers, as a DELETE has them (recording 4). */
export function asyncOperationAndLocation(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    'x-ms-ratelimit-remaining-subscription-deletes': '799',
    location: operationUrl(request, operation, 'operationresults'),
  }
}

function operationUrl(request: ArmRequest, operation: Operation, kind: string): string {
  const ticks = `${621_355_968_000_000_000n + BigInt(Math.floor(operation.startMs)) * 10_000n}`
  const signature = `&t=${ticks}&c=MIIHhzCCBm-gAwIBAgITHgTs&s=${operation.id.replaceAll('-', '')}&h=${operation.id.slice(0, 8)}`
  return `${request.origin}/subscriptions/${operation.subscription}/providers/Microsoft.ContainerService/locations/${operation.location}/${kind}/${operation.id}?api-version=${OPERATION_API_VERSION}${signature}`
}
