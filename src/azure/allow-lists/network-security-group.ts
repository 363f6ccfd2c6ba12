import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { effectOf, entriesOf, entryOf } from './entries.ts'

/** Sources of a network security group's inbound rules: our egress is never a source of an outbound one. */
export function networkSecurityGroupEntries(row: BodyReader): AllowListEntry[] {
  return row.list('securityRules').flatMap((rule, index) => {
    const properties = rule.at('properties')
    if (properties.text('direction')?.toLowerCase() === 'outbound') return []
    const place = `/properties/securityRules/${index}/properties`
    const where = { rule: rule.text('name'), effect: effectOf(properties.text('access')) }
    return [
      ...entryOf(properties.text('sourceAddressPrefix'), { ...where, place: `${place}/sourceAddressPrefix` }),
      ...entriesOf(properties.texts('sourceAddressPrefixes'), {
        ...where,
        place: `${place}/sourceAddressPrefixes`,
      }),
    ]
  })
}
