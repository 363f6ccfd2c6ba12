import type { EndpointReading, NodeProbe } from '../../contract/probe.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { deniedCause, likelyCause, type PlannedRouting } from './likely-cause.ts'
import { compareReadings, isOutage, type LostEndpoint } from './losses.ts'
import { isPlatformAddress } from './script.ts'
import { compareSources, isIsolatedByPlan, type PlannedSource } from './source-address.ts'

/** The paths after the change according to the plan, and the conditions of the measurement. */
export interface PlannedPaths extends PlannedRouting, PlannedSource {
  /** Whether nodes trust the authority of their HTTP proxy. */
  trustsProxy?: boolean | undefined
}

export interface ProbeVerdict {
  lost: LostEndpoint[]
  /** What a node reached before the change, and what its measurement after the change says nothing about. */
  unread: LostEndpoint[]
  /** What a node must reach and does not reach, and what was not measured before the change. It may have failed before too. */
  unreached: LostEndpoint[]
  /** Whether a pool that was measured before is not measured now. Its instances may have been busy or replaced. */
  hasGaps: boolean
  /** Sentences. */
  warnings: string[]
}

/** What was compared on one node. */
type NodeVerdict = Omit<ProbeVerdict, 'hasGaps'>

/**
 * Compares the measurements before and after a change. A pool is compared with itself in the same subnet: the instance
 * may have been replaced. A failure that also existed before the change is only a warning, and so is a failure of an
 * endpoint that only some clusters need.
 */
export function compareProbes(before: NodeProbe[], after: NodeProbe[], plan: PlannedPaths): ProbeVerdict {
  const isNoneMeasured = after.every(({ status }) => status !== 'completed')
  const verdicts = after.map((node) => {
    const former = before.find((other) => isSamePlace(other, node))
    const known = former?.status === 'completed' ? former : null
    return node.status === 'completed'
      ? compareNode(known, node, plan)
      : compareUnmeasured(known, node, plan, isNoneMeasured)
  })
  const gone = before.filter(
    (node) => node.status === 'completed' && !after.some((other) => isSamePlace(other, node)),
  )
  return {
    lost: verdicts.flatMap(({ lost }) => lost),
    unread: verdicts.flatMap(({ unread }) => unread),
    unreached: verdicts.flatMap(({ unreached }) => unreached),
    hasGaps: hasGaps(before, after),
    warnings: [
      ...verdicts.flatMap(({ warnings }) => warnings),
      ...gone.map(
        ({ pool }) =>
          `Pool \`${pool}\` was measured before the change, but no longer exists after the change.`,
      ),
    ],
  }
}

export function hasGaps(before: NodeProbe[], after: NodeProbe[]): boolean {
  return after.some(
    (node) =>
      node.status !== 'completed' &&
      before.some((other) => other.status === 'completed' && isSamePlace(other, node)),
  )
}

/** One measurement after a change, and its comparison with the measurement before the change. */
export interface Round {
  verdict: ProbeVerdict
  nodes: NodeProbe[]
}

/**
 * The losses after a second measurement: the losses that it shows, and those of the first that it does not refute. A node
 * without results refutes no loss. Without a reading in either measurement, an endpoint is lost too: no measurement
 * confirms that nodes still reach it.
 */
export function confirmedLosses({ verdict: one, nodes: firstNodes }: Round, second: Round): LostEndpoint[] {
  const { lost, unread } = second.verdict
  const isSame = (a: LostEndpoint, b: LostEndpoint) => a.endpoint === b.endpoint && isSamePlace(a, b)
  const open = [...one.lost, ...one.unread].filter((loss) => {
    const node = second.nodes.find((other) => isSamePlace(other, loss))
    if (lost.some((other) => isSame(other, loss))) return false
    if (node?.status !== 'completed') return true
    if (loss.endpoint === null) {
      const wasMeasured = firstNodes.some((other) => isSamePlace(other, loss) && other.status === 'completed')
      return wasMeasured && node.sourceAddress === null
    }
    return !isRead(node, loss.endpoint)
  })
  const isInFirst = (loss: LostEndpoint) =>
    open.some((other) => isSame(other, loss)) ||
    firstNodes.some((node) => isSamePlace(node, loss) && isRead(node, loss.endpoint))
  return [
    ...lost,
    ...open.map((loss) => ({ ...loss, cause: `${loss.cause} A second measurement gave no answer.` })),
    ...unread.filter((loss) => !isInFirst(loss)),
  ]
}

/** What nodes do not reach after a second measurement. A node without a second result refutes nothing. */
export function confirmedUnreached({ verdict: one }: Round, { verdict, nodes }: Round): LostEndpoint[] {
  const isOpen = (place: Place) =>
    !nodes.some((node) => isSamePlace(node, place) && node.status === 'completed')
  return [...verdict.unreached, ...one.unreached.filter(isOpen)]
}

function isRead({ readings }: NodeProbe, name: string | null): boolean {
  return readings.some(({ endpoint, outcome }) => endpoint === name && outcome !== 'unknown')
}

type Place = Pick<NodeProbe, 'pool' | 'subnetId'>

export function isSamePlace(a: Place, b: Place): boolean {
  return equalsArm(a.pool, b.pool) && idKey(a.subnetId ?? '') === idKey(b.subnetId ?? '')
}

/**
 * A node returns the result of a run-command over its own egress to Azure (virtual-machines/linux/run-command). So a total
 * loss of egress looks like no answer. A rejected run-command says nothing about the network. But a change without any
 * measurement is not verified.
 */
