import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { effectOf, entryOf } from './entries.ts'

/** `networkRuleSets/default` of an Event Hubs or Service Bus namespace: `ipRules` of `{ ipMask, action }`. */
export function networkRuleSetEntries([ruleSet]: BodyReader[]): AllowListEntry[] {
  const properties = ruleSet?.at('properties')
  const inForce =
    properties?.text('defaultAction')?.toLowerCase() === 'deny' &&
    properties.text('publicNetworkAccess')?.toLowerCase() !== 'disabled'
  return (properties?.list('ipRules') ?? []).flatMap((rule, index) =>
    entryOf(rule.text('ipMask'), {
      place: `/networkRuleSets/default/properties/ipRules/${index}`,
      effect: effectOf(rule.text('action')),
      inForce,
    }),
  )
}
