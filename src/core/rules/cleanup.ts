import { idKey, lastSegment, parentResourceName } from '../arm/resource-id.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { listed, quoted } from '../lib/text.ts'
import { documented, errorCode } from '../references/references.ts'
import type { CleanupRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const CLEAN_UP_OTHER_TYPE = rule<{ expected: string; present: string; leftBehind: number }>(
  'CLEAN_UP_OTHER_TYPE',
  {
    severity: 'blocker',
    severityOverride: (f) => (f.leftBehind > 0 ? 'warning' : null),
    message: (f) =>
      f.leftBehind > 0
        ? `This clean-up is for the outbound type ${f.expected}, and the cluster has ${f.present}: it takes away only what the job itself had made and nobody uses any more.`
        : `This clean-up is for the outbound type ${f.expected}, and the cluster has ${f.present}: what it would take away may be in use.`,
    remedy: (f) =>
      `${f.leftBehind > 0 ? 'For the rest make' : 'Make'} the clean-up plan of the job that brought the cluster to its present type. If it was this job, which did not come to its end, finish the change or make its rollback plan first.`,
    source: documented('this plan'),
  },
)

export const CLEAN_UP_STILL_IN_USE = rule<{ resources: { id: string; by: string[] }[] }>(
  'CLEAN_UP_STILL_IN_USE',
  {
    severity: 'warning',
    message: (f) =>
      `What the job had made is still in use and stays: ${listed(f.resources.map(({ id, by }) => `${lastSegment(id)} (by ${listed(by.map(partName))})`))}.`,
    remedy:
      'Take it off what uses it and make the clean-up plan again, or leave it where it is: nothing is deleted by itself.',
    source: documented('Azure Resource Manager: PublicIPAddressCannotBeDeleted and its like'),
  },
)

export const CLEAN_UP_ROUTE_KEPT = rule<{ routeTable: string; route: string; others: string[] }>(
  'CLEAN_UP_ROUTE_KEPT',
  {
    severity: 'warning',
    message: (f) =>
      `The default route ${f.route} of the route table ${lastSegment(f.routeTable)} goes on carrying the traffic: kubenet cannot do without the table, and ${listed(f.others.map(partName))} use${f.others.length === 1 ? 's' : ''} it too.`,
    remedy:
      'Delete the route by hand once nobody else leaves by it, or give the others a table of their own.',
    source: documented('configure-kubenet', errorCode('CustomRouteTableInvalidUpdateAttempt')),
  },
)

export const CLEAN_UP_OWN_ROUTE_KEPT = rule<{ routeTable: string; route: string; because: string }>(
  'CLEAN_UP_OWN_ROUTE_KEPT',
  {
    severity: 'warning',
    message: (f) =>
      `The default route ${f.route} of the route table ${lastSegment(f.routeTable)}, which the job had written, stays: ${f.because}.`,
    remedy:
      'See to it by hand, or mend the reason and make the clean-up plan again. The authorized ranges are not narrowed as long as the route is there.',
    source: documented('this plan'),
  },
)

export const CLEAN_UP_NOTHING_LEFT = rule('CLEAN_UP_NOTHING_LEFT', {
  severity: 'info',
  message: 'There is nothing left to clean up.',
  remedy: 'Nothing to do.',
  source: documented('this plan'),
})

export const NARROWING_CUTS_OFF = rule<{ ranges: string[]; addresses: string[] }>('NARROWING_CUTS_OFF', {
  severity: 'blocker',
  message: (f) =>
    f.addresses.length === 0
      ? `Without ${listed(f.ranges)} the list of authorized ranges would be empty, which admits everybody.`
      : `Without ${listed(f.ranges)} the API server would not admit ${listed(f.addresses)}, by which nodes reach it.`,
  remedy: 'Keep the entry, or list what nodes use before it goes.',
  source: documented('api-server-authorized-ip-ranges'),
})

export const CLEAN_UP_MOVES_TRAFFIC = rule<{ steps: string[] }>('CLEAN_UP_MOVES_TRAFFIC', {
  severity: 'warning',
  // After a change that did not come the path that goes is not the former one but the one the job attached.
  message: (f) =>
    `Traffic leaves by what this clean-up takes off; it moves in the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)}.`,
  remedy: 'Read the ledger: the addresses change at that moment, whatever the outbound type says.',
  source: documented('nat-overview'),
})

/** A cleanup must keep everything that is in use, and reports the traffic that it moves. */
export const checkCleanup: Check = ({ request, cleanUp, snapshot, after, ranges, from }) => {
  if (request.cleanUp === undefined) return []
  const { detachments, retainedRoutes, retainedAttachments, narrow, inUse } = cleanUp
  const current = snapshot.cluster.authorizedIPRanges
  const expected = request.target.outboundType
  const all = [detachments, retainedRoutes, retainedAttachments, narrow, cleanUp.delete, inUse]
  const isDone = all.every((items) => items.length === 0) && !isAnyUnread(request.cleanUp, snapshot)
  const remaining = current.filter((entry) => !narrow.includes(entry))
  const needed = after.known.flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
  // An address that no range allows now, such as the load balancer's own, which AKS allows by itself, loses nothing.
  const allowed = needed.filter((address) => uncovered([...current, ...ranges.add], [address]).length === 0)
  const denied = ranges.mode === 'enforced' ? uncovered([...remaining, ...ranges.add], allowed) : []
  return [
    ...CLEAN_UP_OTHER_TYPE.when(from !== expected, {
      expected,
      present: from ?? String(snapshot.cluster.outboundType),
      leftBehind: detachments.length + cleanUp.delete.length,
    }),
    ...CLEAN_UP_STILL_IN_USE.ifAny({ resources: inUse.map(({ id, by }) => ({ id, by })) }),
    ...retainedRoutes.map((route) => CLEAN_UP_ROUTE_KEPT.finding({ ...route })),
    ...retainedAttachments.map((attachment) => CLEAN_UP_OWN_ROUTE_KEPT.finding({ ...attachment })),
    ...CLEAN_UP_NOTHING_LEFT.when(from === expected && isDone, {}),
    ...NARROWING_CUTS_OFF.when(narrow.length > 0 && (denied.length > 0 || remaining.length === 0), {
      ranges: narrow,
      addresses: denied,
    }),
    ...CLEAN_UP_MOVES_TRAFFIC.ifAny({
      steps: detachments.filter((step) => step.movesTraffic).map((step) => step.title),
    }),
  ]
}

/** What could not be read is not gone: READ_INCOMPLETE names it. */
function isAnyUnread({ delete: ids }: CleanupRequest, { unread }: Snapshot): boolean {
  const failed = new Set(unread.filter(({ reason }) => reason !== 'not-found').map(({ what }) => idKey(what)))
  return ids.some((id) => failed.has(idKey(id)))
}

/** `gateway`, `vnet/nodes`: names of parts repeat from resource to resource. */
function partName(id: string): string {
  const [resource, name] = [parentResourceName(id), lastSegment(id)]
  return resource === name ? name : `${resource}/${name}`
}
