import type { RuleEffect } from '../../contract/allow-lists.ts'
import type { AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { parseEntries, toRuleEffect } from './entries.ts'

/** The locations of the same data in the two kinds of WAF policies. */
interface WafFields {
  /** The JSON pointer of the custom rules. */
  place: string
  rules: (row: BodyReader) => BodyReader[]
  /** The name of the state, in `policySettings` and in each rule. */
  state: string
  /** Whether a condition is on the address of the client. */
  isOnClient: (condition: BodyReader) => boolean
  values: string
  negation: string
}

const APPLICATION_GATEWAY: WafFields = {
  place: '/properties/customRules',
  rules: (row) => row.list('customRules'),
  state: 'state',
  isOnClient: (condition) =>
    condition.list('matchVariables').some((variable) => isClientAddress(variable, 'variableName')),
  values: 'matchValues',
  // The spelling of ARM.
  negation: 'negationConditon',
}

const FRONT_DOOR: WafFields = {
  place: '/properties/customRules/rules',
  rules: (row) => row.at('customRules').list('rules'),
  state: 'enabledState',
  isOnClient: (condition) => isClientAddress(condition, 'matchVariable'),
  values: 'matchValue',
  negation: 'negateCondition',
}

/** `RemoteAddr` is the client. `SocketAddr` is the other end of the connection, which may be a proxy. */
function isClientAddress(body: BodyReader, field: string): boolean {
  return body.is(field, 'RemoteAddr') || body.is(field, 'SocketAddr')
}

/** IP conditions of the custom rules of an Application Gateway WAF policy. */
export function applicationGatewayWafEntries(row: BodyReader): AllowListEntry[] {
  return wafEntries(row, APPLICATION_GATEWAY)
}

/** IP conditions of the custom rules of a Front Door WAF policy. */
export function frontDoorWafEntries(row: BodyReader): AllowListEntry[] {
  return wafEntries(row, FRONT_DOOR)
}

function wafEntries(row: BodyReader, fields: WafFields): AllowListEntry[] {
  const isOff = row.at('policySettings').is(fields.state, 'Disabled')
  return fields.rules(row).flatMap((rule, index) =>
    rule.list('matchConditions').flatMap((condition, nth) => {
      if (!fields.isOnClient(condition) || !condition.is('operator', 'IPMatch')) return []
      return parseEntries(condition.strings(fields.values), {
        place: `${fields.place}/${index}/matchConditions/${nth}/${fields.values}`,
        rule: rule.string('name'),
        effect: wafEffect(rule, condition.boolean(fields.negation)),
        inForce: !isOff && !rule.is(fields.state, 'Disabled'),
      })
    }),
  )
}

/** A negated condition reverses the effect: "block every address outside of the list" is an allow list. */
function wafEffect(rule: BodyReader, isNegated: boolean): RuleEffect {
  const effect = rule.has('action') ? toRuleEffect(rule, 'action') : 'other'
  if (!isNegated || effect === 'other') return effect
  return effect === 'deny' ? 'allow' : 'deny'
}
