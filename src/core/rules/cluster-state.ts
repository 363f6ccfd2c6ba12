import type { Finding } from '../../contract/finding.ts'
import { listed } from '../lib/text.ts'
import { hasStaticGateway } from '../snapshot/agent-pools.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import { type Check, rule } from './rule.ts'

export const CLUSTER_NOT_SUCCEEDED = rule<{ provisioningState: string }>('CLUSTER_NOT_SUCCEEDED', {
  severity: 'blocker',
  message: (f) => `The cluster's provisioning state is ${f.provisioningState}, not Succeeded.`,
  remedy: (f) =>
    f.provisioningState === 'Failed'
      ? 'Reconcile the cluster by an update that changes nothing (az aks update -g <group> -n <name>), mend what it names if it fails, and plan again when it is Succeeded.'
      : 'Wait for the end of the present operation, and plan again.',
  confidence: 'documented',
  source: 'AKS error code page (SA); inferred for Failed',
})

export const CLUSTER_STOPPED = rule<{ powerState: string }>('CLUSTER_STOPPED', {
  severity: 'blocker',
  message: (f) =>
    `The cluster is ${f.powerState.toLowerCase()}; a stopped cluster takes only start or delete.`,
  remedy: () => 'Start the cluster, then plan again; its API server address may have changed.',
  confidence: 'documented',
  source: 'start-stop-cluster (SS)',
})

export const LB_SKU_BASIC = rule('LB_SKU_BASIC', {
  severity: 'blocker',
  message: () => 'The cluster has a Basic load balancer; outbound types need Standard.',
  remedy: () =>
    'Migrate the load balancer from Basic to Standard first: a downtime of its own, and not to be undone.',
  confidence: 'documented',
  source: 'EO; upgrade-basic-load-balancer-on-aks (BLB)',
})

export const SKU_AUTOMATIC = rule('SKU_AUTOMATIC', {
  severity: 'blocker',
  message: () => 'The cluster is AKS Automatic, whose egress is set at creation and cannot be changed.',
  remedy: () => 'Create a new cluster with the wanted outbound type.',
  confidence: 'inferred',
  source: 'intro-aks-automatic (AUTO); NAP',
})

export const NAP_ENABLED = rule('NAP_ENABLED', {
  severity: 'blocker',
  message: () =>
    'Node auto-provisioning is on; the outbound type of such a cluster cannot be changed after creation.',
  remedy: () => 'No way is documented; a new cluster with the wanted outbound type is needed.',
  confidence: 'documented',
  source: 'node-auto-provisioning (NAP)',
})

/**
 * The cluster must be at rest and of a kind whose outbound type can change. Where nothing is to
 * change only rest matters: what a failed or unfinished operation shows is not to be taken for reached.
 */
export const checkClusterState: Check = ({ snapshot: { cluster }, isNoChange }) => {
  const findings: Finding[] = []
  if (cluster.provisioningState !== 'Succeeded')
    findings.push(CLUSTER_NOT_SUCCEEDED.finding({ provisioningState: cluster.provisioningState }))
  if (isNoChange) return findings
  if (cluster.powerState !== 'Running')
    findings.push(CLUSTER_STOPPED.finding({ powerState: cluster.powerState }))
  if (cluster.loadBalancerSku.toLowerCase() === 'basic') findings.push(LB_SKU_BASIC.finding({}))
  if (cluster.skuName?.toLowerCase() === 'automatic') findings.push(SKU_AUTOMATIC.finding({}))
  else if (cluster.nodeProvisioningMode?.toLowerCase() === 'auto') findings.push(NAP_ENABLED.finding({}))
  return [...findings, ...staticGateway(cluster)]
}

export const SEG_PRESENT = rule('SEG_PRESENT', {
  severity: 'warning',
  message: () =>
    "The cluster has a static egress gateway. It is an addition to the outbound type: its prefixes stay only while its pool's subnet has neither a NAT gateway nor a default route to an appliance.",
  remedy: () => 'Put the gateway pool into a subnet of its own and test it after the change.',
  confidence: 'inferred',
  source: 'configure-static-egress-gateway (SEG); NOV',
})

export const SEG_LIMITS = rule('SEG_LIMITS', {
  severity: 'info',
  message: () =>
    'A static egress gateway does not support pod subnets or dual-stack clusters, and this cluster has one of them.',
  remedy: () => 'Do not count on the addresses of the gateway.',
  confidence: 'documented',
  source: 'configure-static-egress-gateway (SEG)',
})

/** The feature may be off while a pool of its kind is still there, or on before one is. */
function staticGateway(cluster: ClusterFacts): Finding[] {
  const isPresent = hasStaticGateway(cluster)
  const isUnsupported =
    cluster.ipFamilies.includes('IPv6') || cluster.agentPools.some((pool) => pool.podSubnetId !== null)
  return [
    ...(isPresent ? [SEG_PRESENT.finding({})] : []),
    ...(isPresent && isUnsupported ? [SEG_LIMITS.finding({})] : []),
  ]
}

export const SUBNET_UNREADABLE = rule<{ subnets: string[] }>('SUBNET_UNREADABLE', {
  severity: 'blocker',
  message: (f) =>
    `These subnets could not be read: ${listed(f.subnets)}. What is attached to them decides over the egress, so nothing can be said of this change.`,
  remedy: () => 'Give the planning identity Reader rights on the virtual network and plan again.',
  confidence: 'documented',
  source: 'nat-overview (NOV); this service',
})

export const READ_INCOMPLETE = rule<{ unread: string[] }>('READ_INCOMPLETE', {
  severity: 'warning',
  message: (f) => `The plan was made without ${listed(f.unread)}, which could not be read.`,
  remedy: () =>
    'Give the planning identity Reader rights on them and plan again; findings that need them are missing here.',
  confidence: 'documented',
  source: 'this service',
})

/** What could not be read is said, never taken for absent. */
export const checkCoverage: Check = ({ snapshot, isNoChange }) => {
  const unread = snapshot.unread.map((each) => each.what)
  const subnets = isNoChange ? [] : unseenSubnetIds(snapshot.cluster, snapshot.subnets)
  return [
    ...(subnets.length === 0 ? [] : [SUBNET_UNREADABLE.finding({ subnets })]),
    ...(unread.length === 0 ? [] : [READ_INCOMPLETE.finding({ unread })]),
  ]
}
