import type { CampaignState, MemberState, NewCampaignEvent } from '../core/campaign/campaign-state.ts'
import { withFailure } from '../core/campaign/campaign-state.ts'
import { jobEnded } from '../core/campaign/member-outcomes.ts'
import {
  type ApprovalState,
  awaitsApproval,
  needsPerson,
  withApproval,
  withHold,
} from '../core/campaign/waits.ts'
import type { Queries } from '../database/engine/database.ts'
import { endedJobs } from '../database/stores/campaign-member-store.ts'
import { guardedMembers, heldMembers } from '../database/stores/campaign-results.ts'
import { planRows } from '../database/stores/plan-store.ts'
import { planState } from '../database/stores/plan-view.ts'
import type { CampaignsDeps } from './deps.ts'

/** What has happened to members outside of the campaign: to their jobs, and to the approvals of their plans. */
export interface Observation {
  state: CampaignState
  /** Members with other values than before. */
  members: MemberState[]
  events: NewCampaignEvent[]
  /** Whether approvals decide about members that can start. An approval changes, or expires, without a change of the campaign. */
  dependsOnApprovals: boolean
}

/** Reads what has happened since the last look at the campaign, in the transaction that has locked it. */
export async function observeMembers(
  trx: Queries,
  deps: CampaignsDeps,
  { id, state: before }: { id: string; state: CampaignState },
  members: readonly MemberState[],
): Promise<Observation> {
  const present = new Map(members.map((member) => [member.id, member]))
  const changed = new Map<string, MemberState>()
  const events: NewCampaignEvent[] = []
  let state = before
  for (const { memberId, job } of await endedJobs(trx, id)) {
    const member = present.get(memberId)
    const ended = member === undefined ? null : jobEnded(member, job)
    if (ended === null) continue
    // A canceled campaign plans no member again.
    const next =
      state.status === 'Canceling' && ended.status === 'Planning'
        ? { ...ended, status: 'Canceled' as const }
        : ended
    changed.set(memberId, next)
    if (next.status === 'Failed') state = withFailure(state, next)
    events.push({ type: 'jobEnded', memberId, message: `The job ended as ${job.status}.` })
  }
  const put = (member: MemberState, next: MemberState | null) => {
    if (next === null) return
    changed.set(next.id, next)
    const isNews = state.status === 'Running' && needsPerson(next) && !needsPerson(member)
    const message = `The member is now ${next.status}${next.waitsFor === null ? '' : `: ${next.waitsFor.message}`}`
    events.push({ type: isNews ? 'memberWaiting' : 'memberChanged', memberId: next.id, message })
  }
  const running = members.filter(({ id: member, status }) => status === 'Running' && !changed.has(member))
  const held = running.length === 0 ? new Set() : await heldMembers(trx, id)
  for (const member of running) put(member, withHold(member, held.has(member.id)))
  const approvals = await approvalStates(trx, deps, id, members)
  for (const [member, approval] of approvals) put(member, withApproval(member, approval))
  return { state, members: [...changed.values()], events, dependsOnApprovals: approvals.size > 0 }
}

/** Of the ready members that need an approval, or have needed one. */
async function approvalStates(
  trx: Queries,
  { needsApproval, now }: CampaignsDeps,
  id: string,
  members: readonly MemberState[],
): Promise<Map<MemberState, ApprovalState>> {
  const ready = members.filter(({ status }) => status === 'Ready')
  if (ready.length === 0) return new Map()
  const guarded = await guardedMembers(trx, id)
  const concerned = ready.filter((member) => guarded.has(member.id) || awaitsApproval(member))
  const rows = await planRows(
    trx,
    concerned.flatMap(({ planId }) => planId ?? []),
  )
  const states = new Map(rows.map((row) => [row.id, planState(row, now(), needsApproval)]))
  return new Map(
    concerned.map((member) => {
      const { approval = 'required', status = 'expired' } = states.get(member.planId ?? '') ?? {}
      if (approval === null) return [member, null]
      if (status !== 'applicable' || approval === 'required') return [member, 'expired']
      return [member, approval === 'approved' ? 'given' : 'pending']
    }),
  )
}
