import type { Finding } from '../../contract/finding.ts'
import { equalsArm } from '../arm/words.ts'
import { listed } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { hasStaticGateway } from '../snapshot/agent-pools.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import { type Check, rule } from './rule.ts'

export const CLUSTER_NOT_SUCCEEDED = rule<{ provisioningState: string }>('CLUSTER_NOT_SUCCEEDED', {
  severity: 'blocker',
  message: (f) => `The cluster's provisioning state is ${f.provisioningState}, not Succeeded.`,
  remedy: (f) =>
    equalsArm(f.provisioningState, 'Failed')
      ? 'Reconcile the cluster by an update that changes nothing (az aks update -g <group> -n <name>), mend what it names if it fails, and plan again when it is Succeeded.'
      : 'Wait for the end of the present operation, and plan again.',
  source: documented({ text: 'AKS error code page' }, { text: 'inferred for Failed' }),
})

export const CLUSTER_STOPPED = rule<{ powerState: string }>('CLUSTER_STOPPED', {
  severity: 'blocker',
  message: (f) =>
    `The cluster is ${f.powerState.toLowerCase()}; a stopped cluster takes only start or delete.`,
  remedy: 'Start the cluster, then plan again; its API server address may have changed.',
  source: documented('start-stop-cluster'),
})

export const LB_SKU_BASIC = rule('LB_SKU_BASIC', {
  severity: 'blocker',
  message: 'The cluster has a Basic load balancer; outbound types need Standard.',
  remedy:
    'Migrate the load balancer from Basic to Standard first: a downtime of its own, and not to be undone.',
  source: documented('egress-outboundtype', 'upgrade-basic-load-balancer-on-aks'),
})

export const SKU_AUTOMATIC = rule('SKU_AUTOMATIC', {
  severity: 'blocker',
  message: 'The cluster is AKS Automatic, whose egress is set at creation and cannot be changed.',
  remedy: 'Create a new cluster with the wanted outbound type.',
  source: inferred('intro-aks-automatic', 'node-auto-provisioning'),
})

export const NAP_ENABLED = rule('NAP_ENABLED', {
  severity: 'blocker',
  message:
    'Node auto-provisioning is on; the outbound type of such a cluster cannot be changed after creation.',
  remedy: 'No way is documented; a new cluster with the wanted outbound type is needed.',
  source: documented('node-auto-provisioning'),
})

/**
 * The cluster must be idle, and of a kind whose outbound type can change. Without a change only the first matters: a
 * failed or unfinished operation may show values that were not reached.
 */
export const checkClusterState: Check = ({ snapshot: { cluster }, isNoChange }) => {
  const { provisioningState, powerState } = cluster
  const state = CLUSTER_NOT_SUCCEEDED.when(!equalsArm(provisioningState, 'Succeeded'), { provisioningState })
  if (isNoChange) return state
  const isAutomatic = equalsArm(cluster.skuName, 'Automatic')
  const hasNodeProvisioning = equalsArm(cluster.nodeProvisioningMode, 'Auto')
  return [
    ...state,
    ...CLUSTER_STOPPED.when(!equalsArm(powerState, 'Running'), { powerState }),
    ...LB_SKU_BASIC.when(equalsArm(cluster.loadBalancerSku, 'basic'), {}),
    ...SKU_AUTOMATIC.when(isAutomatic, {}),
    ...NAP_ENABLED.when(hasNodeProvisioning && !isAutomatic, {}),
    ...staticGateway(cluster),
  ]
}

export const SEG_PRESENT = rule('SEG_PRESENT', {
  severity: 'warning',
  message:
    "The cluster has a static egress gateway. It is an addition to the outbound type: its prefixes stay only while its pool's subnet has neither a NAT gateway nor a default route to an appliance.",
  remedy: 'Put the gateway pool into a subnet of its own and test it after the change.',
  source: inferred('configure-static-egress-gateway', 'nat-overview'),
})

export const SEG_LIMITS = rule('SEG_LIMITS', {
  severity: 'info',
  message:
    'A static egress gateway does not support pod subnets or dual-stack clusters, and this cluster has one of them.',
  remedy: 'Do not count on the addresses of the gateway.',
  source: documented('configure-static-egress-gateway'),
})

/** The feature may be off while a pool of its kind is still there, or on before one is. */
function staticGateway(cluster: ClusterFacts): Finding[] {
  const isPresent = hasStaticGateway(cluster)
  const isUnsupported =
    cluster.ipFamilies.includes('IPv6') || cluster.agentPools.some((pool) => pool.podSubnetId !== null)
  return [...SEG_PRESENT.when(isPresent, {}), ...SEG_LIMITS.when(isPresent && isUnsupported, {})]
}

export const SUBNET_UNREADABLE = rule<{ subnets: string[] }>('SUBNET_UNREADABLE', {
  severity: 'blocker',
  message: (f) =>
    `These subnets could not be read: ${listed(f.subnets)}. What is attached to them decides over the egress, so nothing can be said of this change.`,
  remedy: 'Give the planning identity Reader rights on the virtual network and plan again.',
  source: documented('nat-overview', 'this service'),
})

export const READ_INCOMPLETE = rule<{ unread: string[] }>('READ_INCOMPLETE', {
  severity: 'warning',
  message: (f) => `The plan was made without ${listed(f.unread)}, which could not be read.`,
  remedy:
    'Give the planning identity Reader rights on them and plan again; findings that need them are missing here.',
  source: documented('this service'),
})

/** Resources that could not be read are reported, not treated as absent. */
export const checkCoverage: Check = ({ snapshot, isNoChange }) => {
  const unread = snapshot.unread.map(({ what }) => what)
  const subnets = isNoChange ? [] : unseenSubnetIds(snapshot.cluster, snapshot.subnets)
  return [...SUBNET_UNREADABLE.ifAny({ subnets }), ...READ_INCOMPLETE.ifAny({ unread })]
}
