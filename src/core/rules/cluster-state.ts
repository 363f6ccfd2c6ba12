import type { TypeKey } from '../../contract/outbound-type.ts'
import { lastSegment, parseResourceId } from '../arm/resource-id.ts'
import { resourceTypeNoun } from '../arm/resource-type-names.ts'
import { equalsArm, isInProgress } from '../arm/words.ts'
import { agree, listed, named, pluralOf, these } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { hasManagedSystemPool } from '../snapshot/agent-pools.ts'
import { hasServiceLoadBalancer } from '../snapshot/network-profile.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import { type Check, rule } from './rule.ts'

export const CLUSTER_NOT_SUCCEEDED = rule<{ provisioningState: string }>('CLUSTER_NOT_SUCCEEDED', {
  severity: 'blocker',
  message: (f) =>
    `The provisioning state of the cluster is \`${f.provisioningState}\`, but this plan requires the state \`Succeeded\`.`,
  remedy: (f) =>
    isInProgress(f.provisioningState)
      ? 'Wait until the current operation ends, then create a new plan.'
      : 'Reconcile the cluster with this service or with the Azure CLI. With this service: create a reconcile plan for the last job of the cluster (`POST /v1/jobs/{jobId}/reconcile-plan`), and execute the reconcile plan. With the Azure CLI: run `az aks update -g <resource group> -n <cluster> --yes`. This command completes an interrupted change of the outbound type, but adds no authorized IP ranges. If such a change was interrupted and the cluster has authorized IP ranges, add the new egress addresses before you run the command, so that nodes keep access to the API server. Fix every error that the reconcile reports. Create a new plan when the provisioning state is `Succeeded`.',
  source: documented({ text: 'AKS error code page' }, 'async-operations', {
    text: 'inferred for Failed and Canceled',
  }),
})

export const CLUSTER_STOPPED = rule<{ powerState: string }>('CLUSTER_STOPPED', {
  severity: 'blocker',
  message: (f) =>
    `The cluster is ${f.powerState.toLowerCase()}, and AKS accepts only start and delete operations for a stopped cluster.`,
  remedy: 'Start the cluster, which may change the address of the API server. Then create a new plan.',
  source: documented('start-stop-cluster'),
})

export const LB_SKU_BASIC = rule('LB_SKU_BASIC', {
  severity: 'blocker',
  message:
    'The cluster has a Basic load balancer, but a change of the outbound type requires a Standard load balancer.',
  remedy:
    'Migrate the load balancer from Basic to Standard first, which causes separate downtime and is irreversible.',
  source: documented('egress-outboundtype', 'upgrade-basic-load-balancer-on-aks'),
})

export const LB_SKU_SERVICE = rule('LB_SKU_SERVICE', {
  severity: 'blocker',
  message:
    'The cluster requires an outbound type with a StandardV2 NAT gateway, because its load balancer has the SKU `service`, which carries no egress.',
  remedy:
    'Choose an outbound type with a StandardV2 NAT gateway, such as `managedNATGatewayV2`. To use another outbound type, ask Azure support whether the load balancer SKU `service` allows this type.',
  source: inferred('azure-rest-api-specs pull request 43720'),
})

export const SKU_AUTOMATIC = rule<{ hasManagedSystemPool: boolean }>('SKU_AUTOMATIC', {
  severity: 'blocker',
  message: 'The outbound type of an AKS Automatic cluster is set at creation and cannot change.',
  remedy: (f) =>
    f.hasManagedSystemPool
      ? 'Migrate the cluster to AKS Standard first: add a node pool of mode `System`, then run `az aks update -g <resource group> -n <cluster> --sku base`. Then create a new plan. After the migration, you manage the system node pool yourself.'
      : 'Create a new cluster with the required outbound type. Migrating this cluster to AKS Standard first (`az aks update --sku base`) is not an option: AKS documents this migration only for clusters with a managed system node pool, which this cluster does not have.',
  source: inferred('intro-aks-automatic', 'node-auto-provisioning', 'aks-automatic-sku-migration'),
})

export const NAP_ENABLED = rule('NAP_ENABLED', {
  severity: 'blocker',
  message: 'AKS does not allow a change of the outbound type while the cluster uses node auto-provisioning.',
  remedy:
    'Set `spec.limits.cpu` of every Karpenter `NodePool` to `0`, and move workloads away from the nodes that node auto-provisioning created. When none of these nodes are left, disable node auto-provisioning with `az aks update --node-provisioning-mode Manual`, and create a new plan. To keep node auto-provisioning, create a new cluster with the required outbound type.',
  source: documented('node-auto-provisioning', 'use-node-auto-provisioning', 'AKS release notes 2025-04-27'),
})

/**
 * The cluster must be idle, and its outbound type must be changeable. A plan without a change needs only the first
 * condition: during or after an incomplete operation, ARM may show values that are not in effect.
 */
export const checkClusterState: Check = (context) => {
  const { snapshot, isInEffect, isNoChange, from, to, request } = context
  const { cluster } = snapshot
  const { provisioningState, powerState } = cluster
  // A reconcile repairs a failed cluster.
  const state = CLUSTER_NOT_SUCCEEDED.when(
    !equalsArm(provisioningState, 'Succeeded') && request.reconcile !== true,
    { provisioningState },
  )
  if (isNoChange) return state
  const stopped = CLUSTER_STOPPED.when(!equalsArm(powerState, 'Running'), { powerState })
  if (isInEffect) return [...state, ...stopped]
  const isAutomatic = equalsArm(cluster.skuName, 'Automatic')
  const hasNodeProvisioning = equalsArm(cluster.nodeProvisioningMode, 'Auto')
  return [
    ...state,
    ...stopped,
    ...LB_SKU_BASIC.when(equalsArm(cluster.loadBalancerSku, 'basic'), {}),
    ...LB_SKU_SERVICE.when(hasServiceLoadBalancer(cluster) && isLeavingStandardV2(from, to), {}),
    ...SKU_AUTOMATIC.when(isAutomatic, { hasManagedSystemPool: hasManagedSystemPool(cluster) }),
    ...NAP_ENABLED.when(hasNodeProvisioning && !isAutomatic, {}),
  ]
}

