import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import type { Target } from '../../contract/target.ts'
import { unresolvedPaths } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { pathLabel } from '../egress/paths.ts'
import { listed } from '../lib/text.ts'
import { type Check, rule } from './rule.ts'

/** Which addresses go, which come, and which nobody can know before. */
export const checkAddressChanges: Check = (context) => {
  if (context.isNoChange || context.transition?.support === 'unsupported') return []
  return [
    ...lostForGood(context),
    ...someLost(context),
    ...changes(context),
    ...unknown(context),
    ...unused(context),
  ]
}

export const EGRESS_IP_LOST = rule<{ addresses: string[] }>('EGRESS_IP_LOST', {
  severity: 'acknowledge',
  message: (f) =>
    `AKS releases ${listed(f.addresses)} for good: ${f.addresses.length === 1 ? 'it' : 'they'} cannot be claimed again and may be given to another customer.`,
  remedy: (f) =>
    `Take ${them(f.addresses)} out of every allow-list, yours and your partners', after the change.`,
  confidence: 'documented',
  source: 'AKS release notes 2023-07-30',
})

function lostForGood({ ledger }: PlanningContext): Finding[] {
  const addresses = ledger.flatMap((each) =>
    each.change === 'lost' && !each.recoverable && each.address !== null ? [each.address] : [],
  )
  return addresses.length === 0 ? [] : [EGRESS_IP_LOST.finding({ addresses })]
}

export const UNUSED_IP_RELEASED = rule<{ addresses: string[] }>('UNUSED_IP_RELEASED', {
  severity: 'warning',
  message: (f) =>
    `AKS releases ${listed(f.addresses)}, which the cluster holds without leaving by ${them(f.addresses)}; ${f.addresses.length === 1 ? 'it' : 'they'} may be given to another customer.`,
  remedy: (f) =>
    `Take ${them(f.addresses)} out of the authorized ranges and of allow-lists elsewhere after the change: whoever gets ${them(f.addresses)} would be let in.`,
  confidence: 'documented',
  source: 'AKS release notes 2023-07-30',
})

function unused({ released }: PlanningContext): Finding[] {
  const addresses = released.flatMap((each) => each.address ?? [])
  return addresses.length === 0 ? [] : [UNUSED_IP_RELEASED.finding({ addresses })]
}

export const EGRESS_IP_SOME_LOST = rule<{ addresses: string[]; released: number }>('EGRESS_IP_SOME_LOST', {
  severity: 'acknowledge',
  message: (f) => `Of ${listed(f.addresses)} AKS releases ${f.released} for good, and chooses itself which.`,
  remedy: () =>
    'Read from the job which addresses are left, and take the others out of every allow-list. Name addresses of your own to choose yourself.',
  confidence: 'inferred',
  source: 'AKS release notes 2023-07-30',
})

function someLost({ after, target }: PlanningContext): Finding[] {
  const addresses = after.undecided.flatMap((each) => each.address ?? [])
  const kept = (family: 'IPv4' | 'IPv6') =>
    after.undecided.some((each) => each.family === family) ? managedCount(target, family) : 0
  const released = after.undecided.length - kept('IPv4') - kept('IPv6')
  return addresses.length === 0 ? [] : [EGRESS_IP_SOME_LOST.finding({ addresses, released })]
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

export const EGRESS_IP_CHANGES = rule<{
  lost: string[]
  added: string[]
  addedLater: number
  unseen: boolean
}>('EGRESS_IP_CHANGES', {
  severity: 'warning',
  message: (f) => {
    const come = f.added.length + f.addedLater
    const goes = f.lost.length === 0 ? 'none goes' : `${f.lost.length} go${f.lost.length === 1 ? 'es' : ''}`
    const comes = come === 0 ? 'none comes' : `${come} come${come === 1 ? 's' : ''}`
    const unseen = come === 0 ? 'which ones come cannot be seen' : `${comes}, and others that cannot be seen`
    return `The egress addresses change: ${goes}, ${f.unseen ? unseen : comes}.`
  },
  remedy: (f) => {
    const come = f.added.length + f.addedLater > 0 || f.unseen
    const when = f.addedLater > 0 || f.unseen ? 'as soon as they are known' : 'before the change'
    const add = `Add the new addresses to firewalls and allow-lists elsewhere ${when}`
    if (!come) return 'Remove the old addresses from firewalls and allow-lists elsewhere after the change.'
    return f.lost.length === 0 ? `${add}.` : `${add}, and remove the old ones after it.`
  },
  confidence: 'documented',
  source: 'EO',
})

function changes({ ledger }: PlanningContext): Finding[] {
  const of = (change: string) =>
    ledger.flatMap((each) => (each.change === change && each.address !== null ? [each.address] : []))
  const lost = of('lost')
  const added = of('added')
  const addedLater = ledger.filter((each) => each.change === 'added' && each.address === null).length
  if (lost.length + added.length + addedLater === 0) return []
  const unseen = ledger.some((each) => each.change === 'unknown' && each.address === null)
  return [EGRESS_IP_CHANGES.finding({ lost, added, addedLater, unseen })]
}

export const EGRESS_IP_UNKNOWN_BEFOREHAND = rule<{ count: number; knowableVariant: string }>(
  'EGRESS_IP_UNKNOWN_BEFOREHAND',
  {
    severity: 'warning',
    message: (f) =>
      `${f.count} new address${f.count === 1 ? ' is' : 'es are'} made by AKS during the change and cannot be known before.`,
    remedy: (f) => f.knowableVariant,
    confidence: 'documented',
    source: 'BLOG; EO',
  },
)

export const EGRESS_PATH_NOT_IN_ARM = rule<{ paths: EffectivePath[] }>('EGRESS_PATH_NOT_IN_ARM', {
  severity: 'warning',
  message: (f) =>
    `After the change traffic leaves by ${listed(f.paths.map(pathLabel))}; the public addresses of ${f.paths.length === 1 ? 'that' : 'those'} are not to be seen in ARM.`,
  remedy: () => 'Ask whoever runs it which public addresses it uses.',
  confidence: 'documented',
  source: 'EO; DOA2',
})

function unknown(context: PlanningContext): Finding[] {
  const { after, to } = context
  const count = after.created.IPv4 + after.created.IPv6
  const findings: Finding[] = []
  if (count > 0)
    findings.push(
      EGRESS_IP_UNKNOWN_BEFOREHAND.finding({ count, knowableVariant: KNOWABLE_VARIANT[to] ?? '' }),
    )
  const paths = unresolvedPaths(context)
  if (paths.length > 0) findings.push(EGRESS_PATH_NOT_IN_ARM.finding({ paths }))
  return findings
}

/** How to have known addresses instead, by target. */
const KNOWABLE_VARIANT: Record<string, string> = {
  loadBalancer:
    'Name public IPs or prefixes of your own (loadBalancer.outboundIpIds) to know the addresses before.',
  managedNATGateway:
    'Addresses of a Standard managed NAT gateway cannot be named; StandardV2 with natGateway.outboundIpIds can. Otherwise read the addresses from the job when it ends.',
  managedNATGatewayV2:
    'Name StandardV2 addresses of your own (natGateway.outboundIpIds) to know them before.',
}

function them(addresses: string[]): string {
  return addresses.length === 1 ? 'it' : 'them'
}