function compareUnmeasured(
  known: NodeProbe | null,
  node: NodeProbe,
  plan: PlannedPaths,
  isNoneMeasured: boolean,
): NodeVerdict {
  const { pool, subnetId, isUnanswered, isUnreadable } = node
  const reason = node.reason ?? ''
  const isExpected = isIsolatedByPlan(plan, node)
  if (known !== null && !isExpected && (isUnanswered || isUnreadable || isNoneMeasured)) {
    const kind = isUnanswered ? ('unanswered' as const) : ('unmeasured' as const)
    const sentence = isUnanswered
      ? 'The node no longer returns results, for which it needs egress to Azure on port 443.'
      : isUnreadable
        ? 'The node returned an unreadable result, so it is unknown what the node reaches.'
        : 'No node can be measured now, so no measurement confirms the new egress path.'
    const cause = `${sentence} ${reason}`.trim()
    return {
      lost: [{ kind, endpoint: null, pool, subnetId, cause }],
      unread: [],
      unreached: [],
      warnings: [],
    }
  }
  return {
    lost: [],
    unread: [],
    unreached: [],
    warnings: [`Pool \`${pool}\` was not measured after the change. ${reason}`.trim()],
  }
}

function compareNode(known: NodeProbe | null, node: NodeProbe, plan: PlannedPaths): NodeVerdict {
  const name = `Pool \`${node.pool}\``
  const place = { pool: node.pool, subnetId: node.subnetId }
  const isIsolated = isIsolatedByPlan(plan, node)
  const sources = compareSources(known, node, plan)
  const lost = sources.flatMap((source): LostEndpoint[] =>
    source.lost === undefined
      ? []
      : [{ ...place, kind: 'sourceAddress', endpoint: null, cause: source.lost }],
  )
  const unread: LostEndpoint[] = []
  const unreached: LostEndpoint[] = []
  const warnings: string[] =
    known === null ? [`${name} was not measured before the change, so there is nothing to compare.`] : []
  const grouped: Record<'failedBefore' | 'unreached' | 'unknown', string[]> = {
    failedBefore: [],
    unreached: [],
    unknown: [],
  }
  const planned: string[] = []
  const conditional = new Map<string, string[]>()
  for (const reading of node.readings) {
    const { endpoint } = reading
    const was = known?.readings.find((other) => other.endpoint === endpoint)
    const change = compareReadings(was, reading, plan)
    if (change === 'same') continue
    // Isolated nodes pull images from a private registry. What the caller asked for, and the API server, must be reached.
    if (isIsolated && reading.origin === 'required' && change !== 'intercepted') {
      if (change === 'lost' || change === 'denied') planned.push(endpoint)
      continue
    }
    if (change === 'unknown' && was?.outcome === 'reached' && reading.need === 'required') {
      unread.push({ ...place, kind: 'unmeasured', endpoint, cause: unreadCause(reading) })
      continue
    }
    if (change === 'lost' || change === 'denied') {
      const cause =
        change === 'lost' ? likelyCause(reading, node, plan) : deniedCause(reading, was?.httpStatus ?? null)
      // ARM does not show whether the cluster needs the other endpoints, and nodes work without them.
      if (reading.need === 'required' && !isOutage(reading, change))
        lost.push({ ...place, kind: 'endpoint', endpoint, cause })
      else conditional.set(cause, [...(conditional.get(cause) ?? []), endpoint])
    } else if (change === 'intercepted') {
      const cause = `The issuer of the certificate changed from ${was?.issuer} to ${reading.issuer ?? 'an unknown authority'}: an appliance intercepts TLS.`
      // For the API server, nodes trust only the authority of their cluster. For other endpoints, curl has accepted the
      // certificate.
      if (reading.origin === 'apiServer' && reading.issuer !== null)
        lost.push({ ...place, kind: 'endpoint', endpoint, cause })
      else warnings.push(`${name} reaches ${endpoint}, but not directly. ${cause}`)
    } else {
      grouped[change].push(endpoint)
      if (change === 'unreached' && reading.need === 'required')
        unreached.push({ ...place, kind: 'endpoint', endpoint, cause: likelyCause(reading, node, plan) })
    }
  }
  for (const [cause, endpoints] of conditional)
    warnings.push(`${name} no longer reaches ${endpoints.join(', ')} as before. ${cause}`)
  if (planned.length > 0)
    warnings.push(`${name} no longer reaches ${planned.join(', ')}, because the plan removes its egress.`)
  const missing: string[] = []
  for (const { endpoint, origin, outcome } of known?.readings ?? []) {
    if (node.readings.some((other) => other.endpoint === endpoint)) continue
    // AKS may no longer require an endpoint after the change. What the caller asked for is measured each time.
    if (outcome === 'reached' && (origin === 'requested' || origin === 'apiServer'))
      unread.push({ ...place, kind: 'unmeasured', endpoint, cause: UNREAD })
    else missing.push(endpoint)
  }
  const sentences = [
    [grouped.failedBefore, 'did not reach', 'before the change either.'],
    [grouped.unreached, 'does not reach', 'and was not measured there before the change.'],
    [grouped.unknown, 'reported nothing about', 'after the change.'],
    [missing, 'was measured for', 'only before the change.'],
  ] as const
  for (const [endpoints, verb, end] of sentences)
    if (endpoints.length > 0) warnings.push(`${name} ${verb} ${endpoints.join(', ')} ${end}`)
  warnings.push(...sources.flatMap(({ warning }) => (warning === undefined ? [] : [`${name}: ${warning}`])))
  return { lost, unread, unreached, warnings }
}

const UNREAD =
  'The node returned no measurement of this endpoint, so it is unknown whether the node still reaches the endpoint.'

function unreadCause({ address }: EndpointReading): string {
  return address === null || !isPlatformAddress(address)
    ? UNREAD
    : `The name now resolves to ${address}, which the probe does not call: check the DNS server and the zone of the name.`
}
