import { ArmFault, SENT_TOO_LATE } from '../../azure/errors/arm-fault.ts'
import { isInProgress } from '../../core/arm/words.ts'
import { pollInterval } from '../../core/job/polling.ts'
import { asSentence } from '../../core/lib/text.ts'
import type { FailureKind } from '../../core/probe/parse-output.ts'
import {
  MAX_PROBE_ATTEMPTS,
  MAX_PROBE_MS,
  MAX_RUN_MS,
  type NodeRun,
  nextProbeAction,
  type ProbeEvent,
  type ProbeRun,
  SETTLE_AFTER_MS,
  scriptFor,
} from '../../core/probe/probe-run.ts'
import { type JobsDeps, startSendDeadline } from '../deps.ts'

/** Stores the events and orders the next tick at `nextAt`, or immediately for null. Returns the probe after them. */
export type RecordProbe = (events: ProbeEvent[], nextAt: Date | null) => Promise<ProbeRun>

type ProbeDeps = Pick<JobsDeps, 'arm' | 'now' | 'uptime' | 'wall' | 'jumpedSince' | 'waitScale' | 'logger'>

interface Context {
  deps: ProbeDeps
  run: ProbeRun
  index: number
  node: NodeRun & { instanceId: string }
  record: RecordProbe
}

const COMPUTE_API_VERSION = '2024-07-01'
/** A run-command of another client, or an operation of the machine, takes about a minute. */
const BUSY_WAIT_MS = 15_000
/** The wait after a response that does not show the outcome. */
const RETRY_WAIT_MS = 10_000

/**
 * Performs the next action of a probe, with at most one run-command sent. The intent is stored before the run-command
 * is sent. A run-command without a stored response is repeated only after the machine shows that no run-command is in
 * progress. Resolves with true if the probe has ended.
 */
export async function advanceProbe(
  service: ProbeDeps,
  run: ProbeRun,
  recordRun: RecordProbe,
): Promise<boolean> {
  // The times of a probe count from its start, regardless of changes of the clock since then.
  const shiftMs = service.jumpedSince?.(run.startedAt) ?? 0
  const shifted = (time: Date, ms: number) => new Date(time.getTime() + ms)
  const deps = {
    wall: () => service.now().getTime(),
    ...service,
    now: () => shifted(service.now(), -shiftMs),
  }
  const record: RecordProbe = (events, nextAt) =>
    recordRun(events, nextAt === null ? null : shifted(nextAt, shiftMs))
  const action = nextProbeAction(run, deps.now())
  if (action.kind === 'end') return true
  if (action.kind === 'wait') {
    await record([], new Date(action.until))
    return false
  }
  const node = run.nodes[action.node]
  if (node === undefined || node.instanceId === null) throw new Error('a probe has no such node')
  const context = { deps, run, index: action.node, node: { ...node, instanceId: node.instanceId }, record }
  await ACTIONS[action.kind](context)
  return false
}

const ACTIONS = { send, poll, settle }

/** The node accepts no run-command now; nothing was sent. */
class NodeNotReady extends Error {}

async function send(context: Context): Promise<void> {
  const { deps, run, index, node } = context
  if (isOverdue(context)) return fail(context, 'The machine accepted no run-command within the time limit.')
  let isIntended = false
  let maySend = () => false
  const intended = { type: 'intended' as const, node: index, at: deps.now().toISOString() }
  const attempts = node.attempts + 1
  const nodes = run.nodes.map((other, i) => (i === index ? { ...other, attempts } : other))
  try {
    const operation = await deps.arm.startResourceAction({
      id: node.instanceId,
      apiVersion: COMPUTE_API_VERSION,
      action: 'runCommand',
      body: { commandId: 'RunShellScript', script: scriptFor({ ...run, nodes }, index).split('\n') },
      async beforeSend(reading) {
        if (reading === null) throw gone()
        if (isInProgress(provisioningState(reading.body))) throw new NodeNotReady()
        maySend = startSendDeadline(deps)
        // The intent also orders the tick that checks the outcome if this worker stops here.
        await context.record([intended], new Date(Date.parse(intended.at) + SETTLE_AFTER_MS))
        isIntended = true
      },
      maySend: () => maySend(),
    })
    const at = deps.now()
    const notBefore = after(deps, pollInterval(0, operation.retryAfterMs))
    const accepted = {
      type: 'accepted' as const,
      node: index,
      at: at.toISOString(),
      poller: operation.poller,
    }
    await context.record([{ ...accepted, notBefore: notBefore.toISOString() }], null)
  } catch (error) {
    if (error instanceof NodeNotReady) return delay(context, after(deps, BUSY_WAIT_MS))
    if (!(error instanceof ArmFault)) throw error
    await recordRejection(context, error, isIntended)
  }
}

