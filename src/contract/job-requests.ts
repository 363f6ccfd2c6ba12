import { type Static, Type } from 'typebox'
import { enumOf, ref } from './fields.ts'
import { ON_FAILURE } from './job.ts'
import { labelsOf } from './labels.ts'
import { PlanIdSchema } from './parameters.ts'
import { ReasonSchema } from './plan-request.ts'
import { SCHEDULE_REQUEST } from './schedule.ts'
import { JobWebhookSchema } from './webhook.ts'

export const JobRequestSchema = Type.Object(
  {
    planId: PlanIdSchema,
    acknowledge: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[A-Z][A-Z0-9_]{0,63}$',
          description: 'The code of a finding, such as `EGRESS_IP_LOST`.',
        }),
        {
          maxItems: 50,
          uniqueItems: true,
          description:
            'The codes from `acknowledgementsRequired` of the plan. List a code only after reading the finding.',
        },
      ),
    ),
    onFailure: Type.Optional(
      enumOf(ON_FAILURE, {
        description:
          '`stop` (default): a failed step ends the job and the cluster stays as it is. `rollBack`: a failed step reverts the cutover, starting with the outbound type. `rollBack` is rejected if the support matrix does not support the reverse transition.',
      }),
    ),
    holdBeforeCutOver: Type.Optional(
      Type.Boolean({
        description:
          'Stops the job before the step that moves traffic (`cutOver` of the plan), until the job is released. Use the hold to announce `preparedAddresses`. The job keeps the lock on the cluster during the hold and re-checks the cluster before it continues. `notBefore`, `window` and `giveUpAt` only affect the start of the job. The request is rejected if no step of the plan moves traffic.',
      }),
    ),
    ...SCHEDULE_REQUEST,
    onlyOnce: Type.Optional(
      Type.Boolean({
        description:
          'Whether the request is rejected with `PLAN_ALREADY_EXECUTED` even if an earlier job of the plan was canceled before it began. Default: false; such a plan can be executed again.',
      }),
    ),
    webhook: Type.Optional(ref(JobWebhookSchema)),
    reason: Type.Optional(ReasonSchema),
    labels: Type.Optional(
      labelsOf('Up to 20 labels, named like labels of Kubernetes. Default: the labels of the plan.'),
    ),
  },
  { additionalProperties: false, $id: 'JobRequest' },
)
export type JobRequest = Static<typeof JobRequestSchema>

export const CancelRequestSchema = Type.Object(
  {
    abortOperation: Type.Optional(
      Type.Boolean({
        description:
          'Whether to abort the operation that AKS is currently running on the cluster. Aborting reverts nothing and can leave the cluster in an intermediate state. Default: false; the operation runs to its end.',
      }),
    ),
    reason: Type.Optional(ReasonSchema),
  },
  { additionalProperties: false, $id: 'CancelRequest' },
)

export const ReleaseRequestSchema = Type.Object(
  { reason: Type.Optional(ReasonSchema) },
  { additionalProperties: false, $id: 'ReleaseRequest' },
)
