import { asCidr, uncovered } from '../cidr.ts'
import type { CleanUpRequest } from '../clean-up/clean-up.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Check } from './check.ts'

/** A clean-up may take nothing away that is still needed, and says what it moves. */
export const cleanUp: Check = ({ request, cleanUp: wanted, snapshot, after, ranges, from }) => {
  if (request.cleanUp === undefined) return []
  const { detachments, keptRoutes, keptLeads, narrow, delete: removed, stillUsed } = wanted
  const findings: Finding[] = []
  const expected = request.target.outboundType
  if (from !== expected) {
    const present = from ?? String(snapshot.cluster.outboundType)
    findings.push(
      finding('CLEAN_UP_OTHER_TYPE', { expected, present, leftBehind: detachments.length + removed.length }),
    )
  }
  if (stillUsed.length > 0)
    findings.push(
      finding('CLEAN_UP_STILL_IN_USE', { resources: stillUsed.map(({ id, by }) => ({ id, by })) }),
    )
  for (const each of keptRoutes) findings.push(finding('CLEAN_UP_ROUTE_KEPT', { ...each }))
  for (const each of keptLeads) findings.push(finding('CLEAN_UP_OWN_ROUTE_KEPT', { ...each }))
  const all = [detachments, keptRoutes, keptLeads, narrow, removed, stillUsed]
  if (from === expected && all.every((each) => each.length === 0) && !isAnyUnread(request.cleanUp, snapshot))
    findings.push(finding('CLEAN_UP_NOTHING_LEFT', {}))
  const present = snapshot.cluster.authorizedIPRanges
  const left = present.filter((entry) => !narrow.includes(entry))
  const needed = after.known.flatMap((each) => (each.address === null ? [] : [asCidr(each.address)]))
  // What no range admits now, as the load balancer's own address, which AKS admits by itself, is not cut off by less.
  const admitted = needed.filter((each) => uncovered([...present, ...ranges.add], [each]).length === 0)
  const cut = ranges.mode === 'enforced' ? uncovered([...left, ...ranges.add], admitted) : []
  if (narrow.length > 0 && (cut.length > 0 || left.length === 0))
    findings.push(finding('NARROWING_CUTS_OFF', { ranges: narrow, addresses: cut }))
  const moving = detachments.filter((each) => each.movesTraffic)
  if (moving.length > 0)
    findings.push(finding('CLEAN_UP_MOVES_TRAFFIC', { steps: moving.map((each) => each.title) }))
  return findings
}

/** What could not be read is not gone: READ_INCOMPLETE names it. */
function isAnyUnread({ delete: made }: CleanUpRequest, { unread }: Snapshot): boolean {
  const failed = new Set(unread.filter(({ reason }) => reason !== 'not-found').map(({ what }) => idKey(what)))
  return made.some((id) => failed.has(idKey(id)))
}
