import type { Plan } from '../../contract/plan.ts'

/** Whether the plan removes what an earlier job left. */
export function isCleanup({ steps, findings }: Pick<Plan, 'steps' | 'findings'>): boolean {
  return (
    steps.some(({ key }) => key.startsWith('clean-up-')) ||
    findings.some(({ code }) => code.startsWith('CLEAN_UP_'))
  )
}
