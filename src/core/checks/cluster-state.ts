import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { ClusterFacts } from '../snapshot.ts'
import { hasStaticGateway } from '../static-egress-gateway.ts'
import type { Check } from './check.ts'

/**
 * The cluster must be at rest and of a kind whose outbound type can change (rulebook 2). Where nothing is to
 * change only rest matters: what a failed or unfinished operation shows is not to be taken for reached.
 */
export const clusterState: Check = ({ snapshot: { cluster }, isNoChange }) => {
  const findings: Finding[] = []
  if (cluster.provisioningState !== 'Succeeded')
    findings.push(finding('CLUSTER_NOT_SUCCEEDED', { provisioningState: cluster.provisioningState }))
  if (isNoChange) return findings
  if (cluster.powerState !== 'Running')
    findings.push(finding('CLUSTER_STOPPED', { powerState: cluster.powerState }))
  if (cluster.loadBalancerSku.toLowerCase() === 'basic') findings.push(finding('LB_SKU_BASIC', {}))
  if (cluster.skuName?.toLowerCase() === 'automatic') findings.push(finding('SKU_AUTOMATIC', {}))
  else if (cluster.nodeProvisioningMode?.toLowerCase() === 'auto') findings.push(finding('NAP_ENABLED', {}))
  return [...findings, ...staticGateway(cluster)]
}

/** The feature may be off while a pool of its kind is still there, or on before one is (rulebook SEG_PRESENT, SEG_LIMITS). */
function staticGateway(cluster: ClusterFacts): Finding[] {
  const isPresent = hasStaticGateway(cluster)
  const isUnsupported =
    cluster.ipFamilies.includes('IPv6') || cluster.agentPools.some((pool) => pool.podSubnetId !== null)
  return [
    ...(isPresent ? [finding('SEG_PRESENT', {})] : []),
    ...(isPresent && isUnsupported ? [finding('SEG_LIMITS', {})] : []),
  ]
}
