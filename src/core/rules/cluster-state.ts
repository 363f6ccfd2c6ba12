import { equalsArm } from '../arm/words.ts'
import { listed } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import { type Check, rule } from './rule.ts'

export const CLUSTER_NOT_SUCCEEDED = rule<{ provisioningState: string }>('CLUSTER_NOT_SUCCEEDED', {
  severity: 'blocker',
  message: (f) => `The cluster's provisioning state is \`${f.provisioningState}\`, not \`Succeeded\`.`,
  remedy: (f) =>
    equalsArm(f.provisioningState, 'Failed')
      ? 'Reconcile the cluster with an update without changes: `az aks update -g <group> -n <name>`. Fix any error that it reports, and create a new plan when the state is `Succeeded`.'
      : 'Wait until the current operation ends, then create a new plan.',
  source: documented({ text: 'AKS error code page' }, { text: 'inferred for Failed' }),
})

export const CLUSTER_STOPPED = rule<{ powerState: string }>('CLUSTER_STOPPED', {
  severity: 'blocker',
  message: (f) =>
    `The cluster is ${f.powerState.toLowerCase()}; a stopped cluster accepts only start or delete operations.`,
  remedy: 'Start the cluster, then create a new plan. The address of the API server may change.',
  source: documented('start-stop-cluster'),
})

export const LB_SKU_BASIC = rule('LB_SKU_BASIC', {
  severity: 'blocker',
  message: 'The cluster has a Basic load balancer, but outbound types require a Standard load balancer.',
  remedy:
    'Migrate the load balancer from Basic to Standard first. The migration causes separate downtime and is irreversible.',
  source: documented('egress-outboundtype', 'upgrade-basic-load-balancer-on-aks'),
})

export const SKU_AUTOMATIC = rule('SKU_AUTOMATIC', {
  severity: 'blocker',
  message: 'The cluster is AKS Automatic, whose egress is set at creation and cannot change.',
  remedy: 'Create a new cluster with the required outbound type.',
  source: inferred('intro-aks-automatic', 'node-auto-provisioning'),
})

export const NAP_ENABLED = rule('NAP_ENABLED', {
  severity: 'blocker',
  message: 'The cluster uses node auto-provisioning, so its outbound type cannot change after creation.',
  remedy: 'Create a new cluster with the required outbound type; no other method is documented.',
  source: documented('node-auto-provisioning'),
})

/**
 * The cluster must be idle, and its outbound type must be changeable. A plan without a change needs only the first
 * condition: during or after an incomplete operation, ARM may show values that are not in effect.
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
  ]
}

export const SUBNET_UNREADABLE = rule<{ subnets: string[] }>('SUBNET_UNREADABLE', {
  severity: 'blocker',
  message: (f) =>
    `This change cannot be assessed because these subnets, which determine the egress path, could not be read: ${listed(f.subnets)}.`,
  remedy: 'Assign the Reader role on the virtual network to the planning identity, then create a new plan.',
  source: documented('nat-overview', 'this service'),
})

export const READ_INCOMPLETE = rule<{ unread: string[] }>('READ_INCOMPLETE', {
  severity: 'warning',
  message: (f) => `The plan does not consider ${listed(f.unread)}, which could not be read.`,
  remedy:
    'Assign the Reader role on these resources to the planning identity, then create a new plan. Findings that need them are missing in this plan.',
  source: documented('this service'),
})

/** Reports resources that could not be read instead of treating them as absent. */
export const checkCoverage: Check = ({ snapshot, isNoChange }) => {
  const unread = snapshot.unread.map(({ what }) => what)
  const subnets = isNoChange ? [] : unseenSubnetIds(snapshot.cluster, snapshot.subnets)
  return [...SUBNET_UNREADABLE.ifAny({ subnets }), ...READ_INCOMPLETE.ifAny({ unread })]
}
