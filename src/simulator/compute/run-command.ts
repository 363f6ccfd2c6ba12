import { gatewayError } from '../arm/arm-error.ts'
import type { ArmHandler, ArmRequest } from '../arm/arm-request.ts'
import { clusterRefOf } from '../arm/managed-cluster.ts'
import { type JsonObject, listAt, lowerCaseAt, textAt } from '../lib/json.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { type Instance, requireInstance } from './instances.ts'
import { nodeNetwork } from './node-network.ts'
import { answerProbe } from './probe-answer.ts'

/** The recorded run-command took 58 s. */
const RUN_SECONDS = 58
/** Azure returns only the end of longer outputs. */
const OUTPUT_BYTES = 4_096

/**
 * POST …/runCommand: 202 with both URLs and no body, as recorded (azure-cli, test_vmss_run_command_e2e). A machine runs
 * one run-command at a time; the message of the rejection is from public error reports. Nothing is executed: the packet
 * walker creates the output of a script with the header of a probe, and any other script prints nothing.
 */
export const runCommand: ArmHandler = (world, request) => {
  const instance = requireInstance(world, request)
  assertRunnable(world, request, instance)
  const { cluster, id } = instance
  const operation = world.start(
    {
      dialect: 'compute',
      kind: 'update',
      subscription: clusterRefOf(cluster).subscription,
      location: textAt(cluster, 'location') ?? '',
      resourceId: id,
      durationSeconds: RUN_SECONDS,
      effect: { kind: 'none' },
      output: outputOf(world, request, instance),
    },
    request.faults,
  )
  const base = `${request.origin}/subscriptions/${operation.subscription}/providers/Microsoft.Compute/locations/${operation.location}/operations/${operation.id}`
  return {
    status: 202,
    headers: {
      'azure-asyncoperation': `${base}?api-version=${request.apiVersion}`,
      location: `${base}?monitor=true&api-version=${request.apiVersion}`,
      'x-ms-ratelimit-remaining-subscription-writes': '1198',
    },
  }
}

function assertRunnable(world: World, { body }: ArmRequest, { id, pool }: Instance): void {
  const script = listAt(body, 'script')
  if (textAt(body, 'commandId') !== 'RunShellScript' || script.length === 0)
    throw gatewayError(400, 'InvalidParameter', 'The entity was not found in this Azure location.')
  if (lowerCaseAt(pool, 'osType') === 'windows')
    throw gatewayError(409, 'Conflict', 'The command RunShellScript is not supported on Windows.')
  if (lowerCaseAt(pool, 'powerState', 'code') === 'stopped')
    throw gatewayError(
      409,
      'OperationNotAllowed',
      'Cannot modify extensions in the VM when the VM is not running.',
    )
  if (world.operationOn(id) !== undefined)
    throw gatewayError(
      409,
      'Conflict',
      'Run command extension execution is in progress. Please wait for completion before invoking a run command.',
    )
}

function outputOf(world: World, { body, faults }: ArmRequest, instance: Instance): string {
  const script = listAt(body, 'script').map(String).join('\n')
  const node = nodeNetwork(world, instance)
  const printed = (node === undefined ? undefined : answerProbe(script, node)) ?? ''
  const edits = faults.flatMap((fault) => (fault.kind === 'editOutput' ? [fault] : []))
  const edited = edits.reduce(
    (text, { pattern, replacement }) => text.replace(new RegExp(pattern), replacement),
    printed,
  )
  return `Enable succeeded: \n[stdout]\n${edited.slice(-OUTPUT_BYTES)}\n[stderr]\n`
}

/**
 * GET …/operations/{id}: the output is a part of the state. With `monitor=true`, the response is 202 until the end, and
 * then only the output.
 */
export const getComputeOperation: ArmHandler = (world, { path, query }) => {
  const operation = world.operation(path.names.at(-1) ?? '')
  if (operation === undefined || operation.dialect !== 'compute')
    throw gatewayError(404, 'NotFound', 'The entity was not found.')
  const isRunning = operation.status === 'InProgress'
  if (query.get('monitor') === 'true')
    return isRunning ? { status: 202 } : { status: 200, body: resultOf(operation) }
  const times = {
    startTime: toTime(operation.startMs),
    ...(isRunning ? {} : { endTime: toTime(operation.endMs ?? 0) }),
  }
  const { status, failure, id: name } = operation
  const end: JsonObject =
    status === 'Succeeded'
      ? { properties: { output: resultOf(operation) } }
      : isRunning
        ? {}
        : { error: { ...failure } }
  return { status: 200, body: { ...times, status, ...end, name } }
}

function resultOf({ output }: Operation): JsonObject {
  const status = {
    code: 'ProvisioningState/succeeded',
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
  }
  return { value: [{ ...status, message: output ?? '' }] }
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '1234+00:00')
}
