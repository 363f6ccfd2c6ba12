import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { effectOf, entryOf } from './entries.ts'

/**
 * `networkAcls.ipRules` of a storage account, a key vault or a Cognitive Services account: `{ value, action? }`,
 * in force only where the default action is Deny.
 */
export function networkAclsEntries(row: BodyReader): AllowListEntry[] {
  const acls = row.at('networkAcls')
  const inForce = acls.text('defaultAction')?.toLowerCase() === 'deny'
  return acls.list('ipRules').flatMap((rule, index) =>
    entryOf(rule.text('value'), {
      place: `/properties/networkAcls/ipRules/${index}`,
      effect: effectOf(rule.text('action')),
      inForce,
    }),
  )
}
