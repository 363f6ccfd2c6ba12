import type { RuleEffect } from '../../contract/allow-lists.ts'
import type { AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { parseEntries, toRuleEffect } from './entries.ts'

/**
 * What a WAF rule does with those whom its IP condition names. A negated condition turns it round: "block who is
 * not in the list" is how allow-lists are written for a WAF.
 */
function wafEffect(action: string | null, isNegated: boolean): RuleEffect {
  const effect = action === null ? 'other' : toRuleEffect(action)
  if (!isNegated || effect === 'other') return effect
  return effect === 'deny' ? 'allow' : 'deny'
}

/** `RemoteAddr` is the client, `SocketAddr` the connection's other end, which may be a proxy. */
function isClientAddress(variable: string | null): boolean {
  return ['remoteaddr', 'socketaddr'].includes(variable?.toLowerCase() ?? '')
}

function isDisabled(state: string | null): boolean {
  return state?.toLowerCase() === 'disabled'
}

/** IP conditions of the custom rules of an Application Gateway WAF policy; `negationConditon` is ARM's own spelling. */
export function applicationGatewayWafEntries(row: BodyReader): AllowListEntry[] {
  const isOff = isDisabled(row.at('policySettings').string('state'))
  return row.list('customRules').flatMap((rule, index) =>
    rule.list('matchConditions').flatMap((condition, nth) => {
      const isOnAddress =
        condition.list('matchVariables').some((each) => isClientAddress(each.string('variableName'))) &&
        condition.string('operator')?.toLowerCase() === 'ipmatch'
      if (!isOnAddress) return []
      return parseEntries(condition.strings('matchValues'), {
        place: `/properties/customRules/${index}/matchConditions/${nth}/matchValues`,
        rule: rule.string('name'),
        effect: wafEffect(rule.string('action'), condition.boolean('negationConditon')),
        inForce: !isOff && !isDisabled(rule.string('state')),
      })
    }),
  )
}

/** IP conditions of the custom rules of a Front Door WAF policy: `customRules.rules[].matchConditions[].matchValue[]`. */
export function frontDoorWafEntries(row: BodyReader): AllowListEntry[] {
  const isOff = isDisabled(row.at('policySettings').string('enabledState'))
  return row
    .at('customRules')
    .list('rules')
    .flatMap((rule, index) =>
      rule.list('matchConditions').flatMap((condition, nth) => {
        const isOnAddress =
          isClientAddress(condition.string('matchVariable')) &&
          condition.string('operator')?.toLowerCase() === 'ipmatch'
        if (!isOnAddress) return []
        return parseEntries(condition.strings('matchValue'), {
          place: `/properties/customRules/rules/${index}/matchConditions/${nth}/matchValue`,
          rule: rule.string('name'),
          effect: wafEffect(rule.string('action'), condition.boolean('negateCondition')),
          inForce: !isOff && !isDisabled(rule.string('enabledState')),
        })
      }),
    )
}
