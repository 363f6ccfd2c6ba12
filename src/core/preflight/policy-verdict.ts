import type { Json } from '../json.ts'
import type { PolicyVerdict } from '../plan-preflight.ts'
import type { PolicyDefinitionFacts } from '../rights-facts.ts'
import { type FieldReader, holds } from './policy-rule.ts'
import { type Parameters, resolve } from './policy-values.ts'

/** Effects that let a resource be made (Azure Policy: effect basics); `denyAction` stops deletions only. */
const LENIENT = [
  'addtonetworkgroup',
  'append',
  'audit',
  'auditifnotexists',
  'denyaction',
  'deployifnotexists',
  'disabled',
  'manual',
  'modify',
  'mutate',
]

/** `free` is certain, and everything between it and `denies` is `notDecided`. */
export type DefinitionVerdict = PolicyVerdict | 'free'

/** What one definition says of a resource that is to be made, with its parameters resolved. */
export function verdictOf(
  definition: PolicyDefinitionFacts,
  parameters: Parameters,
  field: FieldReader,
): DefinitionVerdict {
  // Modes such as Microsoft.Kubernetes.Data are for what lies inside of resources.
  if (/^Microsoft\./i.test(definition.mode)) return 'free'
  const effect = effectOf(definition.effect, parameters)
  if (effect === 'lenient') return 'free'
  const truth = holds(definition.condition, parameters, field)
  if (truth === false) return 'free'
  return truth === true && effect === 'deny' ? 'denies' : 'notDecided'
}

/** Whether an effect forbids, by its name or by the parameter that holds it. */
export function effectOf(value: Json, parameters: Parameters): 'deny' | 'lenient' | 'unknown' {
  const effect = resolve(value, parameters)
  if (typeof effect !== 'string') return 'unknown'
  if (effect.toLowerCase() === 'deny') return 'deny'
  return LENIENT.includes(effect.toLowerCase()) ? 'lenient' : 'unknown'
}
