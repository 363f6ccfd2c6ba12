import { type Static, Type } from 'typebox'
import { closed, dateTime, nullable, ref, string, uuid } from './fields.ts'
import { ReasonSchema } from './plan-request.ts'

const PersonSchema = Type.Object({
  id: string('Object id in the tenant.'),
  name: string('For readers; names change.'),
})

/** A second person's approval of a plan. It ends with the plan or when it is withdrawn. */
export const ApprovalSchema = Type.Object(
  {
    id: uuid('The approval.'),
    planId: uuid('The plan.'),
    at: dateTime(),
    by: PersonSchema,
    reason: nullable(Type.String()),
    withdrawnAt: nullable(dateTime(), { description: 'Null as long as the approval stands.' }),
    withdrawnBy: nullable(PersonSchema),
  },
  { $id: 'Approval' },
)
export type Approval = Static<typeof ApprovalSchema>

/** The approvals of a plan at this moment. */
export const PlanApprovalsSchema = Type.Object(
  {
    planId: uuid('The plan.'),
    required: Type.Boolean({
      description: 'Whether a job on the plan needs the approval of a second person.',
    }),
    given: Type.Boolean({
      description:
        "Whether an approval stands that is not its maker's. That of whoever executes the plan does not count either.",
    }),
    expiresAt: dateTime('Approvals end with their plan.'),
    items: Type.Array(ref(ApprovalSchema), { description: 'Withdrawn ones too, oldest first.' }),
  },
  { $id: 'PlanApprovals' },
)
export type PlanApprovals = Static<typeof PlanApprovalsSchema>

export const ApprovalRequestSchema = Type.Object(
  { reason: Type.Optional(ReasonSchema) },
  { ...closed, $id: 'ApprovalRequest' },
)
