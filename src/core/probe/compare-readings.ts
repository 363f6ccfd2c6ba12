import type { EndpointReading } from '../../contract/probe.ts'
import { PUBLIC_AUTHORITY } from './likely-cause.ts'

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
