import type { NodeProbe } from '../../contract/probe.ts'
import type { ChosenInstance } from './choose-instances.ts'
import { type FailureKind, type ParsedOutput, parseOutput } from './parse-output.ts'
import type { ProbeTargets } from './probe-targets.ts'
import { measuresBothFamilies, probeScript } from './script.ts'

/**
 * The state of the run-command of one node. `intended`: it may have been sent. `accepted`: Azure has accepted it and
 * named the operation to poll.
 */
export type NodePhase =
  | { phase: 'waiting' }
  | { phase: 'intended'; at: string }
  | { phase: 'accepted'; at: string; poller: string }
  | { phase: 'ended'; output: ParsedOutput }

export type NodeRun = ChosenInstance &
  NodePhase & {
    /** The number of intended run-commands. */
    attempts: number
    /** No request is sent before this time (RFC 3339); null for no limit. */
    notBefore: string | null
  }

/** One probe of a cluster, as plain data: the state between two ticks. */
export interface ProbeRun extends ProbeTargets {
  /** The first part of each token. */
  id: string
  startedAt: string
  nodes: NodeRun[]
}

/** An event of the run-command of one node. */
export type ProbeEvent =
  | { type: 'intended'; node: number; at: string }
  | { type: 'accepted'; node: number; at: string; poller: string; notBefore: string | null }
  /** No request was sent, or the result is not known yet: the next request is at `notBefore`. */
  | { type: 'delayed'; node: number; notBefore: string; poller?: string }
  /** Azure no longer knows the operation, so its outcome is unknown. */
  | { type: 'lost'; node: number }
  /** No run-command of an earlier intent is in progress, so a new one may be intended. */
  | { type: 'released'; node: number; notBefore: string | null }
  | { type: 'answered'; node: number; message: string }
  | ({ type: 'failed'; node: number; reason: string } & Partial<FailureKind>)

/** The next action of a probe: at most one call to Azure. */
export type ProbeAction =
  | { kind: 'send' | 'poll' | 'settle'; node: number }
  | { kind: 'wait'; until: string }
  | { kind: 'end' }

/**
 * The time after which a run-command without a recorded response is checked. Azure has a minute to respond, and a
 * worker that was suspended sends no request later than 5 s after its intent.
 */
export const SETTLE_AFTER_MS = 90_000
/** How long run-commands are sent. A machine can be busy with those of others. */
export const MAX_PROBE_MS = 900_000
/**
 * How long an accepted run-command is polled. It ends within three minutes, and Azure itself stops it after 90. Nodes without
 * egress return nothing, and a job reverts their outage only after this time.
 */
export const MAX_RUN_MS = 480_000
/** The limit for the sum of lost, rejected, and interrupted run-commands of one node. */
export const MAX_PROBE_ATTEMPTS = 3

/** A probe before its first action. */
export function startProbe(
  id: string,
  at: string,
  targets: ProbeTargets,
  chosen: ChosenInstance[],
): ProbeRun {
  const nodes = chosen.map(
    (choice): NodeRun => ({ ...choice, phase: 'waiting', attempts: 0, notBefore: null }),
  )
  return { ...targets, id, startedAt: at, nodes }
}

/** Sends all run-commands first, because each takes about a minute, and then polls each. */
export function nextProbeAction({ nodes }: ProbeRun, now: Date): ProbeAction {
  const open = nodes.flatMap((node, index) => (isOpen(node) ? [{ node, index }] : []))
  if (open.length === 0) return { kind: 'end' }
  const due = open.filter(({ node }) => dueAt(node) <= now.getTime())
  const [next] = due.toSorted((a, b) => ORDER.indexOf(a.node.phase) - ORDER.indexOf(b.node.phase))
  if (next === undefined) {
    const until = Math.min(...open.map(({ node }) => dueAt(node)))
    return { kind: 'wait', until: new Date(until).toISOString() }
  }
  return { kind: ACTIONS[next.node.phase], node: next.index }
}

const ORDER: NodePhase['phase'][] = ['waiting', 'accepted', 'intended', 'ended']
const ACTIONS = { waiting: 'send', accepted: 'poll', intended: 'settle', ended: 'settle' } as const

