import type { JobError } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { Step } from '../../contract/steps.ts'
import { lastSegment, parseResourceId } from '../arm/resource-id.ts'
import { resourceTypeNoun } from '../arm/resource-type-names.ts'
import { BACK_TO_SUCCEEDED, CHECK_OPERATION } from './job-error.ts'
import { isWrite, type JobState, mayHaveWritten } from './job-state.ts'

/**
 * The error with a remedy for the operation of its step. The recorded remedy is about an operation on the cluster, but a
 * step can also have changed nothing, or a network resource.
 */
export function withOperation(error: JobError, { steps }: Pick<Plan, 'steps'>, state: JobState): JobError {
  const all = [...steps, ...(state.rollback?.steps ?? [])]
  const step = all.find(({ key }) => key === error.step)
  // A script on a node can still run.
  if (step === undefined || step.does.kind === 'probeNodes') return error
  if (!isWrite(step) || !mayHaveWritten(state, step.key)) return withoutOperation(error)
  const resource = networkResource(step)
  return resource === null ? error : { ...error, remedy: remedyFor(resource, error.remedy) }
}

/** The error of a job without an operation in progress: its step changed nothing, or a rollback has reverted the change. */
export function withoutOperation(error: JobError): JobError {
  return { ...error, remedy: error.remedy.replace(CHECK_OPERATION, NO_OPERATION) }
}

const NO_OPERATION =
  'No operation of this job is running in Azure. When Azure is available again, create a new plan.'

/** The network resource that the step writes, as a noun with its name; null for a step that writes the cluster or a pool. */
function networkResource({ does }: Step): string | null {
  if (does.kind !== 'putResource' && does.kind !== 'deleteResource') return null
  const type = parseResourceId(does.id)?.type ?? 'resource'
  return `${resourceTypeNoun(type)} \`${lastSegment(does.id)}\``
}

/** A reconcile of the cluster does not help a failed network resource. */
function remedyFor(resource: string, remedy: string): string {
  return remedy
    .replace(`${BACK_TO_SUCCEEDED} When the cluster is Succeeded, create`, () => 'Then create')
    .replace(`${BACK_TO_SUCCEEDED} `, '')
    .replace('provisioning state of the cluster', () => `provisioning state of the ${resource}`)
    .replace('no operation runs on the cluster', () => `no operation runs on the ${resource}`)
}