/** A customer-provided gateway may be StandardV2, as a load balancer of SKU `service` requires. */
const STANDARD_V2_TYPES: TypeKey[] = ['managedNATGatewayV2', 'userAssignedNATGateway']
const NAT_GATEWAY_TYPES: TypeKey[] = ['managedNATGateway', ...STANDARD_V2_TYPES]

function isLeavingStandardV2(from: TypeKey | null, to: TypeKey): boolean {
  return from !== null && from !== to && NAT_GATEWAY_TYPES.includes(from) && !STANDARD_V2_TYPES.includes(to)
}

export const CLUSTER_HAS_JOB = rule<{
  job: string
  isHeld: boolean
  beginsAt: string | null
  running: boolean
}>('CLUSTER_HAS_JOB', {
  severity: 'warning',
  message: (f) =>
    `This plan cannot be executed until the job ${f.job} of this cluster (${activity(f)}) ends, and becomes stale if that job changes the cluster.`,
  remedy: (f) =>
    `Wait until that job ends, or cancel that job with \`POST /v1/jobs/${f.job}/cancellation\`. Then create a new plan.`,
  source: documented('this service'),
})

function activity({
  isHeld,
  beginsAt,
  running,
}: {
  isHeld: boolean
  beginsAt: string | null
  running: boolean
}) {
  if (isHeld) return 'held before its cutover'
  if (running) return 'running'
  return beginsAt === null ? 'about to start' : `scheduled for ${beginsAt}`
}

/** Another job of this service may change the cluster before this plan can be executed. */
export const checkActiveJob: Check = ({ snapshot: { activeJob } }) => {
  if (activeJob === undefined || activeJob === null) return []
  const { id, status, beginsAt, isHeld } = activeJob
  return CLUSTER_HAS_JOB.when(true, { job: id, isHeld, beginsAt, running: status === 'Running' })
}

export const SUBNET_UNREADABLE = rule<{ subnets: string[] }>('SUBNET_UNREADABLE', {
  severity: 'blocker',
  message: (f) =>
    `This change cannot be assessed, because this service could not read ${named('subnet', f.subnets)}, which determine${agree(f.subnets, 's', '')} the egress path.`,
  remedy: (f) =>
    `Make sure that ${these('subnet', f.subnets)} ${agree(f.subnets, 'exists', 'exist')} and that the identity of this service can read ${agree(f.subnets, 'it', 'them')}, for example with the Reader role on the virtual network. Then create a new plan.`,
  source: documented('nat-overview', 'this service'),
})

export const READ_INCOMPLETE = rule<{ unread: string[]; failed: string[] }>('READ_INCOMPLETE', {
  severity: 'warning',
  message: (f) =>
    `This plan lacks findings, because this service could not read ${listed(f.unread.map(unreadLabel))}.`,
  remedy: (f) => {
    const open = f.unread.filter((what) => !f.failed.includes(what))
    if (open.length === 0) return 'Create a new plan: the reads failed, and the cause may be temporary.'
    const resources = open.filter((what) => parseResourceId(what) !== null)
    const scopes = [
      ...(resources.length === 0 ? [] : [resourceNames(resources)]),
      ...new Set(open.filter((what) => !resources.includes(what)).map(scopeOf)),
    ]
    const exists = `Make sure that ${resourceNames(resources)} ${agree(resources, 'exists', 'exist')}. `
    return `${resources.length === 0 ? '' : exists}Assign the Reader role on ${listed(scopes)} to the identity of this service, and create a new plan.`
  },
  source: documented('this service'),
})

/** A list of a subscription, as a snapshot names it. */
const SUBSCRIPTION_LIST = /^(.+) of subscription (.+)$/

function unreadLabel(what: string): string {
  const type = parseResourceId(what)?.type
  if (type !== undefined) return `the ${resourceTypeNoun(type)} \`${what}\``
  const [, kind, subscription] = SUBSCRIPTION_LIST.exec(what) ?? []
  return kind === undefined
    ? 'the node pools of the cluster'
    : `the ${pluralOf(resourceTypeNoun(kind))} of the subscription \`${subscription}\``
}

/** The names of one or two resources; the message names more of them by their IDs. */
function resourceNames(ids: string[]): string {
  const names = ids.map(
    (id) => `the ${resourceTypeNoun(parseResourceId(id)?.type ?? '')} \`${lastSegment(id)}\``,
  )
  return names.length > 2 ? these('resource', ids) : listed(names)
}

function scopeOf(what: string): string {
  const [, , subscription] = SUBSCRIPTION_LIST.exec(what) ?? []
  return subscription === undefined ? 'the cluster' : `the subscription \`${subscription}\``
}

/** Reports resources that could not be read instead of treating them as absent. */
export const checkCoverage: Check = ({ snapshot, isInEffect }) => {
  const unread = snapshot.unread.map(({ what }) => what)
  const failed = snapshot.unread.flatMap(({ what, reason }) => (reason === 'failed' ? [what] : []))
  const subnets = isInEffect ? [] : unseenSubnetIds(snapshot.cluster, snapshot.subnets)
  return [...SUBNET_UNREADABLE.ifAny({ subnets }), ...READ_INCOMPLETE.ifAny({ unread, failed })]
}
