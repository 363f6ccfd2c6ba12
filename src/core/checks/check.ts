import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'

/** One rule group: looks at the context, says what it finds. Never throws, never stops at the first. */
export type Check = (context: PlanningContext) => Finding[]
