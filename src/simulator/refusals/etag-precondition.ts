import { type ArmRefusal, aksError } from '../http/arm-error.ts'
import { type JsonObject, textAt } from '../json.ts'

/**
 * If-Match and If-None-Match of a cluster PUT, as the table of the recordings README has it: `*` wants an existing
 * cluster, a value wants exactly that ETag; If-None-Match takes only `*` and wants a missing one. Code and words of
 * the 412 are inferred.
 */
export function etagPrecondition(
  cluster: JsonObject | undefined,
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): ArmRefusal | undefined {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '') {
    if (ifNoneMatch !== '*')
      return aksError(
        400,
        'InvalidParameter',
        'The header If-None-Match only supports the value *.',
        'If-None-Match',
      )
    if (cluster !== undefined) return mismatch('the resource exists already')
  }
  if (ifMatch === undefined || ifMatch === '') return undefined
  if (cluster === undefined) return mismatch('the resource does not exist')
  if (ifMatch === '*' || unquoted(ifMatch) === textAt(cluster, 'eTag')) return undefined
  return mismatch('the resource was changed by another request')
}

function mismatch(why: string): ArmRefusal {
  return aksError(
    412,
    'EtagMismatch',
    `The condition of the ETag header is not met: ${why}. Read the resource again and repeat the change.`,
  )
}

function unquoted(value: string): string {
  return value.replace(/^(W\/)?"(.*)"$/, '$2')
}
