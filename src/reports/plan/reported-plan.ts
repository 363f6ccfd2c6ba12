import type { Approval } from '../../contract/approval.ts'
import type { AddressStage, EgressIpChange, PathChange, PathSide } from '../../contract/egress.ts'
import type { JobStatus } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { PlanStatus } from '../../contract/plan-status.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import type { Inline } from '../document/document.ts'

/**
 * A plan with its current status. While or after a job executes it, it contains the addresses that the job has found so
 * far.
 */
export type ReportedPlan = Omit<Plan, 'status'> & {
  status: PlanStatus
  stage?: AddressStage
  /** All approvals, also withdrawn ones. Absent if the plan never needed an approval. */
  approvals?: Approval[]
  /** The progress of the job of the plan. */
  execution?: { status: JobStatus; beginsAt?: string | null; isReverted?: boolean } & Pick<
    JobOutcome,
    'hasMoved' | 'confirmedBy' | 'supersededBy'
  > &
    Partial<Pick<JobOutcome, 'cleanups'>> & {
      /** Whether the job has changed the outbound type, or may have changed it. Absent if the plan keeps the type. */
      hasSwitched?: boolean
      /** Whether the job has added the discovered addresses to the authorized IP ranges. */
      hasAuthorized?: boolean
    }
}

/** The plan with the addresses that its job has found so far. */
export function withOutcome(plan: ReportedPlan, outcome: JobOutcome): ReportedPlan {
  const { job, stage, hasMoved, confirmedBy, supersededBy, cleanups } = outcome
  const { egressIps, allowLists, paths, authorizedRanges } = outcome.plan
  const isReverted = job.rollback?.status === 'Succeeded'
  const { status, beginsAt } = job
  const hasAuthorized = job.steps.some(
    (step) => step.key === 'authorize-discovered-ips' && step.status === 'Succeeded',
  )
  const change = job.steps.find(({ key }) => key === 'change-outbound-type')
  const switches =
    change === undefined ? {} : { hasSwitched: change.startedAt !== null && change.mayHaveChanged !== false }
  const moves = { isReverted, hasMoved, hasAuthorized, ...switches }
  const execution = { status, beginsAt, ...moves, confirmedBy, supersededBy, cleanups }
  return { ...plan, jobId: job.id, egressIps, allowLists, paths, authorizedRanges, stage, execution }
}

/**
 * The two outbound types by their names in the support matrix, or by the name in ARM for a type that the matrix does
 * not list.
 */
export function outboundTypesOf({ from, transition }: ReportedPlan): { from: string; to: string } {
  return { from: transition.from ?? from.outboundType, to: transition.to }
}

const NEVER_EXECUTED: readonly PlanStatus[] = ['blocked', 'discarded', 'expired', 'stale']

/**
 * Whether no job has executed the plan and no job can execute it. The result of a job stays, even if the plan has
 * expired since.
 */
export function isNeverExecuted({ status, stage }: ReportedPlan): boolean {
  return stage === undefined && NEVER_EXECUTED.includes(status)
}

/** Whether the addresses that the job left no longer describe the cluster, because of a later job. */
export function isSuperseded({ execution }: Pick<ReportedPlan, 'execution'>): boolean {
  return execution?.supersededBy != null
}

/** What a later job changed, as sentences with a leading space; empty if there is no such job. */
export function supersededText(superseding: JobOutcome['supersededBy']): Inline[] {
  if (superseding === null) return []
  const { jobId, status, isRead } = superseding
  const job: Inline = { job: jobId }
  const change: Inline[] = isRead
    ? [' After the later job ', job, ', the cluster uses other addresses or has another outbound type.']
    : [' The later job ', job, ' started a step that can move traffic.']
  const incomplete = {
    NotStarted: 'has not begun',
    Running: 'is still running',
    Failed: 'failed',
    Canceled: 'was canceled',
  }
  return status === 'Succeeded' ? change : [...change, ` That job ${incomplete[status]}.`]
}

