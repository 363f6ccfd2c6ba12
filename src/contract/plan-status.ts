import { type Static, Type } from 'typebox'
import { enumOf } from './fields.ts'

/** The result of planning. */
export const PLAN_VERDICTS = ['applicable', 'blocked', 'noChange'] as const
export type PlanVerdict = (typeof PLAN_VERDICTS)[number]

/** The status of a plan: the result of planning, until the plan is used or can no longer be used. */
export const PLAN_STATUSES = [...PLAN_VERDICTS, 'executed', 'discarded', 'expired', 'stale'] as const
export type PlanStatus = (typeof PLAN_STATUSES)[number]

export const PlanStatusSchema = enumOf(PLAN_STATUSES, {
  description:
    '`applicable`: the plan can be executed. `blocked`: the findings list the blockers. `noChange`: the cluster already has the target state. `executed`, `discarded`, `expired` and `stale`: the plan can no longer be executed.',
})

/** Of plan summaries and jobs. */
export const PlanCountsSchema = Type.Object(
  {
    blockers: Type.Integer(),
    acknowledgements: Type.Integer({ description: 'The number of codes in `acknowledgementsRequired`.' }),
    warnings: Type.Integer(),
    addressesLost: Type.Integer({ description: 'Egress addresses that the cluster no longer uses.' }),
    addressesAdded: Type.Integer({
      description: 'New egress addresses, including those that do not exist yet.',
    }),
  },
  {
    $id: 'PlanCounts',
    description: 'The numbers of the plan. Absent in plans and jobs of earlier versions of the service.',
  },
)
export type PlanCounts = Static<typeof PlanCountsSchema>