/** A missing response proves nothing: the outcome stays open until the machine is read. */
async function recordRejection(context: Context, error: ArmFault, isIntended: boolean): Promise<void> {
  const { deps, index } = context
  if (isUncertain(error)) {
    // The other nodes must not wait for the next tick of the probe.
    if (isIntended) await context.record([], null)
    else await delay(context, after(deps, error.retryAfterMs ?? RETRY_WAIT_MS))
    return
  }
  const isBusy = error.kind === 'conflict' && error.code === 'Conflict'
  if (error.code !== SENT_TOO_LATE && error.kind !== 'throttled' && !isBusy)
    return fail(context, describe(error), rejection(error))
  const notBefore = after(deps, error.retryAfterMs ?? BUSY_WAIT_MS).toISOString()
  if (isIntended) await context.record([{ type: 'released', node: index, notBefore }], null)
  else await delay(context, new Date(notBefore))
}

/** Whether a request may have taken effect, or may succeed when it is repeated. */
function isUncertain({ kind, code }: ArmFault): boolean {
  return code !== SENT_TOO_LATE && (kind === 'transient' || kind === 'unknown' || kind === 'unauthenticated')
}

async function poll(context: Context): Promise<void> {
  const { deps, index, node } = context
  if (node.phase !== 'accepted') throw new Error('no run-command to poll')
  const elapsedMs = deps.now().getTime() - Date.parse(node.at)
  const isTooLate = elapsedMs > MAX_RUN_MS
  try {
    // Asked at least once, also after a time in which no worker ran.
    const state = await deps.arm.pollOperation(node.poller)
    switch (state.status) {
      case 'running': {
        if (isTooLate) return fail(context, 'The run-command did not end within the time limit.', UNANSWERED)
        const notBefore = after(deps, pollInterval(elapsedMs, state.retryAfterMs)).toISOString()
        await context.record([{ type: 'delayed', node: index, notBefore, poller: state.poller }], null)
        return
      }
      case 'succeeded':
        await context.record([{ type: 'answered', node: index, message: state.output ?? '' }], null)
        return
      default:
        return fail(
          context,
          `Azure ended the run-command: ${state.error?.code ?? 'Canceled'}: ${state.error?.message ?? ''}`,
          UNANSWERED,
        )
    }
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error
    if (error.kind === 'not-found') await context.record([{ type: 'lost', node: index }], null)
    else if (error.kind === 'denied') await fail(context, describe(error), rejection(error))
    else if (isTooLate) await fail(context, describe(error))
    else await delay(context, after(deps, error.retryAfterMs ?? RETRY_WAIT_MS))
  }
}

/**
 * Handles a run-command with an unknown response. A run-command is an operation of the machine, so a machine without an
 * operation in progress runs no run-command (inferred from the 409 response to a second run-command).
 */
async function settle(context: Context): Promise<void> {
  const { deps, index, node } = context
  try {
    const { body } = await deps.arm.getResource(node.instanceId, COMPUTE_API_VERSION)
    if (isOverdue(context)) return fail(context, 'The outcome of the run-command is unknown.', UNANSWERED)
    if (isInProgress(provisioningState(body))) return delay(context, after(deps, BUSY_WAIT_MS))
    if (node.attempts >= MAX_PROBE_ATTEMPTS)
      return fail(context, `Azure confirmed none of ${MAX_PROBE_ATTEMPTS} run-commands.`, UNANSWERED)
    await context.record([{ type: 'released', node: index, notBefore: null }], null)
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error
    if (error.kind === 'not-found') return fail(context, describe(gone()))
    if (error.kind === 'denied') return fail(context, describe(error), rejection(error))
    if (isOverdue(context)) return fail(context, describe(error))
    await delay(context, after(deps, error.retryAfterMs ?? RETRY_WAIT_MS))
  }
}

function isOverdue({ deps, run }: Context): boolean {
  return deps.now().getTime() - Date.parse(run.startedAt) > MAX_PROBE_MS
}

function gone(): ArmFault {
  return new ArmFault({
    kind: 'not-found',
    code: 'ResourceNotFound',
    message: 'The instance no longer exists.',
  })
}

function describe({ code, message }: ArmFault): string {
  return `${code}: ${message}`
}

function provisioningState(body: { properties?: unknown }): string | null {
  const { properties } = body
  const state = typeof properties === 'object' && properties !== null && 'provisioningState' in properties
  return state && typeof properties.provisioningState === 'string' ? properties.provisioningState : null
}

function after({ now, waitScale }: ProbeDeps, ms: number): Date {
  return new Date(now().getTime() + ms / waitScale)
}

async function delay({ record, index }: Context, notBefore: Date): Promise<void> {
  await record([{ type: 'delayed', node: index, notBefore: notBefore.toISOString() }], null)
}

/** A run-command may have run, but the node returned no result. */
const UNANSWERED = { isUnanswered: true }

/** A further request would be rejected too, unless the instance is gone and another replaces it. */
function rejection({ kind }: ArmFault): Partial<FailureKind> {
  return kind === 'not-found' ? {} : { isRejected: true }
}

async function fail(
  { deps, record, index, node }: Context,
  reason: string,
  failure: Partial<FailureKind> = {},
): Promise<void> {
  deps.logger.warn({ instance: node.instanceId, reason }, 'node not probed')
  await record([{ type: 'failed', node: index, reason: asSentence(reason), ...failure }], null)
}
