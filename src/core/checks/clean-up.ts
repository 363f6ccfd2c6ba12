import { asCidr, uncovered } from '../cidr.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { Check } from './check.ts'

/** A clean-up may take nothing away that is still needed, and says what it moves. */
export const cleanUp: Check = ({ request, cleanUp: wanted, snapshot, after, ranges, from }) => {
  if (request.cleanUp === undefined) return []
  const expected = request.target.outboundType
  if (from !== expected) {
    const present = from ?? String(snapshot.cluster.outboundType)
    return [finding('CLEAN_UP_OTHER_TYPE', { expected, present })]
  }
  const findings: Finding[] = []
  if (wanted.detachments.length + wanted.narrow.length + wanted.delete.length === 0)
    findings.push(finding('CLEAN_UP_NOTHING_LEFT', {}))
  const present = snapshot.cluster.authorizedIPRanges
  const left = present.filter((entry) => !wanted.narrow.includes(entry))
  const needed = after.known.flatMap((each) => (each.address === null ? [] : [asCidr(each.address)]))
  // What no range admits now, as the load balancer's own address, which AKS admits by itself, is not cut off by less.
  const admitted = needed.filter((each) => uncovered([...present, ...ranges.add], [each]).length === 0)
  const cut = ranges.mode === 'enforced' ? uncovered([...left, ...ranges.add], admitted) : []
  if (wanted.narrow.length > 0 && (cut.length > 0 || left.length === 0))
    findings.push(finding('NARROWING_CUTS_OFF', { ranges: wanted.narrow, addresses: cut }))
  const moving = wanted.detachments.filter((each) => each.movesTraffic)
  if (moving.length > 0)
    findings.push(finding('CLEAN_UP_MOVES_TRAFFIC', { steps: moving.map((each) => each.title) }))
  return findings
}
