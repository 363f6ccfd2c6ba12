import { finding } from '../findings/catalogue.ts'
import { TYPE_KEYS } from '../outbound-type.ts'
import type { Support } from '../plan.ts'
import { supportOf } from '../transitions.ts'
import type { Check } from './check.ts'

/** Whether the support matrix opens the way (rulebook 1.1, 1.2). */
export const transition: Check = ({ transition: row, vnet, snapshot, isNoChange, policy, request }) => {
  const { inconsistency } = vnet
  const pools = inconsistency === null || isNoChange ? [] : [finding('VNET_INCONSISTENT', { inconsistency })]
  if (row === null)
    return [
      ...pools,
      finding('OUTBOUND_TYPE_UNKNOWN', { outboundType: String(snapshot.cluster.outboundType) }),
    ]
  const { from, to, reason, editions } = row
  switch (row.support) {
    case 'supported':
      return pools
    case 'sameType':
      // A clean-up is never about the type.
      return request.cleanUp === undefined
        ? [...pools, finding('SAME_TYPE', { outboundType: to, isNoChange })]
        : pools
    case 'disputed':
      return [...pools, finding('TRANSITION_DISPUTED', { from, to, editions })]
    case 'unsupported': {
      const targets = (wanted: Support) =>
        TYPE_KEYS.filter((key) => supportOf(vnet.kind, from, key, policy.pinnedEdition) === wanted)
      const [supportedTargets, disputedTargets] = [targets('supported'), targets('disputed')]
      return [
        ...pools,
        finding('TRANSITION_NOT_SUPPORTED', {
          vnet: vnet.kind,
          from,
          to,
          reason,
          supportedTargets,
          disputedTargets,
        }),
      ]
    }
  }
}
