import type { RuleEffect } from '../../core/allow-lists/facts.ts'
import { effectOf } from './entries.ts'

/**
 * What a WAF rule does with those whom its IP condition names. A negated condition turns it round: "block who is
 * not in the list" is how allow-lists are written for a WAF.
 */
export function wafEffect(action: string | null, isNegated: boolean): RuleEffect {
  const effect = action === null ? 'other' : effectOf(action)
  if (!isNegated || effect === 'other') return effect
  return effect === 'deny' ? 'allow' : 'deny'
}

/** `RemoteAddr` is the client, `SocketAddr` the connection's other end, which may be a proxy. */
export function isClientAddress(variable: string | null): boolean {
  return ['remoteaddr', 'socketaddr'].includes(variable?.toLowerCase() ?? '')
}

export function isDisabled(state: string | null): boolean {
  return state?.toLowerCase() === 'disabled'
}
