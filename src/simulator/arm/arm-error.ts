import type { Json, JsonObject } from '../lib/json.ts'

/** A request with an error response. Handlers throw it, and the server writes the response. */
export class ArmError extends Error {
  readonly status: number
  readonly body: JsonObject
  readonly headers: Record<string, string>

  constructor(status: number, body: JsonObject, headers: Record<string, string>) {
    super(`${status} ${JSON.stringify(body).slice(0, 200)}`)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** An error of the Resource Manager front door: wrapped in `error`, with `x-ms-failure-cause: gateway`. Recorded for 404. */
export function gatewayError(status: number, code: string, message: string): ArmError {
  return new ArmError(
    status,
    { error: { code, message } },
    { 'content-type': 'application/json; charset=utf-8', 'x-ms-failure-cause': 'gateway' },
  )
}

/**
 * An error of the AKS service itself: not wrapped, `{ code, details, message, subcode, target }` in this order
 * (errors-from-public-issues.json).
 */
export function aksError(
  status: number,
  code: string,
  message: string,
  target = '',
  details: Json = null,
): ArmError {
  return new ArmError(
    status,
    { code, details, message, subcode: '', target },
    { 'content-type': 'application/json' },
  )
}

/** An error of Microsoft.Network: wrapped, with an empty `details` list (inferred from public error reports). */
export function networkError(status: number, code: string, message: string): ArmError {
  return new ArmError(
    status,
    { error: { code, message, details: [] } },
    { 'content-type': 'application/json; charset=utf-8' },
  )
}

/** The gateway's 404 for a missing resource, in the recorded words. */
export function resourceNotFound(type: string, name: string, resourceGroup: string): ArmError {
  return gatewayError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  )
}
