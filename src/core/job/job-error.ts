import type { JobError, JobErrorCode } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { Step, StepKey } from '../../contract/steps.ts'
import { asSentence } from '../lib/text.ts'
import { lossTexts } from '../probe/losses.ts'
import type { ArmErrorDetail } from './events.ts'
import { trafficMovingSteps } from './rollback-steps.ts'

/** The cause of an error code of ARM or AKS, and its remedy. */
interface ArmCause {
  cause: string
  remedy: string
}

const NODES_WITHOUT_EGRESS: ArmCause = {
  cause: 'New nodes may be unable to reach the endpoints that AKS requires.',
  remedy:
    'Check the default route, the NAT gateway and the firewall rules of the node subnets, then create a plan for the same target.',
}

const CONCURRENT_OPERATION: ArmCause = {
  cause: 'Another operation changed the cluster at the same time.',
  remedy: 'Wait until no operation runs on the cluster, then create a new plan.',
}

/** Known codes, as observed in public issues. */
const CAUSES: Record<string, ArmCause> = {
  InvalidUserDefinedRoutingWithLoadBalancerProfile: {
    cause: 'The cluster still has a profile of another outbound type.',
    remedy: 'Report a bug to the maintainers of this service, with the ID of the plan.',
  },
  ManagedNATGatewayWithCustomVNetNotAllowed: {
    cause: 'AKS creates a managed NAT gateway only in an AKS-managed virtual network.',
    remedy: 'Create a plan for `userAssignedNATGateway` with a customer-managed NAT gateway.',
  },
  RouteTableInvalidNextHop: {
    cause: 'The next hop of the default route of the node subnets is not an appliance.',
    remedy: 'Fix the next hop of the route 0.0.0.0/0, then create a new plan.',
  },
  InvalidNetworkIsolatedClusterConfiguration: {
    cause: 'The outbound type is not compatible with the artifact source of the cluster.',
    remedy: 'Change the artifact source of the cluster, then create a new plan.',
  },
  BootstrapArtifactSourceNotAllowed: {
    cause:
      'AKS does not allow the artifact source of the cluster, for example because the cluster uses a service principal.',
    remedy:
      'Migrate the cluster to a managed identity, or change the artifact source of the cluster. Then create a new plan.',
  },
  EtagMismatch: CONCURRENT_OPERATION,
  OperationNotAllowed: {
    cause:
      'Azure does not allow the operation now, for example because another operation runs on the cluster, or because a quota is exceeded.',
    remedy:
      'Read the reason in the error message from Azure. Wait until no operation runs on the cluster, or remove the other cause. Then create a new plan.',
  },
  AKSOperationPreempted: CONCURRENT_OPERATION,
  AKSOperationPreemptedByDelete: {
    cause: 'The cluster is being deleted.',
    remedy: 'Do not retry: the plan cannot be executed on a deleted cluster.',
  },
  PublicIPAddressCannotBeDeleted: {
    cause: 'A public IP address that AKS deletes is still in use, for example after a manual change.',
    remedy:
      'Read the name of the public IP address in the error message from Azure, detach the address, and create a plan for the same target.',
  },
  InvalidResourceReference: {
    cause:
      'A resource that the change refers to does not exist, for example because it was deleted manually.',
    remedy:
      'Read the name of the resource in the error message from Azure. Create the resource again, or remove the reference to it. Then create a plan for the same target.',
  },
  LoadBalancerProfileOutboundIPNotExist: {
    cause: 'An outbound address in the load balancer profile does not exist, or AKS cannot read it.',
    remedy: 'Create a plan whose target specifies existing addresses that AKS can read.',
  },
  VMExtensionProvisioningError: NODES_WITHOUT_EGRESS,
  CreateVMSSAgentPoolFailed: NODES_WITHOUT_EGRESS,
  LinkedAuthorizationFailed: {
    cause:
      'The identity has permission to change the cluster, but no permission on a resource that the change refers to.',
    remedy:
      'Grant the identity permission on the resource that the error from Azure names, then create a new plan.',
  },
  ResourceGroupNotFound: {
    cause: 'A resource group in which the job creates resources does not exist.',
    remedy: 'Create the resource group, then create a new plan.',
  },
  ScopeLocked: {
    cause: 'A management lock blocks the change.',
    remedy: 'Ask the owner of the lock to remove the lock, then create a new plan.',
  },
  RequestDisallowedByPolicy: {
    cause: 'An Azure Policy assignment denies the change.',
    remedy: 'Request an exemption from the policy that the error from Azure names, then create a new plan.',
  },
  PublicIPCountLimitReached: {
    cause: 'The subscription has reached its quota of public IP addresses in this region.',
    remedy: 'Delete unused public IP addresses or request a higher quota, then create a new plan.',
  },
}

/** The error of a job whose rollback succeeded: the cluster is Succeeded again, so it requires no reconcile. */
export function revertedError(error: JobError): JobError {
  const isOfResult = error.remedy.includes(RESULT_REFUSED.remedy)
  const { remedy } = isOfResult ? RESULT_REFUSED : TEXTS[error.code]
  if (!remedy.includes(BACK_TO_SUCCEEDED)) return error
  return {
    ...error,
    message: error.message.replace(INTERMEDIATE, '').replace(FORMER_INTERMEDIATE, ''),
    remedy: error.remedy.replace(remedy, () => REVERTED),
  }
}

