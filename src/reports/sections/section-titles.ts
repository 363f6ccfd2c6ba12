import type { ReportedPlan } from '../plan/reported-plan.ts'

/** The titles of the sections to which findings refer by the members of the plan, by these members. */
export const TITLES = {
  paths: 'Egress paths before and after',
  egressIps: 'Public IP changes',
  requiredEndpoints: 'Required egress endpoints',
  handoff: 'Update your infrastructure as code',
} as const

export const PREFLIGHT_TITLE = 'Permissions, locks, policies, and quota'

/**
 * A text of the planner with the sections of the report instead of the members of the plan. A blocked plan has other
 * sections.
 */
export function withSections(text: string, { status, requiredEndpoints, handoff }: ReportedPlan): string {
  if (status === 'blocked')
    return text.replace(NAMED, (reference, title: string, member: string) =>
      SHOWN_WHEN_BLOCKED.includes(title) ? reference : `${member} of the plan`,
    )
  const isShown = {
    paths: true,
    egressIps: true,
    requiredEndpoints,
    handoff: status !== 'noChange' && handoff,
  }
  const named = new Set<string>()
  return text.replace(REFERENCE, (reference, member: keyof typeof TITLES) => {
    if (!isShown[member]) return reference
    const isRepeated = named.has(member)
    named.add(member)
    return isRepeated && named.size === 1 ? 'this section' : `the section "${TITLES[member]}"`
  })
}

/** A section that the planner names itself. */
const NAMED = /the report section "([^"]+)" \((`\w+`) in the JSON\)/gi

/** The sections of the report of a blocked plan that findings name. */
const SHOWN_WHEN_BLOCKED: string[] = [PREFLIGHT_TITLE, TITLES.requiredEndpoints]

const REFERENCE = new RegExp(`\`(${Object.keys(TITLES).join('|')})\`(?! in the JSON)`, 'g')
