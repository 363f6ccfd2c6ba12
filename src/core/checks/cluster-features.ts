import { addressesChange } from '../address-change.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { Check } from './check.ts'

/** What the cluster has switched on that meets a change of its type (rulebook 9, 2). */
export const clusterFeatures: Check = (context) => {
  if (context.from === context.to) return []
  return [...beside(context), ...agents(context), ...kinds(context)]
}

/** Traffic that leaves beside the pools' own, or by a hop of its own. */
function beside({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (cluster.features.httpProxy) findings.push(finding('HTTP_PROXY_PATH', {}))
  if (cluster.features.istioEgressGateway) findings.push(finding('ISTIO_EGRESS', {}))
  if (cluster.virtualNodes) findings.push(finding('VIRTUAL_NODES', {}))
  if (cluster.virtualNodes && cluster.authorizedIPRanges.length > 0 && !cluster.enablePrivateCluster)
    findings.push(finding('AUTHORIZED_VIRTUAL_NODES', {}))
  return findings
}

/** What notices the moment without egress. */
function agents(context: PlanningContext): Finding[] {
  const { cluster } = context.snapshot
  const { monitoring, defender } = cluster.features
  const senders = defender ? [...monitoring, 'securityProfile.defender'] : monitoring
  const isPublic = !cluster.enablePrivateCluster && !cluster.enableVnetIntegration
  const hasEgress = context.effective.after !== 'none'
  return [
    ...(isPublic && hasEgress && addressesChange(context) ? [finding('KONNECTIVITY', {})] : []),
    ...(senders.length > 0 ? [finding('TRUSTED_ACCESS_AND_MONITORING', { senders })] : []),
  ]
}

function kinds({ snapshot: { cluster }, from, to }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (cluster.networkPlugin?.toLowerCase() === 'kubenet') findings.push(finding('KUBENET_RETIRING', {}))
  if (cluster.enablePrivateCluster && to === 'loadBalancer')
    findings.push(finding('PRIVATE_CLUSTER_LB_PIP', {}))
  const isBalanced = from === 'loadBalancer' || to === 'loadBalancer'
  if (isBalanced && cluster.loadBalancerProfile?.multipleLoadBalancers === true)
    findings.push(finding('MULTI_SLB', {}))
  return findings
}
