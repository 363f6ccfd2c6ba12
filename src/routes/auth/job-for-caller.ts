import type { FastifyRequest } from 'fastify'
import type { Job } from '../../contract/job.ts'
import { clusterKey, clusterScopeOf, inScope } from '../../core/access/access-policy.ts'
import { type CallerPermissions, callerActions } from '../../core/job/job-view.ts'
import type { JobText } from '../../jobs/jobs.ts'
import type { Grant } from '../operation.ts'
import { ACTION_BY_GRANT, toPrincipals } from './caller.ts'

/** The actions are the last member of every stored view, and no text inside of a view contains quotes without a backslash. */
const ACTIONS = ',"actions":'

/** The job with the actions that this caller may perform. */
export function jobForCaller(request: FastifyRequest, job: Job): Job {
  const isHeld = job.hold?.status === 'Held'
  const permissions = permissionsOf(request, clusterKey(job.cluster))
  return { ...job, actions: callerActions({ actions: job.actions, isHeld }, permissions) }
}

/** The same for a stored view, without parsing all of it: thousands of callers can wait for one change of a job. */
export function jobTextForCaller(request: FastifyRequest, { text, isHeld }: JobText): string {
  const start = text.lastIndexOf(ACTIONS) + ACTIONS.length
  const actions = JSON.parse(text.slice(start, -1)) as Job['actions']
  const permissions = permissionsOf(request, request.clusterKey)
  return `${text.slice(0, start)}${JSON.stringify(callerActions({ actions, isHeld }, permissions))}}`
}

/** Distinguishes the entity tags of callers with fewer permissions, who see other actions. Undefined for all other callers. */
export function jobFormForCaller(request: FastifyRequest): string | undefined {
  const { plan, execute } = permissionsOf(request, request.clusterKey)
  if (plan && execute) return undefined
  return plan ? 'plan' : execute ? 'execute' : 'read'
}

function permissionsOf(request: FastifyRequest, key: string | null): CallerPermissions {
  return { plan: isAllowed(request, 'Egress.Plan', key), execute: isAllowed(request, 'Egress.Execute', key) }
}

function isAllowed({ caller, policy }: FastifyRequest, grant: Grant, key: string | null): boolean {
  if (!caller.grants.has(grant)) return false
  if (policy === null) return true
  return key !== null && inScope(clusterScopeOf(policy, toPrincipals(caller), ACTION_BY_GRANT[grant]), key)
}
