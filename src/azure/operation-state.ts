import { type Answer, requestIdOf } from './answer.ts'
import type { ArmError, OperationState } from './arm.ts'
import { BodyReader } from './body-reader.ts'
import { faultOfBody, readArmError } from './fault-mapping.ts'
import { type PollerText, pathOn, writePollerText } from './poller-text.ts'
import { retryAfterMs } from './retry-after.ts'

/**
 * What the answer to one poll says. Only the status counts: operations that succeed may carry an `error`
 * on the way and at the end (`NotLatestOperation` in the recordings), which is passed on as it is.
 */
export function operationState(
  poller: PollerText,
  answer: Answer,
  origin: string,
  nowMs: number,
): OperationState {
  const error = armError(answer)
  const requestId = requestIdOf(answer.headers)
  switch (statusOf(poller, answer)) {
    case 'succeeded':
      return { status: 'succeeded', error, requestId }
    case 'failed':
      return { status: 'failed', error: error ?? UNEXPLAINED, requestId }
    case 'canceled':
    case 'cancelled':
      return { status: 'canceled', error, requestId }
    default:
      return {
        status: 'running',
        poller: writePollerText(moved(poller, answer, origin)),
        retryAfterMs: retryAfterMs(answer.headers['retry-after'], nowMs),
      }
  }
}

const UNEXPLAINED: ArmError = {
  code: 'OperationFailed',
  message: 'Azure Resource Manager reports that the operation failed and gives no reason.',
}

function statusOf(poller: PollerText, answer: Answer): string {
  if (answer.status === 202) return 'running'
  if (poller.kind === 'location') return 'succeeded'
  const body = new BodyReader(answer.body)
  const isResource = poller.kind === 'resource'
  const status = isResource ? body.at('properties').text('provisioningState') : body.text('status')
  if (status === null)
    throw faultOfBody('it does not say how the operation stands', requestIdOf(answer.headers))
  return status.toLowerCase()
}

function armError(answer: Answer): ArmError | null {
  const error = readArmError(answer.body?.error)
  if (error === null) return null
  return { code: error.code, message: error.message }
}

/** ARM may name another URL to follow while the operation runs. */
function moved(poller: PollerText, answer: Answer, origin: string): PollerText {
  const header = { operation: 'azure-asyncoperation', location: 'location', resource: '' }[poller.kind]
  const path = pathOn(origin, answer.headers[header])
  return path === null ? poller : { ...poller, path }
}
