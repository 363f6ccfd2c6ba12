import { lastSegment } from '../../core/arm/resource-id.ts'
import { equalsArm } from '../../core/arm/words.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import { isRemoved } from '../../core/job/removed-parts.ts'
import { trafficMovingSteps } from '../../core/job/rollback-steps.ts'
import { codeList, prose, type Text } from '../document/document.ts'

/** What the job left, what later cleanups removed of it, and the request that removes the rest. */
export function cleanupItems(outcome: JobOutcome): Text[] {
  const { job, plan } = outcome
  if (!job.actions.cleanUpPlan) return []
  const ranges = job.status === 'Succeeded' ? plan.authorizedRanges.removeLater : []
  const isLeft = (part: string) => !isRemoved(part, outcome.cleanups)
  const resources = [...unusedAddresses(plan, job), ...unusedCreations(outcome)].filter(isLeft)
  const entries = ranges.filter(isLeft)
  return [
    ...attachedItems(outcome),
    ...unusedItem('Unused resources of this job: ', resources.map(lastSegment), job.id),
    ...unusedItem('Authorized IP ranges that the API server no longer needs: ', entries, job.id),
    ...removedItems(outcome),
  ]
}

function unusedItem(lead: string, parts: string[], jobId: string): Text[] {
  if (parts.length === 0) return []
  return [
    [
      lead,
      ...codeList([...new Set(parts)]),
      '. To remove them, create and execute a cleanup plan: ',
      { code: `POST /v1/jobs/${jobId}/clean-up-plan` },
      '.',
    ],
  ]
}

/** What later cleanups have removed already. */
function removedItems({ cleanups }: JobOutcome): Text[] {
  return cleanups.map(({ jobId, removed }) => [
    'The later job ',
    { job: jobId },
    ' removed these leftovers: ',
    ...codeList([...new Set(removed.map((part) => (part.startsWith('/') ? lastSegment(part) : part)))]),
    '.',
  ])
}

/** What remains attached after a change. A job that did not succeed leaves only what existed before it. */
function attachedItems({ job: { id, status, result }, cleanups }: JobOutcome): Text[] {
  if (status !== 'Succeeded') return []
  const left = (result?.leftBehind ?? []).filter((text) => !mentionsRemoved(text, cleanups))
  return left.map((text) => [
    ...prose(text.replaceAll(RESOURCE_ID, (resourceId) => `\`${lastSegment(resourceId)}\``)),
    ' The outbound type does not require this attachment or route. To see whether a cleanup can remove it, and how that affects traffic, create a cleanup plan: ',
    { code: `POST /v1/jobs/${id}/clean-up-plan` },
    '.',
  ])
}

/** Whether a later cleanup has detached the gateway or table from the subnet, or deleted the route of the table. */
function mentionsRemoved(text: string, cleanups: JobOutcome['cleanups']): boolean {
  const ids = text.match(RESOURCE_ID) ?? []
  const routes = cleanups.flatMap(({ removed }) => removed.filter((id) => /\/routes\/[^/]+$/.test(id)))
  return ids.some(
    (id) =>
      isRemoved(id, cleanups) || routes.some((route) => equalsArm(route.replace(/\/routes\/[^/]+$/, ''), id)),
  )
}

/** A period after an ID ends the sentence. */
const RESOURCE_ID = /\/subscriptions\/[^\s]+?(?=\.?(\s|$))/g

/** Addresses that the job has created and that no traffic uses after its end. */
function unusedAddresses(
  { egressIps }: JobOutcome['plan'],
  { preparedAddresses }: JobOutcome['job'],
): string[] {
  return egressIps.flatMap(({ change, usedAfter, resourceId }) => {
    const isUnused = change === 'lost' && usedAfter?.length === 0 && resourceId !== null
    return isUnused && preparedAddresses.some((item) => equalsArm(item.resourceId, resourceId))
      ? [resourceId]
      : []
  })
}

/** Resources that the job has created, if no traffic uses them: the job moved none, or reverted its cutover. */
function unusedCreations({ job, plan, hasMoved }: JobOutcome): string[] {
  if (hasMoved && job.rollback?.status !== 'Succeeded') return []
  const moving = trafficMovingSteps(plan).map(({ key }) => key)
  const done = job.steps.flatMap(({ key, status }) => (status === 'Succeeded' ? [key] : []))
  return plan.steps.flatMap(({ key, does }) =>
    does.kind === 'putResource' && done.includes(key) && !moving.includes(key) ? [does.id] : [],
  )
}
