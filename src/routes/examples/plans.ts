import type { Plan } from '../../contract/plan.ts'
import plan from './plan.json' with { type: 'json' }

/** A plan as the planner builds it, for the OpenAPI document. A test validates it against the schema. */
export const EXAMPLE_PLAN = plan as unknown as Plan
