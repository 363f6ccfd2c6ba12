import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
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
  if (cluster.staticEgressGateway) findings.push(finding('SEG_PRESENT', {}))
  return findings
}
