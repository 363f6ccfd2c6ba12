import { type Static, Type } from 'typebox'
import { closed, dateTime, enumOf, nullable, ref, string, uuid } from './fields.ts'
import { ReasonSchema } from './plan-request.ts'

const PersonSchema = Type.Object({
  id: string('The object ID in the Microsoft Entra tenant.'),
  name: string('The display name, which can change.'),
})

/** A second person's approval of a plan. It ends with the plan or when it is withdrawn. */
export const ApprovalSchema = Type.Object(
  {
    id: uuid('The ID of the approval.'),
    planId: uuid('The ID of the plan.'),
    at: dateTime(),
    by: PersonSchema,
    reason: nullable(Type.String()),
    withdrawnAt: nullable(dateTime(), { description: 'Null while the approval is valid.' }),
    withdrawnBy: nullable(PersonSchema),
  },
  { $id: 'Approval' },
)
export type Approval = Static<typeof ApprovalSchema>

/** The approval of a plan as a whole. Approvers look for `pending`. */
export const APPROVAL_STATUSES = ['required', 'pending', 'approved'] as const
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number]

/** The members of a plan that its approvals and the access policy determine. */
export const APPROVAL_MEMBERS = {
  // Absent in webhook messages and responses of earlier versions.
  approval: Type.Optional(
    nullable(enumOf(APPROVAL_STATUSES), {
      description:
        '`pending`: the plan requires an approval, has none, and can be approved now. `required`: it requires an approval and has none, but cannot be approved: it is blocked, can no longer be executed, or its approval window has ended. `approved`: a valid approval exists. Null: no approval is required and none exists, or a job has executed the plan and no valid approval is left.',
    }),
  ),
  approvableUntil: Type.Optional(
    nullable(dateTime(), {
      description:
        'The end of the approval window. Null if `approval` is null, or if the plan has no approval and is blocked or can no longer be executed.',
    }),
  ),
}

/** The current approvals of a plan. */
export const PlanApprovalsSchema = Type.Object(
  {
    planId: uuid('The ID of the plan.'),
    required: Type.Boolean({
      description: 'Whether executing the plan requires the approval of a second person.',
    }),
    given: Type.Boolean({
      description:
        'Whether a valid approval exists that was not given by the creator of the plan. An approval by the person who executes the plan does not count either.',
    }),
    expiresAt: dateTime('The expiry time of the plan. Approvals expire with the plan.'),
    ...APPROVAL_MEMBERS,
    items: Type.Array(ref(ApprovalSchema), {
      description: 'All approvals, oldest first. Withdrawn approvals are included.',
    }),
  },
  { $id: 'PlanApprovals' },
)
export type PlanApprovals = Static<typeof PlanApprovalsSchema>

export const ApprovalRequestSchema = Type.Object(
  { reason: Type.Optional(ReasonSchema) },
  { ...closed, $id: 'ApprovalRequest' },
)
