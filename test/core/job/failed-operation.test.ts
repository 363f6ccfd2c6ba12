import t from 'tap'
import type { JobErrorCode } from '../../../src/contract/job.ts'
import type { StepAction, StepKey } from '../../../src/contract/steps.ts'
import { withOperation } from '../../../src/core/job/failed-operation.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import { aByoSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const plan = planFor(aByoSnapshot(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })
const attach = plan.cutOver.step as StepKey
const change: StepKey = 'change-outbound-type'
const at = '2026-09-01T00:00:00Z'

/** The remedy after the step has failed with the code, and after Azure may have received its write. */
function remedyOf(
  code: JobErrorCode,
  step: StepKey,
  hasWritten = true,
  does: Partial<StepAction> = {},
): string {
  const steps = plan.steps.map((item) =>
    item.key === step ? { ...item, does: { ...item.does, ...does } as StepAction } : item,
  )
  const state = foldEvents({ steps }, [
    { type: 'stepStarted', at, step },
    ...(hasWritten ? [{ type: 'writeIntended' as const, at, step, etag: null, changes: [] }] : []),
  ])
  return withOperation(jobError(code, step), { steps }, state).remedy
}

t.test(
  'names the network resource whose operation failed, and asks for no reconcile of the cluster',
  async (t) => {
    for (const code of ['ARM_OPERATION_FAILED', 'OPERATION_ABORTED'] as const) {
      const remedy = remedyOf(code, attach)
      t.match(remedy, /provisioning state of the subnet `nodes`/, code)
      t.match(remedy, /Then create a new plan/, code)
      t.notMatch(remedy, /reconcile|cluster is/, code)
    }
    t.match(remedyOf('OPERATION_TIMED_OUT', attach), /^Wait until no operation runs on the subnet `nodes`,/)
  },
)

t.test('keeps the remedies of a failed operation on the cluster', async (t) => {
  for (const code of ['ARM_OPERATION_FAILED', 'ARM_UNAVAILABLE', 'OPERATION_TIMED_OUT'] as const)
    t.equal(remedyOf(code, change), jobError(code, change).remedy, code)
})

t.test('asks for no check of an operation if the step sent nothing or only reads', async (t) => {
  const none = /^No operation of this job is running in Azure\./
  t.match(remedyOf('ARM_UNAVAILABLE', attach, false), none)
  t.match(remedyOf('ARM_UNAVAILABLE', change, false), none)
  t.match(remedyOf('ARM_UNAVAILABLE', 'verify', false), none)
  t.notMatch(remedyOf('ARM_UNAVAILABLE', 'verify', false, { kind: 'probeNodes' }), none, 'a script may run')
})
