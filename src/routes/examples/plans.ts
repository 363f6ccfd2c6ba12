import type { Plan } from '../../contract/plan.ts'
import plan from './plan.json' with { type: 'json' }

/** A plan as the planner makes it, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_PLAN = plan as unknown as Plan
