import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, parentResourceName } from '../arm/resource-id.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { listed, quoted } from '../lib/text.ts'
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
    confidence: 'documented',
    source: 'this plan',
  },
)

export const CLEAN_UP_STILL_IN_USE = rule<{ resources: { id: string; by: string[] }[] }>(
  'CLEAN_UP_STILL_IN_USE',
  {
    severity: 'warning',
    message: (f) =>
      `What the job had made is still in use and stays: ${listed(f.resources.map(({ id, by }) => `${lastSegment(id)} (by ${listed(by.map(partName))})`))}.`,
    remedy: () =>
      'Take it off what uses it and make the clean-up plan again, or leave it where it is: nothing is deleted by itself.',
    confidence: 'documented',
    source: 'Azure Resource Manager: PublicIPAddressCannotBeDeleted and its like',
  },
)

export const CLEAN_UP_ROUTE_KEPT = rule<{ routeTable: string; route: string; others: string[] }>(
  'CLEAN_UP_ROUTE_KEPT',
  {
    severity: 'warning',
    message: (f) =>
      `The default route ${f.route} of the route table ${lastSegment(f.routeTable)} goes on carrying the traffic: kubenet cannot do without the table, and ${listed(f.others.map(partName))} use${f.others.length === 1 ? 's' : ''} it too.`,
    remedy: () =>
      'Delete the route by hand once nobody else leaves by it, or give the others a table of their own.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); CustomRouteTableInvalidUpdateAttempt (RPERR)',
  },
)

export const CLEAN_UP_OWN_ROUTE_KEPT = rule<{ routeTable: string; route: string; because: string }>(
  'CLEAN_UP_OWN_ROUTE_KEPT',
  {
    severity: 'warning',
    message: (f) =>
      `The default route ${f.route} of the route table ${lastSegment(f.routeTable)}, which the job had written, stays: ${f.because}.`,
    remedy: () =>
      'See to it by hand, or mend the reason and make the clean-up plan again. The authorized ranges are not narrowed as long as the route is there.',
    confidence: 'documented',
    source: 'this plan',
  },
)

export const CLEAN_UP_NOTHING_LEFT = rule('CLEAN_UP_NOTHING_LEFT', {
  severity: 'info',
  message: () => 'There is nothing left to clean up.',
  remedy: () => 'Nothing to do.',
  confidence: 'documented',
  source: 'this plan',
})

export const NARROWING_CUTS_OFF = rule<{ ranges: string[]; addresses: string[] }>('NARROWING_CUTS_OFF', {
  severity: 'blocker',
  message: (f) =>
    f.addresses.length === 0
      ? `Without ${listed(f.ranges)} the list of authorized ranges would be empty, which admits everybody.`
      : `Without ${listed(f.ranges)} the API server would not admit ${listed(f.addresses)}, by which nodes reach it.`,
  remedy: () => 'Keep the entry, or list what nodes use before it goes.',
  confidence: 'documented',
  source: 'api-server-authorized-ip-ranges (AR)',
})

export const CLEAN_UP_MOVES_TRAFFIC = rule<{ steps: string[] }>('CLEAN_UP_MOVES_TRAFFIC', {
  severity: 'warning',
  // After a change that did not come the path that goes is not the former one but the one the job attached.
  message: (f) =>
    `Traffic leaves by what this clean-up takes off; it moves in the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)}.`,
  remedy: () => 'Read the ledger: the addresses change at that moment, whatever the outbound type says.',
  confidence: 'documented',
  source: 'nat-overview (NOV)',
})

/** A clean-up may take nothing away that is still needed, and says what it moves. */
export const checkCleanup: Check = ({ request, cleanUp: wanted, snapshot, after, ranges, from }) => {
  if (request.cleanUp === undefined) return []
  const { detachments, keptRoutes, keptLeads, narrow, delete: removed, stillUsed } = wanted
  const findings: Finding[] = []
  const expected = request.target.outboundType
  if (from !== expected) {
    const present = from ?? String(snapshot.cluster.outboundType)
    findings.push(
      CLEAN_UP_OTHER_TYPE.finding({ expected, present, leftBehind: detachments.length + removed.length }),
    )
  }
  if (stillUsed.length > 0)
    findings.push(CLEAN_UP_STILL_IN_USE.finding({ resources: stillUsed.map(({ id, by }) => ({ id, by })) }))
  for (const each of keptRoutes) findings.push(CLEAN_UP_ROUTE_KEPT.finding({ ...each }))
  for (const each of keptLeads) findings.push(CLEAN_UP_OWN_ROUTE_KEPT.finding({ ...each }))
  const all = [detachments, keptRoutes, keptLeads, narrow, removed, stillUsed]
  if (from === expected && all.every((each) => each.length === 0) && !isAnyUnread(request.cleanUp, snapshot))
    findings.push(CLEAN_UP_NOTHING_LEFT.finding({}))
  const present = snapshot.cluster.authorizedIPRanges
  const left = present.filter((entry) => !narrow.includes(entry))
  const needed = after.known.flatMap((each) => (each.address === null ? [] : [toCidr(each.address)]))
  // What no range admits now, as the load balancer's own address, which AKS admits by itself, is not cut off by less.
  const admitted = needed.filter((each) => uncovered([...present, ...ranges.add], [each]).length === 0)
  const cut = ranges.mode === 'enforced' ? uncovered([...left, ...ranges.add], admitted) : []
  if (narrow.length > 0 && (cut.length > 0 || left.length === 0))
    findings.push(NARROWING_CUTS_OFF.finding({ ranges: narrow, addresses: cut }))
  const moving = detachments.filter((each) => each.movesTraffic)
  if (moving.length > 0)
    findings.push(CLEAN_UP_MOVES_TRAFFIC.finding({ steps: moving.map((each) => each.title) }))
  return findings
}

/** What could not be read is not gone: READ_INCOMPLETE names it. */
function isAnyUnread({ delete: made }: CleanupRequest, { unread }: Snapshot): boolean {
  const failed = new Set(unread.filter(({ reason }) => reason !== 'not-found').map(({ what }) => idKey(what)))
  return made.some((id) => failed.has(idKey(id)))
}

/** `gateway`, `vnet/nodes`: names of parts repeat from resource to resource. */
function partName(id: string): string {
  const [resource, name] = [parentResourceName(id), lastSegment(id)]
  return resource === name ? name : `${resource}/${name}`
}
