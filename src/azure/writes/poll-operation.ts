import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { ArmError, OperationState } from '../arm.ts'
import type { ArmRequests } from '../client/arm-requests.ts'
import { BodyReader } from '../client/body-reader.ts'
import { ArmFault, type ArmResponse, parseRetryAfter, requestIdOf } from '../errors/arm-fault.ts'
import { faultOfBody, readArmError } from '../errors/fault-mapping.ts'

/**
 * The data that a poll needs, small enough to store. The serialized poller of the SDK is not used. It contains the host
 * of the endpoint, and adds a GET of the cluster to the last poll. It also throws if an operation failed, and hides the
 * `Retry-After` of ARM.
 */
export interface Poller {
  /**
   * `operation`: the URL of `azure-asyncoperation`, whose body shows the state. `location`: the URL of `location`,
   * whose status code shows it. `resource`: the cluster, whose `provisioningState` shows it.
   */
  kind: 'operation' | 'location' | 'resource'
  /** The unchanged path and query from ARM, without the host, so that stored data cannot name another host. */
  path: string
  subscriptionId: string
  apiVersion: string
}

const VERSION = 1

export function serializePoller(poller: Poller): string {
  return JSON.stringify({ version: VERSION, ...poller })
}

/** Throws an `ArmFault` of kind `unknown` for text that `serializePoller` did not write. */
function parsePoller(text: string): Poller {
  const poller = parseObject(text)
  const { kind, path, subscriptionId, apiVersion } = poller ?? {}
  const isKind = kind === 'operation' || kind === 'location' || kind === 'resource'
  const hasTexts = typeof subscriptionId === 'string' && typeof apiVersion === 'string'
  if (poller?.version === VERSION && isKind && typeof path === 'string' && path.startsWith('/') && hasTexts) {
    return { kind, path, subscriptionId, apiVersion }
  }
  throw new ArmFault({
    kind: 'unknown',
    code: 'UnreadablePoller',
    message: 'The stored operation cannot be read, so it cannot be polled.',
  })
}

/** The place where the operation of an accepted PUT can be polled. A URL on another host is ignored. */
export function buildPoller(
  headers: Record<string, string>,
  origin: string,
  resource: { path: string; subscriptionId: string; apiVersion: string },
): Poller {
  const { subscriptionId, apiVersion } = resource
  const operation = pathOnOrigin(origin, headers['azure-asyncoperation'])
  if (operation !== null) return { kind: 'operation', path: operation, subscriptionId, apiVersion }
  const location = pathOnOrigin(origin, headers.location)
  if (location !== null) return { kind: 'location', path: location, subscriptionId, apiVersion }
  return { kind: 'resource', ...resource }
}

/** The unchanged path and query of the URL, because they are signed; null for another host. */
export function pathOnOrigin(origin: string, url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url, origin)) return null
  if (new URL(url, origin).origin !== origin) return null
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : null
}

function parseObject(text: string): JsonObject | null {
  try {
    const json = JSON.parse(text) as Json
    return isObject(json) ? json : null
  } catch {
    return null
  }
}

/**
 * The result of one poll. Only the status counts: operations that succeed can contain an `error` during and after the
 * operation (`NotLatestOperation` in the recordings), which is returned unchanged.
 */
export function toOperationState(
  poller: Poller,
  answer: ArmResponse,
  origin: string,
  nowMs: number,
): OperationState {
  const error = armError(answer)
  const requestId = requestIdOf(answer.headers)
  switch (statusOf(poller, answer)) {
    case 'Succeeded':
      return { status: 'succeeded', error, requestId, ...runCommandOutput(answer) }
    case 'Failed':
      return { status: 'failed', error: error ?? UNKNOWN_FAILURE, requestId }
    case 'Canceled':
    case 'Cancelled':
      return { status: 'canceled', error, requestId }
    case 'Running':
      return {
        status: 'running',
        poller: serializePoller(nextPoller(poller, answer, origin)),
        retryAfterMs: parseRetryAfter(answer.headers['retry-after'], nowMs),
      }
  }
}

/** A run-command shows its output together with its state (azure-cli, test_vmss_run_command_e2e). */
function runCommandOutput({ body }: ArmResponse): { output?: string } {
  const reader = new BodyReader(body)
  const result = reader.has('properties') ? reader.at('properties').at('output') : reader
  const [first] = result.has('value') ? result.list('value') : []
  const output = first?.string('message') ?? null
  return output === null ? {} : { output }
}

const UNKNOWN_FAILURE: ArmError = {
  code: 'OperationFailed',
  message: 'Azure Resource Manager reports that the operation failed and gives no reason.',
}

/** The final states of an operation. ARM uses many words for an operation in progress. */
const END_STATES = ['Succeeded', 'Failed', 'Canceled', 'Cancelled'] as const

function statusOf(poller: Poller, answer: ArmResponse): (typeof END_STATES)[number] | 'Running' {
  if (answer.status === 202) return 'Running'
  if (poller.kind === 'location') return 'Succeeded'
  const body = new BodyReader(answer.body)
  const [parent, field] =
    poller.kind === 'resource' ? [body.at('properties'), 'provisioningState'] : [body, 'status']
  if (!parent.has(field))
    throw faultOfBody('it does not contain the status of the operation', requestIdOf(answer.headers))
  return parent.oneOf(field, END_STATES, 'Running')
}

function armError(answer: ArmResponse): ArmError | null {
  const error = readArmError(answer.body?.error)
  if (error === null) return null
  return { code: error.code, message: error.message }
}

/** ARM can change the URL to poll while the operation runs. */
function nextPoller(poller: Poller, answer: ArmResponse, origin: string): Poller {
  const header = { operation: 'azure-asyncoperation', location: 'location', resource: '' }[poller.kind]
  const path = pathOnOrigin(origin, answer.headers[header])
  return path === null ? poller : { ...poller, path }
}

/**
 * Reads the state of an operation once, through the pipeline of the client, so that a poll is authenticated and
 * classified like other calls. It does not wait or retry: the caller polls again.
 */
export async function pollOperation(requests: ArmRequests, text: string): Promise<OperationState> {
  const poller = parsePoller(text)
  const answer = await requests.send('get', poller.path)
  return toOperationState(poller, answer, requests.origin, Date.now())
}
