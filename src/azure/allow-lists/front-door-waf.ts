import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { entriesOf } from './entries.ts'
import { isClientAddress, isDisabled, wafEffect } from './waf-effect.ts'

/** IP conditions of the custom rules of a Front Door WAF policy: `customRules.rules[].matchConditions[].matchValue[]`. */
export function frontDoorWafEntries(row: BodyReader): AllowListEntry[] {
  const isOff = isDisabled(row.at('policySettings').text('enabledState'))
  return row
    .at('customRules')
    .list('rules')
    .flatMap((rule, index) =>
      rule.list('matchConditions').flatMap((condition, nth) => {
        const isOnAddress =
          isClientAddress(condition.text('matchVariable')) &&
          condition.text('operator')?.toLowerCase() === 'ipmatch'
        if (!isOnAddress) return []
        return entriesOf(condition.texts('matchValue'), {
          place: `/properties/customRules/rules/${index}/matchConditions/${nth}/matchValue`,
          rule: rule.text('name'),
          effect: wafEffect(rule.text('action'), condition.flag('negateCondition')),
          inForce: !isOff && !isDisabled(rule.text('enabledState')),
        })
      }),
    )
}
