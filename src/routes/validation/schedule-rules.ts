import type { Fault } from '../../contract/problem.ts'
import { isTimeZone } from '../../core/maintenance/openings.ts'
import type { RawRequest } from '../operation.ts'
import { checkRules, type Rule, rulesOf } from './rules.ts'

const hasWindow = (value: unknown) => typeof value === 'object' && value !== null

const RULES: readonly Rule[] = [
  rulesOf('FIELD_MISSING')(
    '/window',
    'A window requires timeZone or utcOffset.',
    (window, request) =>
      hasWindow(window) && !request.has('/window/timeZone') && !request.has('/window/utcOffset'),
  ),
  rulesOf('PARAMETERS_EXCLUDE_EACH_OTHER')(
    '/window/timeZone',
    'timeZone and utcOffset are mutually exclusive; specify only one of them.',
    (zone, request) => zone !== undefined && request.has('/window/utcOffset'),
  ),
  rulesOf('TIME_ZONE_UNKNOWN')(
    '/window/timeZone',
    'timeZone must be a name in the IANA time zone database, such as Europe/Berlin.',
    (zone) => typeof zone === 'string' && !isTimeZone(zone),
  ),
]

/** Checks of the schedule of a job that a schema cannot express. */
export function scheduleErrors({ body }: RawRequest): Fault[] {
  return checkRules('body', RULES, body)
}
