import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import type { Plan } from '../../contract/plan.ts'

/** A part of a plan that is incomplete, with the error code of a failed read. */
export type UnreadPart = Omit<NonNullable<CampaignPlanning['unread']>[number], 'members'>

type Read = UnreadPart & { reason: string; what: string }

/** What a plan could not read, apart from what this service never searches. */
function unreadOf({ findings, preflight, allowLists }: Plan): Read[] {
  const incomplete = findings.find(({ code }) => code === 'READ_INCOMPLETE')?.facts ?? {}
  const [unread, failed] = ['unread', 'failed'].map((name) => [incomplete[name] ?? []].flat().map(String))
  return [
    ...(unread ?? []).map((what) => ({
      part: 'network' as const,
      code: 'READ_INCOMPLETE',
      reason: failed?.includes(what) ? 'failed' : 'denied',
      what,
    })),
    ...preflight.coverage.unread.map((item) => ({ part: 'preflight' as const, ...item })),
    ...allowLists.coverage.unread
      .filter(({ reason }) => reason !== 'not-searched')
      .map((item) => ({ part: 'allowLists' as const, ...item })),
  ]
}

/** The reads that Azure did not answer although the identity may read the resources: a new plan can contain them. */
export function failedReads(plan: Plan): string[] {
  return [...new Set(unreadOf(plan).flatMap(({ reason, what }) => (reason === 'failed' ? [what] : [])))]
}

/** The incomplete parts of a plan, each with the codes of its failed reads. */
export function incompleteParts(plan: Plan): UnreadPart[] {
  const parts = unreadOf(plan).map(({ part, code }): UnreadPart => ({ part, code }))
  return [...new Map(parts.map((item) => [`${item.part} ${item.code}`, item])).values()]
}

/** The incomplete parts of all plans, the most frequent first; undefined if all plans are complete. */
export function mergeUnread(plans: readonly { unread?: UnreadPart[] }[]): Pick<CampaignPlanning, 'unread'> {
  const counts = new Map<string, UnreadPart & { members: number }>()
  for (const item of plans.flatMap(({ unread = [] }) => unread)) {
    const key = `${item.part} ${item.code}`
    counts.set(key, { ...item, members: (counts.get(key)?.members ?? 0) + 1 })
  }
  const unread = [...counts.values()].sort((a, b) => b.members - a.members)
  return unread.length === 0 ? {} : { unread }
}
