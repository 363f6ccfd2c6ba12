import { declaredPathOf, effectivePathOf } from '../effective-egress.ts'
import { finding } from '../findings/catalogue.ts'
import { nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** The cluster says one thing and its subnets do another (EFFECTIVE_DIFFERS_FROM_DECLARED; needs N18). */
export const effectiveEgress: Check = ({ snapshot, declared, effective }) => {
  if (declared === null || snapshot.subnets.length === 0) return []
  const expected = declaredPathOf(declared)
  const paths = snapshot.subnets.map((subnet) => ({
    subnet: nameOf(subnet.id),
    effective: effectivePathOf(subnet, snapshot, declared),
  }))
  const differing = paths.filter((each) => each.effective !== 'unknown' && !expected.includes(each.effective))
  if (differing.length === 0) return []
  return [
    finding('EFFECTIVE_DIFFERS_FROM_DECLARED', { declared, effective: effective.before, subnets: differing }),
  ]
}
