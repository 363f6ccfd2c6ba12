import { type EndpointReading, LOSS_KINDS, type LossKind } from '../../contract/probe.ts'
import { lastSegment } from '../arm/resource-id.ts'
import { PUBLIC_AUTHORITY } from './likely-cause.ts'

/** A connection or an address that a pool lost with the change, or that no measurement confirms. */
export interface LostEndpoint {
  /** Absent in events of earlier versions. */
  kind?: LossKind
  /** null for the source address, and for a node without a readable result. */
  endpoint: string | null
  pool: string
  subnetId: string | null
  /** A sentence. */
  cause: string
}

/** A loss as a sentence: where, which endpoint, and why. */
export function lossSentence({ endpoint, pool, subnetId, cause }: LostEndpoint): string {
  const place = `Pool \`${pool}\`${subnetId === null ? '' : ` in subnet \`${lastSegment(subnetId)}\``}`
  return endpoint === null ? `${place}: ${cause}` : `${place}, ${endpoint}: ${cause}`
}

/** What each kind of loss means, and where its cause is. */
const TEXTS: Record<LossKind, { message: string; remedy: string }> = {
  endpoint: {
    message: 'After the cutover, nodes no longer reach endpoints that they reached before.',
    remedy: 'Fix the cause on the new egress path: the rules of the firewall, the route, or the DNS server.',
  },
  sourceAddress: {
    message: 'After the cutover, the public source address of nodes is not as planned.',
    remedy:
      'Compare the observed source address with `paths` of the plan: check the route table, the NAT gateway, and the public IP addresses of the subnet, and whether `sourceAddressUrl` returns the address of its caller.',
  },
  unanswered: {
    message: 'After the cutover, nodes no longer return results.',
    remedy:
      'Check whether nodes reach Azure on port 443, and whether the virtual machine agent of the instance is running.',
  },
  unmeasured: {
    message:
      'After the cutover, no measurement shows whether nodes still reach the endpoints that they reached before.',
    remedy:
      'Fix what prevents the measurement: a denied permission for run-commands, a deleted instance, or output that is truncated or unreadable.',
  },
}

/** The message and the remedy for all kinds of these losses. */
export function lossTexts(lost: readonly Pick<LostEndpoint, 'kind'>[]): { message: string; remedy: string } {
  const kinds = LOSS_KINDS.filter((kind) => lost.some((loss) => (loss.kind ?? 'endpoint') === kind))
  const texts = kinds.map((kind) => TEXTS[kind])
  return {
    message: texts.map(({ message }) => message).join(' '),
    remedy: [...texts.map(({ remedy }) => remedy), 'Then measure again with `POST /v1/probes`.'].join(' '),
  }
}

/** The change of one endpoint. `unreached`: it was not measured before. */
export type Change = 'same' | 'lost' | 'denied' | 'failedBefore' | 'unreached' | 'intercepted' | 'unknown'

/** Compares one endpoint before and after a change. */
export function compareReadings(
  before: EndpointReading | undefined,
  after: EndpointReading,
  plan: { trustsProxy?: boolean | undefined },
): Change {
  if (after.outcome === 'unknown') return 'unknown'
  const isKnown = before !== undefined && before.outcome !== 'unknown'
  if (after.outcome !== 'reached')
    return !isKnown ? 'unreached' : before.outcome === 'reached' ? 'lost' : 'failedBefore'
  if (before?.outcome !== 'reached') return 'same'
  if (isDenial(after) && !isDenial(before)) return 'denied'
  // A proxy whose authority the cluster trusts may issue certificates itself: the administrators chose that.
  const isExpected = plan.trustsProxy === true && after.via === 'httpProxy' && after.origin !== 'apiServer'
  return !isExpected && isIntercepted(before, after) ? 'intercepted' : 'same'
}

/** Firewalls of PaaS services and of partners answer an address that they do not allow with 403, not with silence. */
const DENIALS = [403, 407, 511]

function isDenial({ httpStatus }: EndpointReading): boolean {
  return httpStatus !== null && (DENIALS.includes(httpStatus) || httpStatus >= 500)
}

/** An error of a public service of Microsoft is an outage rather than an effect of the change. */
export function isOutage({ origin, httpStatus }: EndpointReading, change: Change): boolean {
  return change === 'denied' && origin === 'required' && !DENIALS.includes(httpStatus ?? 0)
}

function isIntercepted(before: EndpointReading, after: EndpointReading): boolean {
  if (before.issuer === null || before.issuer === after.issuer) return false
  if (after.origin === 'apiServer') return true
  return after.issuer !== null && PUBLIC_AUTHORITY.test(before.issuer) && !PUBLIC_AUTHORITY.test(after.issuer)
}
