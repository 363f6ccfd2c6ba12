import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { entriesOf } from './entries.ts'
import { isClientAddress, isDisabled, wafEffect } from './waf-effect.ts'

/** IP conditions of the custom rules of an Application Gateway WAF policy; `negationConditon` is ARM's own spelling. */
export function applicationGatewayWafEntries(row: BodyReader): AllowListEntry[] {
  const isOff = isDisabled(row.at('policySettings').text('state'))
  return row.list('customRules').flatMap((rule, index) =>
    rule.list('matchConditions').flatMap((condition, nth) => {
      const isOnAddress =
        condition.list('matchVariables').some((each) => isClientAddress(each.text('variableName'))) &&
        condition.text('operator')?.toLowerCase() === 'ipmatch'
      if (!isOnAddress) return []
      return entriesOf(condition.texts('matchValues'), {
        place: `/properties/customRules/${index}/matchConditions/${nth}/matchValues`,
        rule: rule.text('name'),
        effect: wafEffect(rule.text('action'), condition.flag('negationConditon')),
        inForce: !isOff && !isDisabled(rule.text('state')),
      })
    }),
  )
}
