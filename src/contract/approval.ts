import { Type } from 'typebox'
import { dateTime, nullable, ref, string, uuid } from './fields.ts'
import { ApprovalIdSchema, PlanIdSchema } from './parameters.ts'
import { ReasonSchema } from './plan-request.ts'

const PersonSchema = Type.Object({
  id: string('Object id in the tenant.'),
  name: string('For readers; names change.'),
})

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

export const ApprovalRequestSchema = Type.Object(
  { reason: Type.Optional(ReasonSchema) },
  { additionalProperties: false, $id: 'ApprovalRequest' },
)

export const ApprovalPathSchema = Type.Object(
  {
    planId: PlanIdSchema,
    approvalId: ApprovalIdSchema,
  },
  { additionalProperties: false },
)