const INTERMEDIATE = ' The resource that the step changes may be in an intermediate state.'
/** The sentence of jobs of earlier versions. */
const FORMER_INTERMEDIATE = ' The cluster may be in an intermediate state.'
const REVERTED =
  'Fix the cause of the error, then create a new plan for the same target. The job restored the former egress. Afterward, the provisioning state of the cluster was Succeeded, so no reconcile plan is required to repair the cluster.'

/** Earlier versions recorded these sentences with an error even if the job had added no entry. */
const RECORDED_CLAIMS =
  / The authorized IP ranges still contain (all former entries and )?the entries that the job added\./

/** A recorded error without claims about authorized IP ranges that the job may not have changed. */
export function withoutClaims(error: JobError): JobError {
  return { ...error, remedy: error.remedy.replace(RECORDED_CLAIMS, '') }
}

/** The error of a job that has added authorized IP ranges: its remedy names the steps, because no failure removes their entries. */
export function withAddedRanges(error: JobError, steps: Step[]): JobError {
  const titles = steps.filter(addsRanges).map(({ title }) => `“${title}”`)
  if (titles.length === 0) return error
  const entries = `The authorized IP ranges still contain the entries that the job added in ${titles.length === 1 ? 'the step' : 'the steps'} ${titles.join(' and ')}.`
  return { ...error, remedy: `${error.remedy} ${entries}` }
}

function addsRanges({ does }: Step): boolean {
  return does.kind === 'updateCluster' && does.changes.some(({ op }) => op.startsWith('union'))
}

/** What is known about a code; null for codes that only ARM's message explains. */
export function armCause(code: string): ArmCause | null {
  return Object.hasOwn(CAUSES, code) ? (CAUSES[code] ?? null) : null
}

const RECONCILE_ADDS =
  ' The job that executes the reconcile plan adds missing egress addresses to the authorized IP ranges.'
const UPDATE_ADDS_NONE = ', which does not add addresses to the ranges'

/** A remedy without its texts about authorized IP ranges, for a cluster that has none. */
export function withoutRanges(remedy: string): string {
  return [RECONCILE_ADDS, UPDATE_ADDS_NONE].reduce((text, part) => text.replace(part, ''), remedy)
}

/**
 * Every other plan for a cluster that is not Succeeded is blocked. The view of the job replaces `{jobId}`, `<resource group>`, and
 * `<cluster>`.
 */
export const BACK_TO_SUCCEEDED = `If the cluster is Failed or Canceled, no plan except a reconcile plan can be executed. In this case, create a reconcile plan of this job with \`POST /v1/jobs/{jobId}/reconcile-plan\`, and execute it. AKS then applies the current settings of the cluster again. If a change of the outbound type was interrupted, AKS also completes this change. The reconcile plan lists the settings that AKS would apply.${RECONCILE_ADDS} Alternatively, run \`az aks update -g <resource group> -n <cluster> --yes\`${UPDATE_ADDS_NONE}.`

/** The remedy if Azure may still complete an operation of the job. */
export const CHECK_OPERATION =
  'Check the provisioning state of the cluster first, because Azure may have continued an operation of this job. When no operation is running, create a new plan.'

