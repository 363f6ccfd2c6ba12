import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { Target } from '../target.ts'
import { unknownPathsAfter } from '../unknown-paths.ts'
import type { Check } from './check.ts'

/** Which addresses go, which come, and which nobody can know before (rulebook 5). */
export const addressChanges: Check = (context) => {
  if (context.isNoChange || context.transition?.support === 'unsupported') return []
  return [
    ...lostForGood(context),
    ...someLost(context),
    ...changes(context),
    ...unknown(context),
    ...unused(context),
  ]
}

function lostForGood({ ledger }: PlanningContext): Finding[] {
  const addresses = ledger.flatMap((each) =>
    each.change === 'lost' && !each.recoverable && each.address !== null ? [each.address] : [],
  )
  return addresses.length === 0 ? [] : [finding('EGRESS_IP_LOST', { addresses })]
}

function unused({ released }: PlanningContext): Finding[] {
  const addresses = released.flatMap((each) => each.address ?? [])
  return addresses.length === 0 ? [] : [finding('UNUSED_IP_RELEASED', { addresses })]
}

function someLost({ after, target }: PlanningContext): Finding[] {
  const addresses = after.undecided.flatMap((each) => each.address ?? [])
  const kept = (family: 'IPv4' | 'IPv6') =>
    after.undecided.some((each) => each.family === family) ? managedCount(target, family) : 0
  const released = after.undecided.length - kept('IPv4') - kept('IPv6')
  return addresses.length === 0 ? [] : [finding('EGRESS_IP_SOME_LOST', { addresses, released })]
}

function managedCount(target: Target, family: 'IPv4' | 'IPv6'): number {
  const { managedOutboundIpCount: v4, managedOutboundIpv6Count: v6 } =
    target.outboundType === 'loadBalancer'
      ? target.loadBalancer
      : target.outboundType === 'managedNATGateway'
        ? target.natGateway
        : { managedOutboundIpCount: 0, managedOutboundIpv6Count: 0 }
  return (family === 'IPv4' ? v4 : v6) ?? 0
}

function changes({ ledger }: PlanningContext): Finding[] {
  const of = (change: string) =>
    ledger.flatMap((each) => (each.change === change && each.address !== null ? [each.address] : []))
  const lost = of('lost')
  const added = of('added')
  const addedLater = ledger.filter((each) => each.change === 'added' && each.address === null).length
  if (lost.length + added.length + addedLater === 0) return []
  const unseen = ledger.some((each) => each.change === 'unknown' && each.address === null)
  return [finding('EGRESS_IP_CHANGES', { lost, added, addedLater, unseen })]
}

function unknown(context: PlanningContext): Finding[] {
  const { after, to } = context
  const count = after.created.IPv4 + after.created.IPv6
  const findings: Finding[] = []
  if (count > 0)
    findings.push(
      finding('EGRESS_IP_UNKNOWN_BEFOREHAND', { count, knowableVariant: KNOWABLE_VARIANT[to] ?? '' }),
    )
  const paths = unknownPathsAfter(context)
  if (paths.length > 0) findings.push(finding('EGRESS_PATH_NOT_IN_ARM', { paths }))
  return findings
}

/** How to have known addresses instead, by target (rulebook 5, last column of the second table). */
const KNOWABLE_VARIANT: Record<string, string> = {
  loadBalancer:
    'Name public IPs or prefixes of your own (loadBalancer.outboundIpIds) to know the addresses before.',
  managedNATGateway:
    'Addresses of a Standard managed NAT gateway cannot be named; StandardV2 with natGateway.outboundIpIds can. Otherwise read the addresses from the job when it ends.',
  managedNATGatewayV2:
    'Name StandardV2 addresses of your own (natGateway.outboundIpIds) to know them before.',
}
