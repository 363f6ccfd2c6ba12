import { type Static, Type } from 'typebox'
import { enumOf, ref, requestDateTime } from './fields.ts'
import { MaintenanceWindowSchema, ON_FAILURE } from './job.ts'
import { PlanIdSchema } from './parameters.ts'
import { ReasonSchema } from './plan-request.ts'
import { JobWebhookSchema } from './webhook.ts'

export const JobRequestSchema = Type.Object(
  {
    planId: PlanIdSchema,
    acknowledge: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[A-Z][A-Z0-9_]{0,63}$',
          description: 'The code of a finding, such as EGRESS_IP_LOST.',
        }),
        {
          maxItems: 50,
          uniqueItems: true,
          description: "The plan's `acknowledgementsRequired`, once somebody has read what they mean.",
        },
      ),
    ),
    onFailure: Type.Optional(
      enumOf(ON_FAILURE, {
        description:
          '`stop` (the default): a failed step ends the job and everything stays as it is. `rollBack`: what has moved traffic is taken back, the outbound type first; refused where the matrix has no way back.',
      }),
    ),
    holdBeforeCutOver: Type.Optional(
      Type.Boolean({
        description:
          'Stops the job before the step that moves traffic (`cutOver` of the plan) until it is released, so that `preparedAddresses` can be announced. The lock of the cluster is kept meanwhile; the cluster is looked at again before the job goes on. `notBefore`, `window` and `giveUpAt` are about the beginning alone: release it when traffic may move. Refused where no step of the plan moves traffic.',
      }),
    ),
    notBefore: Type.Optional(
      requestDateTime('The job begins no earlier, and looks at the cluster afresh then.'),
    ),
    window: Type.Optional(ref(MaintenanceWindowSchema)),
    giveUpAt: Type.Optional(
      requestDateTime('A job that has not begun by then ends as Failed without having changed anything.'),
    ),
    webhook: Type.Optional(ref(JobWebhookSchema)),
    reason: Type.Optional(ReasonSchema),
  },
  { additionalProperties: false, $id: 'JobRequest' },
)
export type JobRequest = Static<typeof JobRequestSchema>

export const CancelRequestSchema = Type.Object(
  {
    abortOperation: Type.Optional(
      Type.Boolean({
        description:
          'Asks AKS to abort what it is doing to the cluster right now. That undoes nothing and can leave the cluster between two states; left out, the operation is let run to its end.',
      }),
    ),
  },
  { additionalProperties: false, $id: 'CancelRequest' },
)

export const ReleaseRequestSchema = Type.Object(
  { reason: Type.Optional(ReasonSchema) },
  { additionalProperties: false, $id: 'ReleaseRequest' },
)
