import type { ArmRequest } from '../http/arm-request.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'

/** Simulated seconds: recorded operations had ended at the first poll after 1 to 10 s. */
const SECONDS = 2

/** Starts an operation of Microsoft.Network on a resource. */
export function startNetworkOperation(
  world: World,
  request: ArmRequest,
  what: { kind: Operation['kind']; resourceId: string; location: string },
): Operation {
  return world.start(
    {
      dialect: 'network',
      kind: what.kind,
      subscription: request.path.subscription ?? '',
      location: what.location,
      resourceId: what.resourceId,
      durationSeconds: SECONDS,
      effect: { kind: 'settle-network-resource' },
    },
    request.faults,
  )
}

/** Headers of a PUT: the operation URL has the api-version of the request, unlike those of AKS (recordings README). */
export function networkWriteHeaders(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'azure-asyncnotification': 'Enabled',
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    'x-ms-ratelimit-remaining-subscription-global-writes': '2999',
    'x-ms-ratelimit-remaining-subscription-writes': '199',
  }
}

/** Headers of a DELETE: also `location`, with a capital R in operationResults (recordings README). */
export function networkDeleteHeaders(request: ArmRequest, operation: Operation): Record<string, string> {
  return {
    'azure-asyncnotification': 'Enabled',
    'azure-asyncoperation': operationUrl(request, operation, 'operations'),
    location: operationUrl(request, operation, 'operationResults'),
    'x-ms-ratelimit-remaining-subscription-deletes': '799',
  }
}

function operationUrl(request: ArmRequest, operation: Operation, kind: string): string {
  return `${request.origin}/subscriptions/${operation.subscription}/providers/Microsoft.Network/locations/${operation.location}/${kind}/${operation.id}?api-version=${request.apiVersion}&t=${Math.floor(operation.startMs)}&c=MIIHhzCCBm&s=${operation.id.replaceAll('-', '')}&h=${operation.id.slice(0, 8)}`
}
