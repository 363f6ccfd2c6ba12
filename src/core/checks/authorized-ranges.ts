import { isAdmittedAnyway, PLACEHOLDER_RANGE } from '../authorized-ranges.ts'
import { isCidr, isNetworkAddress } from '../cidr.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { needsLateAuthorization } from '../steps.ts'
import type { Check } from './check.ts'

/** Whether nodes keep their API server through the change (rulebook 6). */
export const authorizedRanges: Check = (context) => {
  if (context.isNoChange) return []
  switch (context.ranges.mode) {
    case 'off':
      return []
    case 'notApplicable':
      return [finding('AUTHORIZED_NOT_APPLICABLE', {})]
    case 'nodesPrivate':
      return [finding('AUTHORIZED_VNETINT_NODES_PRIVATE', {}), ...listForm(context)]
    case 'enforced':
      return [...admission(context), ...unknownEgress(context), ...listForm(context)]
  }
}

function admission({ ranges, from, to, target }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (ranges.current.includes(PLACEHOLDER_RANGE) && to !== 'loadBalancer')
    findings.push(finding('AUTHORIZED_ZERO_PLACEHOLDER', { target: target.outboundType }))
  if (ranges.missing.length > 0) {
    const code = ranges.add.length > 0 ? 'AUTHORIZED_RANGES_WIDENED' : 'AUTHORIZED_RANGES_MISS_NEW_EGRESS'
    findings.push(finding(code, { missing: ranges.missing }))
  }
  if (from === 'loadBalancer' && from !== to) findings.push(finding('AUTHORIZED_AUTO_ADD_IS_LB_ONLY', {}))
  return findings
}

function unknownEgress(context: PlanningContext): Finding[] {
  const count = context.after.created.IPv4 + context.after.created.IPv6
  const findings: Finding[] = []
  if (
    count > 0 &&
    !isAdmittedAnyway(context.snapshot.cluster, { to: context.to, effectiveAfter: context.effective.after })
  )
    findings.push(
      finding('AUTHORIZED_RANGES_TARGET_UNKNOWABLE', { count, added: needsLateAuthorization(context) }),
    )
  if (context.after.unknowable) findings.push(finding('AUTHORIZED_EGRESS_NOT_IN_ARM', {}))
  return findings
}

/** AKS takes or refuses the list as a whole, so an old fault in it would make a later write fail. */
function listForm({ ranges }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  const crooked = ranges.current.filter((entry) => isCidr(entry) && !isNetworkAddress(entry))
  const tags = ranges.current.filter((entry) => !isCidr(entry))
  if (crooked.length > 0) findings.push(finding('AUTHORIZED_CIDR_FORM', { ranges: crooked }))
  if (ranges.count > ranges.limit)
    findings.push(finding('AUTHORIZED_LIMIT', { count: ranges.count, limit: ranges.limit }))
  if (tags.length > 0) findings.push(finding('AUTHORIZED_SERVICE_TAG', { tags }))
  return findings
}
