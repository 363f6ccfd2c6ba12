import { vnetKind } from '../cluster/cluster-facts.ts'
import { aksError } from '../http/arm-error.ts'
import type { WorldSettings } from '../world/world.ts'
import matrix from './matrix.json' with { type: 'json' }
import { isTypeChange, type Refusal } from './refusal.ts'

/**
 * Whether this simulated Azure allows a transition: by the published matrix of the editions it believes in. Which
 * edition the real service follows is not known, so by default either of them is enough.
 */
export function isTransitionAllowed(
  belief: WorldSettings['matrix'],
  kind: 'managed' | 'byo',
  from: string,
  to: string,
): boolean {
  return matrix.editions
    .filter((edition) => belief === 'union' || edition.edition === belief)
    .some((edition) => {
      const { columns, rows } = edition[kind]
      const row = new Map<string, string[] | undefined>(Object.entries(rows)).get(from)
      return row?.[columns.indexOf(to)] === 'Supported'
    })
}

/** The matrix; code and words are inferred. */
export const transitionNotAllowed: Refusal = (change) => {
  if (!isTypeChange(change)) return undefined
  const { world, from, to } = change
  if (isTransitionAllowed(world.settings.matrix, vnetKind(change.current), from, to)) return undefined
  return aksError(
    400,
    'UpdatingOutboundTypeNotAllowed',
    `Updating outboundType from ${from} to ${to} is not allowed. Please see https://aka.ms/aks/outboundtype for more details`,
    'networkProfile.outboundType',
  )
}
