import { finding } from '../findings/catalogue.ts'
import { routesBetween } from '../routes-between.ts'
import { supportOf } from '../transitions.ts'
import type { Check } from './check.ts'

/** One-way streets are said before they are entered (rulebook NO_ROLLBACK, V2_ENTRY_IS_ONE_WAY; needs N6). */
export const wayBack: Check = ({ from, to, vnet, policy, transition }) => {
  if (from === null || from === to || transition?.support === 'unsupported') return []
  const back = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  if (back === 'disputed') return [finding('WAY_BACK_DISPUTED', { from, to })]
  if (back !== 'unsupported') return []
  return [
    finding('NO_WAY_BACK', { from, to, routes: routesBetween(vnet.kind, to, from, policy.pinnedEdition) }),
  ]
}