function isOpen({ instanceId, phase }: NodeRun): boolean {
  return instanceId !== null && phase !== 'ended'
}

function dueAt(node: NodeRun): number {
  const settleAt = node.phase === 'intended' ? Date.parse(node.at) + SETTLE_AFTER_MS : 0
  return Math.max(settleAt, node.notBefore === null ? 0 : Date.parse(node.notBefore))
}

/** The probe after an event. */
export function applyProbeEvent(run: ProbeRun, event: ProbeEvent): ProbeRun {
  const nodes = run.nodes.map((node, index) => (index === event.node ? applyToNode(run, node, event) : node))
  return { ...run, nodes }
}

function applyToNode(run: ProbeRun, node: NodeRun, event: ProbeEvent): NodeRun {
  const base = { pool: node.pool, subnetId: node.subnetId, instanceId: node.instanceId, reason: node.reason }
  const { attempts } = node
  switch (event.type) {
    case 'intended':
      return { ...base, phase: 'intended', at: event.at, attempts: attempts + 1, notBefore: null }
    case 'accepted': {
      const { at, poller, notBefore } = event
      return { ...base, phase: 'accepted', at, poller, attempts, notBefore }
    }
    case 'delayed': {
      const moved = node.phase === 'accepted' && event.poller !== undefined ? { poller: event.poller } : {}
      return { ...node, ...moved, notBefore: event.notBefore }
    }
    case 'lost':
      return node.phase === 'accepted'
        ? { ...base, phase: 'intended', at: node.at, attempts, notBefore: null }
        : node
    case 'released':
      return { ...base, phase: 'waiting', attempts, notBefore: event.notBefore }
    case 'answered':
      return { ...base, phase: 'ended', attempts, notBefore: null, output: outputOf(run, event) }
    case 'failed': {
      const { type: _type, node: _node, ...failure } = event
      const output = { isReadable: false as const, ...failure }
      return { ...base, phase: 'ended', attempts, notBefore: null, output }
    }
  }
}

function outputOf(run: ProbeRun, { node, message }: { node: number; message: string }): ParsedOutput {
  return parseOutput(message, probeToken(run, node), run.targets, measuresBothFamilies(run))
}

/** Identifies the run of one node in its output. Each attempt has a different token. */
function probeToken({ id, nodes }: ProbeRun, node: number): string {
  return `${id}-${node}-${nodes[node]?.attempts ?? 0}`
}

/** The script for a node whose run-command was just intended. */
export function scriptFor(run: ProbeRun, node: number): string {
  return probeScript({ ...run, token: probeToken(run, node) })
}

/** The nodes as callers see them. */
export function toNodeProbes({ nodes }: ProbeRun): NodeProbe[] {
  return nodes.map((node): NodeProbe => {
    const { pool, subnetId, instanceId } = node
    const empty = { isComplete: false, dnsServer: null, sourceAddress: null, readings: [] }
    const place = { pool, subnetId, instanceId }
    if (instanceId === null) return { ...place, ...empty, status: 'skipped', reason: node.reason }
    if (node.phase !== 'ended')
      return { ...place, ...empty, status: node.phase === 'waiting' ? 'waiting' : 'running', reason: null }
    if (!node.output.isReadable) {
      const { isReadable: _readable, ...failure } = node.output
      return { ...place, ...empty, status: 'failed', ...failure }
    }
    const { isReadable: _readable, ...output } = node.output
    return { ...place, ...output, status: 'completed', reason: null }
  })
}

/** An event as text. */
export function probeSentence(event: ProbeEvent): string {
  const node = `Node ${event.node + 1}`
  switch (event.type) {
    case 'intended':
      return `${node}: sending the run-command.`
    case 'accepted':
      return `${node}: Azure accepted the run-command.`
    case 'delayed':
      return `${node}: next check at ${event.notBefore}.`
    case 'lost':
      return `${node}: the operation no longer exists in Azure.`
    case 'released':
      return `${node}: no run-command is in progress.`
    case 'answered':
      return `${node}: the run-command returned its output.`
    case 'failed':
      return `${node}: ${event.reason}`
  }
}