/** Whether the execution of the plan would change anything. */
export function hasChanges({ steps, transition, status }: ReportedPlan): boolean {
  return transition.support !== 'unsupported' && status !== 'noChange' && steps.length > 0
}

/** Whether the plan sends the current settings of the cluster again. */
export function isReconcile({ steps }: Pick<Plan, 'steps'>): boolean {
  return steps.some(({ key }) => key === 'reconcile-cluster')
}

/** Whether the reconcile completes an interrupted change, even if the change moves no traffic. */
export function completesChange(plan: Pick<Plan, 'steps' | 'findings'>): boolean {
  return isReconcile(plan) && plan.findings.some(({ code }) => code === 'RECONCILE_COMPLETES_CHANGE')
}

/** Whether the plan only adds authorized IP ranges, so that nodes of the current egress get access. */
export function addsRangesOnly({
  steps,
  transition: { from, to },
}: Pick<Plan, 'steps' | 'transition'>): boolean {
  const keys = steps.map(({ key }) => key)
  const isOther = (key: string) => key === 'change-outbound-type' || key.startsWith('prepare-')
  return from === to && keys.includes('widen-authorized-ranges') && !keys.some(isOther)
}

/** The authorized IP ranges that the plan removes. Only a cleanup removes ranges. */
export function removedRanges({ steps }: Pick<Plan, 'steps'>): string[] {
  return steps.flatMap(({ does }) =>
    does.kind === 'updateCluster'
      ? does.changes.flatMap((change) => (change.op === 'subtractCidrs' ? change.cidrs : []))
      : [],
  )
}

/** Why the plan has no rollback, as the end of a sentence that begins with the rollback and `is`. */
export function noRollbackText(plan: ReportedPlan): string {
  if (!hasChanges(plan)) return 'not applicable, because the plan changes nothing.'
  if (isCleanup(plan)) return 'not applicable to a cleanup. The job steps state how to undo each step.'
  if (!isReconcile(plan))
    return 'not applicable, because the plan changes neither the outbound type nor its parameters. The job steps state how to undo each step.'
  return !completesChange(plan)
    ? 'not applicable, because the reconcile keeps the settings of the cluster.'
    : 'unknown, because Azure does not show the former settings. To change the outbound type afterward, create a new plan.'
}

/** The subject of the report in one line. */
export function reportTitle(plan: ReportedPlan): string {
  const isUnchanged = plan.status === 'noChange' && !isCleanup(plan)
  return `Egress of ${plan.cluster.name}: ${isUnchanged ? outboundTypesOf(plan).to : changeTitle(plan)}`
}

/** The change in a title. */
export function changeTitle(plan: ReportedPlan): string {
  const { from, to } = outboundTypesOf(plan)
  if (isReconcile(plan))
    return completesChange(plan) ? `reconcile, which completes the change to ${to}` : `reconcile ${to}`
  if (isCleanup(plan)) return 'cleanup of an earlier job'
  if (from !== to) return `${from} to ${to}`
  return addsRangesOnly(plan) ? `${to} with added authorized IP ranges` : `${to} with new parameters`
}

/** The effect on open connections, as a part of a sentence. AKS announces their loss even if the egress path stays. */
export function connectionImpact(plan: ReportedPlan): string {
  const { disruption, paths } = plan
  if (endedUnmoved(plan)) return 'not affected, because the job ended and no traffic has moved'
  if (disruption.existingConnections === 'unchanged') return 'not affected'
  if (endedReverted(plan)) return 'may have been dropped at the cutover, and again when the job reverted it'
  if (disruption.movesTraffic === false)
    return `${endedIncomplete(plan) ? 'may have been' : 'may be'} dropped, although the egress path does not change`
  if (endedIncomplete(plan)) return 'may have been dropped, because a step that can move traffic started'
  const moved = paths.filter(isMoved)
  return moved.length > 0 && moved.every(({ destination = 'internet' }) => destination !== 'internet')
    ? 'dropped at the cutover for the destinations whose egress path changes'
    : 'dropped at the cutover'
}

