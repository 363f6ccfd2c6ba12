import type { JobError, JobErrorCode } from '../../contract/job.ts'
import type { StepKey } from '../../contract/steps.ts'
import type { ArmErrorDetail } from './events.ts'

/** What lies behind an error code of ARM or AKS, and what to do about it. */
interface ArmCause {
  cause: string
  remedy: string
}

const NODES_WITHOUT_EGRESS: ArmCause = {
  cause: 'New nodes did not reach the endpoints that AKS needs.',
  remedy:
    'Look at the route, the NAT gateway and the firewall rules of the node subnets, then make a plan to the same target.',
}

const DIRTY_BALANCER: ArmCause = {
  cause:
    'An address or load balancer in the node resource group was made or altered by hand, or is still used.',
  remedy: 'Find what uses the resource that Azure names and free it, then make a plan to the same target.',
}

const SOMEBODY_ELSE: ArmCause = {
  cause: 'Another operation on the cluster came in between.',
  remedy: 'Wait until the cluster is at rest, then make a new plan.',
}

const ISOLATION: ArmCause = {
  cause: 'The outbound type and the artifact source of the cluster do not go together.',
  remedy: 'Change the artifact source of the cluster first, then make a new plan.',
}

/** Known codes, as met in public issues. */
const CAUSES: Record<string, ArmCause> = {
  InvalidUserDefinedRoutingWithLoadBalancerProfile: {
    cause: 'The cluster still has a profile of another outbound type.',
    remedy: 'Report this as a fault of the planner, with the id of the plan.',
  },
  ManagedNATGatewayWithCustomVNetNotAllowed: {
    cause: 'AKS makes no NAT gateway in a virtual network that is not its own.',
    remedy: 'Plan for userAssignedNATGateway with a gateway of your own.',
  },
  RouteTableInvalidNextHop: {
    cause: 'The default route of the node subnets does not lead to an appliance.',
    remedy: 'Mend the next hop of the route 0.0.0.0/0, then make a new plan.',
  },
  InvalidNetworkIsolatedClusterConfiguration: ISOLATION,
  BootstrapArtifactSourceNotAllowed: ISOLATION,
  EtagMismatch: SOMEBODY_ELSE,
  OperationNotAllowed: SOMEBODY_ELSE,
  AKSOperationPreempted: SOMEBODY_ELSE,
  AKSOperationPreemptedByDelete: {
    cause: 'The cluster is being deleted.',
    remedy: 'Nothing can be done here.',
  },
  PublicIPAddressCannotBeDeleted: DIRTY_BALANCER,
  InvalidResourceReference: DIRTY_BALANCER,
  LoadBalancerProfileOutboundIPNotExist: DIRTY_BALANCER,
  VMExtensionProvisioningError: NODES_WITHOUT_EGRESS,
  CreateVMSSAgentPoolFailed: NODES_WITHOUT_EGRESS,
  LinkedAuthorizationFailed: {
    cause: 'The identity may change the cluster, but not a resource that the change refers to.',
    remedy: 'Grant it the right on the resource that Azure names, then make a new plan.',
  },
  ScopeLocked: {
    cause: 'A management lock forbids the change.',
    remedy: 'Have the lock lifted by whoever set it, then make a new plan.',
  },
  RequestDisallowedByPolicy: {
    cause: 'An Azure Policy forbids the change.',
    remedy: 'Ask for an exemption from the policy that Azure names, then make a new plan.',
  },
  PublicIPCountLimitReached: {
    cause: 'The subscription has no public addresses left in this region.',
    remedy: 'Free addresses or have the quota raised, then make a new plan.',
  },
}

/** What is known about a code; null for codes of which only ARM's own words tell. */
export function armCause(code: string): ArmCause | null {
  return Object.hasOwn(CAUSES, code) ? (CAUSES[code] ?? null) : null
}

/** Every plan for a cluster that is not Succeeded is blocked, so that a new plan alone is no remedy. */
const BACK_TO_SUCCEEDED =
  'As long as it is Failed or Canceled every plan is blocked: bring it back to Succeeded first, with `az aks update -g <resource group> -n <cluster>` and no other argument (or `az resource update --ids <cluster id>`), which has AKS reconcile what the cluster shows.'

/** What each end in failure means, and what to do next. */
const TEXTS: Record<JobErrorCode, { message: string; remedy: string }> = {
  PLAN_STALE: {
    message: 'The cluster is no longer as the plan saw it.',
    remedy: 'Make a new plan and look at what has changed.',
  },
  ARM_REFUSED: {
    message: 'Azure refused the change.',
    remedy: 'Read what Azure says, mend the cause, and make a new plan.',
  },
  ARM_OPERATION_FAILED: {
    message: 'Azure accepted the change and could not finish it. The cluster may be between two states.',
    remedy: `Both the former and the new authorized ranges are still in place, as far as the job had come to them. Look at the cluster and mend the cause. ${BACK_TO_SUCCEEDED} Then make a plan to the same target: that repeats the goal state.`,
  },
  ARM_ACCESS_DENIED: {
    message: 'The identity of this service may not do this.',
    remedy: 'Grant it the right that Azure names, and make a new plan.',
  },
  CLUSTER_GONE: { message: 'The cluster does not exist any more.', remedy: 'Nothing can be done here.' },
  TARGET_NOT_REACHED: {
    message: 'Azure reported success, but the cluster does not show the target state.',
    remedy:
      'Look at the cluster: another operation may have taken its place. Make a new plan to the same target.',
  },
  CLUSTER_BUSY: {
    message: 'Another operation on the cluster did not end in time.',
    remedy: 'Wait until the cluster is at rest, and make a new plan.',
  },
  ARM_UNAVAILABLE: {
    message: 'Azure could not be reached, or answered with errors only, for too long.',
    remedy:
      'Look at the cluster before anything else: what was under way may have gone on. Then make a new plan.',
  },
  OPERATION_TIMED_OUT: {
    message: 'The operation did not end within its limit and is no longer watched.',
    remedy: 'It may still end. Look at the cluster, then make a new plan to the same target.',
  },
  OPERATION_ABORTED: {
    message: 'Azure aborted the operation, as was asked. What it had done by then is not undone.',
    remedy: `Look at the cluster: it may be between two states. ${BACK_TO_SUCCEEDED} Then a plan to the same target repeats the goal state, and one to the former type goes back where the matrix allows it.`,
  },
  NOT_STARTED_IN_TIME: {
    message: 'The job could not begin before the time that was set for it. Nothing was changed.',
    remedy: 'Make a new plan, and give the job more time or a wider window.',
  },
  INTERNAL: {
    message: 'A fault of this service ended the job.',
    remedy: 'Look at the cluster and at the log of the service; then make a new plan.',
  },
}

/**
 * The error of a job: what it means, ARM's words where ARM spoke, and the cause behind a known code, whose
 * remedy goes before the general one.
 */
export function jobError(
  code: JobErrorCode,
  step: StepKey | null,
  reason: { detail?: string; arm?: (ArmErrorDetail & { requestId: string | null }) | null } = {},
): JobError {
  const { message, remedy } = TEXTS[code]
  const arm = reason.arm ?? null
  const detail = reason.detail ?? (arm === null ? null : `${arm.code}: ${arm.message}`)
  const known = arm === null ? null : armCause(arm.code)
  const sentences = [message, detail, known?.cause].filter((item) => item !== null && item !== undefined)
  const remedies =
    known === null ? [remedy] : code === 'ARM_OPERATION_FAILED' ? [known.remedy, remedy] : [known.remedy]
  return { code, message: sentences.join(' '), step, arm, remedy: remedies.join(' ') }
}