/** The message and remedy of each job error. */
const TEXTS: Record<JobErrorCode, { message: string; remedy: string }> = {
  PLAN_STALE: {
    message: 'The cluster or its network has changed since the plan was created.',
    remedy: 'Create a new plan, review its effects, and execute the new plan.',
  },
  ARM_REFUSED: {
    message: 'Azure rejected the change.',
    remedy: 'Read the error message from Azure, fix the cause, and create a new plan.',
  },
  ARM_OPERATION_FAILED: {
    message: `Azure accepted the request but did not complete the change.${INTERMEDIATE}`,
    remedy: `Fix the cause of the error from Azure, and check the provisioning state of the cluster. ${BACK_TO_SUCCEEDED} When the cluster is Succeeded, create a new plan for the same target, and execute it.`,
  },
  ARM_ACCESS_DENIED: {
    message: 'The identity of this service lacks a permission in Azure that the job requires.',
    remedy: 'Grant the identity the permission that the error from Azure names, and create a new plan.',
  },
  CLUSTER_GONE: {
    message: 'The cluster no longer exists.',
    remedy:
      'Check whether the cluster was deleted intentionally. The plan cannot be executed without the cluster.',
  },
  TARGET_NOT_REACHED: {
    message: 'Azure reported success, but the cluster does not show the target state.',
    remedy:
      'Check the cluster: another operation may have overwritten the change. Create a new plan for the same target.',
  },
  CLUSTER_BUSY: {
    message: 'Another operation on the cluster did not end within the time limit.',
    remedy: 'Wait until no operation runs on the cluster, then create a new plan.',
  },
  ARM_UNAVAILABLE: {
    message:
      'Azure was unreachable, throttled the requests, or returned only errors until the time limit for retries.',
    remedy: CHECK_OPERATION,
  },
  NODES_LOST_ENDPOINTS: lossTexts([{ kind: 'endpoint' }]),
  NODES_NOT_MEASURED: {
    message:
      'Nodes could not be measured before the cutover, so the job could not detect which endpoints nodes lose in the cutover. No traffic has moved.',
    remedy:
      'Check whether the virtual machine agent of the instance is running and whether the node reaches Azure on port 443, then create a new plan. To change the cluster without measurements, create the plan without `verifyFromNodes`.',
  },
  OPERATION_TIMED_OUT: {
    message: 'The Azure operation did not end within its time limit, so the job no longer waits for it.',
    remedy:
      'Wait until no operation runs on the cluster, because the operation may still complete. Then create a new plan for the same target.',
  },
  OPERATION_ABORTED: {
    message:
      'Azure aborted the operation on request. Changes that the operation had already made are not reverted.',
    remedy: `Check the provisioning state of the cluster, which may be in an intermediate state. ${BACK_TO_SUCCEEDED} When the cluster is Succeeded, create a new plan for the same target, or for the former outbound type if AKS supports the change back.`,
  },
  NOT_STARTED_IN_TIME: {
    message: 'The job could not start before the time in `giveUpAt`. Nothing was changed.',
    remedy: 'Create a new plan, and give the job a later `giveUpAt` or a wider window.',
  },
  ENDED_BY_OPERATOR: {
    message: 'An operator ended the job to unlock its cluster. Nothing was reverted.',
    remedy:
      'Check the cluster, because Azure completes an operation that it has already accepted. Then create a new plan.',
  },
  INTERNAL: {
    message: 'An internal error of this service ended the job.',
    remedy: 'Check the cluster and the log of the service, then create a new plan.',
  },
}

/** The texts of ARM_REFUSED after Azure has accepted the change, and rejected only the request for its result. */
export const RESULT_REFUSED = {
  message: `Azure accepted the change, or may have accepted it, but rejected the request for its result.${INTERMEDIATE}`,
  remedy: `Read the error message from Azure, and fix the cause. Check the provisioning state of the cluster, because the change may have continued. ${BACK_TO_SUCCEEDED} Then create a new plan for the same target.`,
}

/**
 * How nodes get their former egress path back after they have lost endpoints. Empty if no plan of the job can restore it. A
 * rollback plan changes the outbound type, or attaches a replaced NAT gateway again: what the job attached to the subnets
 * otherwise overrides the outbound type.
 */
export function restoringRemedy(plan: Pick<Plan, 'steps' | 'cutOver' | 'rollback'>): string {
  const moving = trafficMovingSteps(plan)
  const hasTypeChange = moving.some(({ key }) => key === 'change-outbound-type')
  const isReplacedAgain = plan.rollback.prepare !== undefined
  const hasRollback = (hasTypeChange || isReplacedAgain) && plan.rollback.target !== null
  const hasAttachments = !isReplacedAgain && moving.some(({ does }) => does.kind === 'putResource')
  if (!hasRollback && (hasTypeChange || !hasAttachments)) return ''
  const rollback = 'execute a rollback plan (`POST /v1/jobs/{jobId}/rollback-plan`)'
  const cleanup = 'execute a cleanup plan of this job (`POST /v1/jobs/{jobId}/clean-up-plan`)'
  const lead = 'If the job has not reverted the change, restore the former egress path of the nodes:'
  const reason =
    'Until the cleanup, the NAT gateways, route tables, and routes that the job attached override the outbound type.'
  const order = [...(hasRollback ? [rollback] : []), ...(hasAttachments ? [cleanup] : [])].join(', then ')
  return `${lead} ${order}.${hasAttachments && hasRollback ? ` ${reason}` : ''} Then measure again.`
}

/**
 * The error of a job: its message, ARM's error if there is one, and the cause of a known code. The remedy of the known
 * cause precedes or replaces the general remedy.
 */
export function jobError(
  code: JobErrorCode,
  step: StepKey | null,
  reason: {
    detail?: string
    /** Replaces the general message and remedy of the code. */
    texts?: { message: string; remedy: string }
    /** The end of the remedy. */
    remedy?: string
    arm?: (ArmErrorDetail & { requestId: string | null }) | null
  } = {},
): JobError {
  const { message, remedy } = reason.texts ?? TEXTS[code]
  const arm = reason.arm ?? null
  const detail = reason.detail ?? (arm === null ? null : `Azure error: ${arm.code}: ${arm.message}`)
  const known = arm === null ? null : armCause(arm.code)
  // The message from Azure often ends without a period.
  const cited = detail === null || known === null ? detail : asSentence(detail)
  const sentences = [message, cited, known?.cause].filter((item) => item !== null && item !== undefined)
  const remedies =
    known === null ? [remedy] : remedy.includes(BACK_TO_SUCCEEDED) ? [known.remedy, remedy] : [known.remedy]
  if (reason.remedy) remedies.push(reason.remedy)
  return { code, message: sentences.join(' '), step, arm, remedy: remedies.join(' ') }
}
