import { aksError } from '../http/arm-error.ts'
import { listAt } from '../json.ts'
import type { Refusal } from './refusal.ts'

const MOST = 200

/** At most 200 authorized ranges; the code is inferred. */
export const tooManyAuthorizedRanges: Refusal = (change) => {
  const ranges = listAt(change.wanted, 'properties', 'apiServerAccessProfile', 'authorizedIPRanges')
  if (ranges.length <= MOST) return undefined
  return aksError(
    400,
    'InvalidAuthorizedIPRanges',
    `The number of authorized IP ranges ${ranges.length} is over the limit of ${MOST}.`,
    'apiServerAccessProfile.authorizedIPRanges',
  )
}