/** Whether the job of the plan ended without a cutover, so that the planned effects did not occur. */
export function endedUnmoved(plan: ReportedPlan): boolean {
  return endedIncomplete(plan) && plan.execution?.hasMoved === false
}

/** Whether the job of the plan failed or was canceled and has reverted its cutover. */
export function endedReverted(plan: ReportedPlan): boolean {
  return endedIncomplete(plan) && plan.execution?.isReverted === true
}

/** Whether the job of the plan has ended. */
export function hasEnded({ execution }: Pick<ReportedPlan, 'execution'>): boolean {
  return execution?.status === 'Succeeded' || endedIncomplete({ execution })
}

/** Whether the job of the plan failed or was canceled, so that what the plan promises did not occur or is uncertain. */
export function endedIncomplete({ execution }: Pick<ReportedPlan, 'execution'>): boolean {
  return execution?.status === 'Failed' || execution?.status === 'Canceled'
}

function isMoved({ before, after }: PathChange): boolean {
  const key = ({ path, via, addresses, toCome }: PathSide) => JSON.stringify([path, via, addresses, toCome])
  return key(before) !== key(after)
}

/** The time to add addresses and to remove entries: before the cutover and after the change, or now if the change is complete. */
export interface Times {
  /** When an address becomes known that is still unknown. */
  known: string
  unknown: string
  add: string
  remove: string
  /** Whether the new addresses are unknown and can change, so that no list can allow them. */
  isChangeable: boolean
}

export function timesOf(plan: ReportedPlan): Times {
  const { stage, egressIps, paths } = plan
  const isWithoutAddress = (kind: string) =>
    egressIps.some(({ change, address }) => change === kind && address === null)
  // No job reports an address that Azure does not show.
  const hasHidden = isWithoutAddress('unknown') && !isWithoutAddress('added')
  const known = hasEnded(plan) ? 'a later job or the egress report shows' : 'the job reports'
  const unknown = stage === undefined ? 'unknown at plan time' : 'not known yet'
  return {
    known: hasHidden ? 'you find' : known,
    unknown: hasHidden ? 'not visible in Azure Resource Manager' : unknown,
    add: stage === 'confirmed' || stage === 'unconfirmed' ? 'now' : 'before the cutover',
    // While the result is unconfirmed, the cluster may still use the former addresses.
    remove: stage === 'confirmed' ? 'now' : 'after the change',
    isChangeable:
      hasHidden && egressIps.filter(isHidden).every((item) => hiddenKind(item, paths) === 'changeable'),
  }
}

/**
 * What readers can do with an address that Azure Resource Manager never shows:
 *
 * - `unchanged`: the egress paths that use the address do not change.
 * - `former`: no path uses the address after the change.
 * - `changeable`: the address belongs to Azure default outbound access, which can change it at any time.
 * - `findable`: a person can find the address, for example behind an appliance.
 */
export type HiddenKind = 'unchanged' | 'former' | 'changeable' | 'findable'

/** Whether Azure Resource Manager never shows the address. An address that does not exist yet becomes known later. */
export function isHidden({ address, change }: Pick<EgressIpChange, 'address' | 'change'>): boolean {
  return address === null && change !== 'added'
}

/** The kind of a hidden address. Plans of earlier versions do not contain the paths that use an address. */
export function hiddenKind(
  { usedBefore, usedAfter }: EgressIpChange,
  paths: ReportedPlan['paths'] = [],
): HiddenKind {
  if (usedAfter === undefined) return 'findable'
  if (usedAfter.length === 0) return usedBefore?.length === 0 ? 'findable' : 'former'
  const users = paths.filter(({ subnetId, family = 'IPv4', destination = 'internet' }) =>
    usedAfter.some(
      (use) => (use.subnetId ?? '') === subnetId && use.family === family && use.destination === destination,
    ),
  )
  if (users.length === 0) return 'findable'
  const isSame = users.every(({ before, after }) => before.path === after.path && before.via === after.via)
  if (isSame) return 'unchanged'
  return users.every(({ after }) => after.path === 'defaultOutbound') ? 'changeable' : 'findable'
}
