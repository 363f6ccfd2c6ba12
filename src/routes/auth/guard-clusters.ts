import type { FastifyInstance, FastifyRequest } from 'fastify'
import { namesGroups, reachOf } from '../../core/access/policy.ts'
import { isWithin, type Reach } from '../../core/access/reach.ts'
import { Refusal } from '../../core/refusal.ts'
import type { AppDeps } from '../deps.ts'
import { isPublic } from './authorize.ts'
import { ACTION_OF, principalsOf } from './caller.ts'
import { bindingOf, clusterKeyOf, type Subject, subjectOf } from './operation-subjects.ts'
import { REQUIRED_GRANTS } from './required-grants.ts'

/**
 * Holds the access policy: a cluster that the caller may not see, and every plan and job of it, is answered
 * as one that does not exist, by the same words. Runs once the request is known to be well-formed.
 */
export function guardClusters(app: FastifyInstance, rooms: Pick<AppDeps, 'planning' | 'jobs'>): void {
  app.addHook('preHandler', async (request: FastifyRequest) => {
    const grant = REQUIRED_GRANTS[request.routeOptions.config.operation ?? '']
    if (isPublic(request) || grant === undefined) return
    const binding = bindingOf(request)
    if (binding === null) throw new Refusal('GRANT_MISSING', { grant: 'nobody' })
    if (binding === 'nothing' || request.policy === null) return
    if (request.caller.groupsMissing && namesGroups(request.policy)) throw new Refusal('TOKEN_GROUPS_OVERAGE')
    if (binding === 'list') return
    const subject = subjectOf(request)
    const key = await clusterKeyOf(subject, rooms)
    // What does not exist is refused by the room that was to find it.
    if (key === null) return
    if (!isWithin(reach(request, 'read'), key)) throw hidden(subject)
    const action = ACTION_OF[grant]
    if (!isWithin(reach(request, action), key)) throw new Refusal('CLUSTER_ACCESS_DENIED', { action })
  })
}

/** For the query of a list: nothing where the caller may see everything. */
export function within(request: FastifyRequest, action: 'read' | 'audit' = 'read'): { reach?: Reach } {
  const seen = reach(request, action)
  return seen === 'everything' ? {} : { reach: seen }
}

function reach({ policy, caller }: FastifyRequest, action: Parameters<typeof reachOf>[2]): Reach {
  return reachOf(policy, principalsOf(caller), action)
}

function hidden({ cluster, planId, jobId }: Subject): Refusal {
  if (planId !== null) return new Refusal('PLAN_NOT_FOUND', { planId })
  if (jobId !== null) return new Refusal('JOB_NOT_FOUND', { jobId })
  return new Refusal('CLUSTER_NOT_FOUND', { ...cluster })
}
