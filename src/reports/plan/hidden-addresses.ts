import type { EgressIpChange } from '../../contract/egress.ts'
import type { ReportedPlan } from './reported-plan.ts'

/**
 * What readers can do with an address that Azure Resource Manager never shows:
 *
 * - `unchanged`: the egress paths that use the address do not change.
 * - `former`: no path uses the address after the change.
 * - `changeable`: the address belongs to Azure default outbound access, which can change it at any time.
 * - `findable`: a person can find the address, for example behind an appliance.
 */
export type HiddenKind = 'unchanged' | 'former' | 'changeable' | 'findable'

/** Whether Azure Resource Manager never shows the address. An address that does not exist yet becomes known later. */
export function isHidden({ address, change }: Pick<EgressIpChange, 'address' | 'change'>): boolean {
  return address === null && change !== 'added'
}

/** The kind of a hidden address. Plans of earlier versions do not contain the paths that use an address. */
export function hiddenKind(
  { usedBefore, usedAfter }: EgressIpChange,
  paths: ReportedPlan['paths'] = [],
): HiddenKind {
  if (usedAfter === undefined) return 'findable'
  if (usedAfter.length === 0) return usedBefore?.length === 0 ? 'findable' : 'former'
  const users = paths.filter(({ subnetId, family = 'IPv4', destination = 'internet' }) =>
    usedAfter.some(
      (use) => (use.subnetId ?? '') === subnetId && use.family === family && use.destination === destination,
    ),
  )
  if (users.length === 0) return 'findable'
  const isSame = users.every(({ before, after }) => before.path === after.path && before.via === after.via)
  if (isSame) return 'unchanged'
  return users.every(({ after }) => after.path === 'defaultOutbound') ? 'changeable' : 'findable'
}
