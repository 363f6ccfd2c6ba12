import { entry, listed } from './entry.ts'

/** The cluster's own state, whatever the target. Source: rulebook 2. */
export const CLUSTER_FINDINGS = {
  CLUSTER_NOT_SUCCEEDED: entry<{ provisioningState: string }>({
    severity: 'blocker',
    message: (f) => `The cluster's provisioning state is ${f.provisioningState}, not Succeeded.`,
    remedy: (f) =>
      f.provisioningState === 'Failed'
        ? 'Reconcile the cluster by an update that changes nothing (az aks update -g <group> -n <name>), mend what it names if it fails, and plan again when it is Succeeded.'
        : 'Wait for the end of the present operation, and plan again.',
    confidence: 'documented',
    source: 'AKS error code page (SA); inferred for Failed',
  }),
  CLUSTER_STOPPED: entry<{ powerState: string }>({
    severity: 'blocker',
    message: (f) =>
      `The cluster is ${f.powerState.toLowerCase()}; a stopped cluster takes only start or delete.`,
    remedy: () => 'Start the cluster, then plan again; its API server address may have changed.',
    confidence: 'documented',
    source: 'start-stop-cluster (SS)',
  }),
  POOL_NOT_SUCCEEDED: entry<{ pools: { name: string; provisioningState: string }[] }>({
    severity: 'blocker',
    message: (f) =>
      `Agent pools are not ready: ${listed(f.pools.map((pool) => `${pool.name} is ${pool.provisioningState}`))}.`,
    remedy: () => 'Mend the pools first: a change of egress reconciles every pool and fails with them.',
    confidence: 'inferred',
    source: 'Azure/AKS issue 5634',
  }),
  LB_SKU_BASIC: entry({
    severity: 'blocker',
    message: () => 'The cluster has a Basic load balancer; outbound types need Standard.',
    remedy: () =>
      'Migrate the load balancer from Basic to Standard first: a downtime of its own, and not to be undone.',
    confidence: 'documented',
    source: 'EO; upgrade-basic-load-balancer-on-aks (BLB)',
  }),
  POOL_TYPE_NOT_VMSS: entry<{ pools: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `Agent pools are availability sets: ${listed(f.pools)}. Outbound types need virtual machine scale sets.`,
    remedy: () => 'Replace these pools; availability sets are past their retirement.',
    confidence: 'documented',
    source: 'EO; BLB',
  }),
  POOL_TYPE_VIRTUALMACHINES: entry<{ pools: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Agent pools of type VirtualMachines: ${listed(f.pools)}. The documentation names only scale sets for this change.`,
    remedy: () => 'Try the change on a cluster with such a pool first.',
    confidence: 'documented',
    source: 'EO; configure-static-egress-gateway (SEG)',
  }),
  NAP_ENABLED: entry({
    severity: 'blocker',
    message: () =>
      'Node auto-provisioning is on; the outbound type of such a cluster cannot be changed after creation.',
    remedy: () => 'No way is documented; a new cluster with the wanted outbound type is needed.',
    confidence: 'documented',
    source: 'node-auto-provisioning (NAP)',
  }),
  SKU_AUTOMATIC: entry({
    severity: 'blocker',
    message: () => 'The cluster is AKS Automatic, whose egress is set at creation and cannot be changed.',
    remedy: () => 'Create a new cluster with the wanted outbound type.',
    confidence: 'inferred',
    source: 'intro-aks-automatic (AUTO); NAP',
  }),
  KUBENET_RETIRING: entry({
    severity: 'info',
    message: () => 'The cluster uses kubenet, whose support ends on 2028-03-31.',
    remedy: () =>
      'Consider moving to Azure CNI Overlay first; that does away with the route table of the pods, too.',
    confidence: 'documented',
    source: 'configure-kubenet (KN)',
  }),
  NODE_IMAGE_UPGRADE_NEEDED: entry<{ isPlanned: boolean }>({
    severity: 'warning',
    message: () => 'After the change every node pool needs a node image upgrade; AKS does not start it.',
    remedy: (f) =>
      f.isPlanned
        ? 'This plan does it at its end; see that disruption budgets let nodes drain and that the quota has room for the surge.'
        : 'Plan a rolling upgrade of each pool afterwards (drain, disruption budgets, surge quota), or ask for upgradeNodeImages.',
    confidence: 'documented',
    source: 'node-disruption-policy (NDP); not mentioned in EO',
  }),
  DOWNTIME: entry<{ movesPackets: boolean }>({
    severity: 'warning',
    message: (f) =>
      f.movesPackets
        ? 'The change interrupts connectivity: open connections are dropped while egress moves.'
        : 'AKS announces an interruption of connectivity with every change of the outbound type. Packets keep their path here, so there may be none, but no page says so.',
    remedy: () => 'Do it in a maintenance window; no duration is documented.',
    confidence: 'documented',
    source: 'EO',
  }),
  SUBNET_UNREADABLE: entry<{ subnets: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `These subnets could not be read: ${listed(f.subnets)}. What is attached to them decides over the egress, so nothing can be said of this change.`,
    remedy: () => 'Give the planning identity Reader rights on the virtual network and plan again.',
    confidence: 'documented',
    source: 'nat-overview (NOV); this service',
  }),
  READ_INCOMPLETE: entry<{ unread: string[] }>({
    severity: 'warning',
    message: (f) => `The plan was made without ${listed(f.unread)}, which could not be read.`,
    remedy: () =>
      'Give the planning identity Reader rights on them and plan again; findings that need them are missing here.',
    confidence: 'documented',
    source: 'this service',
  }),
}
