import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { unresolvedPaths } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { pathLabel } from '../egress/paths.ts'
import { listed } from '../lib/text.ts'
import { documented, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { managedIpCount } from '../target/egress-profile.ts'
import { type Check, rule } from './rule.ts'

/** Which addresses are lost, which are added, and which are unknown at plan time. */
export const checkAddressChanges: Check = (context) => {
  if (context.isNoChange || context.transition?.support === 'unsupported') return []
  return [
    ...permanentlyLost(context),
    ...someLost(context),
    ...changes(context),
    ...unknownAddresses(context),
    ...unused(context),
  ]
}

export const EGRESS_IP_LOST = rule<{ addresses: string[] }>('EGRESS_IP_LOST', {
  severity: 'acknowledge',
  message: (f) =>
    `AKS releases ${listed(f.addresses)} for good: ${f.addresses.length === 1 ? 'it' : 'they'} cannot be claimed again and may be given to another customer.`,
  remedy: (f) =>
    `Take ${them(f.addresses)} out of every allow-list, yours and your partners', after the change.`,
  source: documented('AKS release notes 2023-07-30'),
})

function permanentlyLost({ ledger }: PlanningContext): Finding[] {
  const addresses = ledger
    .filter(({ change, recoverable }) => change === 'lost' && !recoverable)
    .flatMap(({ address }) => address ?? [])
  return EGRESS_IP_LOST.ifAny({ addresses })
}

export const UNUSED_IP_RELEASED = rule<{ addresses: string[] }>('UNUSED_IP_RELEASED', {
  severity: 'warning',
  message: (f) =>
    `AKS releases ${listed(f.addresses)}, which the cluster holds without leaving by ${them(f.addresses)}; ${f.addresses.length === 1 ? 'it' : 'they'} may be given to another customer.`,
  remedy: (f) =>
    `Take ${them(f.addresses)} out of the authorized ranges and of allow-lists elsewhere after the change: whoever gets ${them(f.addresses)} would be let in.`,
  source: documented('AKS release notes 2023-07-30'),
})

function unused({ released }: PlanningContext): Finding[] {
  const addresses = released.flatMap(({ address }) => address ?? [])
  return UNUSED_IP_RELEASED.ifAny({ addresses })
}

export const EGRESS_IP_SOME_LOST = rule<{ addresses: string[]; released: number }>('EGRESS_IP_SOME_LOST', {
  severity: 'acknowledge',
  message: (f) => `Of ${listed(f.addresses)} AKS releases ${f.released} for good, and chooses itself which.`,
  remedy:
    'Read from the job which addresses are left, and take the others out of every allow-list. Name addresses of your own to choose yourself.',
  source: inferred('AKS release notes 2023-07-30'),
})

function someLost({ after, target }: PlanningContext): Finding[] {
  const addresses = after.undecided.flatMap(({ address }) => address ?? [])
  const kept = (family: 'IPv4' | 'IPv6') =>
    after.undecided.some((address) => address.family === family) ? managedIpCount(target, family) : 0
  const released = after.undecided.length - kept('IPv4') - kept('IPv6')
  return EGRESS_IP_SOME_LOST.ifAny({ addresses, released })
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
  source: documented('egress-outboundtype'),
})

function changes({ ledger }: PlanningContext): Finding[] {
  const known = (change: string) =>
    ledger.filter((row) => row.change === change).flatMap(({ address }) => address ?? [])
  const unknown = (change: string) =>
    ledger.filter((row) => row.change === change && row.address === null).length
  const [lost, added, addedLater] = [known('lost'), known('added'), unknown('added')]
  return EGRESS_IP_CHANGES.when(lost.length + added.length + addedLater > 0, {
    lost,
    added,
    addedLater,
    unseen: unknown('unknown') > 0,
  })
}

export const EGRESS_IP_UNKNOWN_BEFOREHAND = rule<{ count: number; knowableVariant: string }>(
  'EGRESS_IP_UNKNOWN_BEFOREHAND',
  {
    severity: 'warning',
    message: (f) =>
      `${f.count} new address${f.count === 1 ? ' is' : 'es are'} made by AKS during the change and cannot be known before.`,
    remedy: (f) => f.knowableVariant,
    source: documented(STANDARD_V2_BLOG, 'egress-outboundtype'),
  },
)

export const EGRESS_PATH_NOT_IN_ARM = rule<{ paths: EffectivePath[] }>('EGRESS_PATH_NOT_IN_ARM', {
  severity: 'warning',
  message: (f) =>
    `After the change traffic leaves by ${listed(f.paths.map(pathLabel))}; the public addresses of ${f.paths.length === 1 ? 'that' : 'those'} are not to be seen in ARM.`,
  remedy: 'Ask whoever runs it which public addresses it uses.',
  source: documented('egress-outboundtype', 'default-outbound-access'),
})

function unknownAddresses(context: PlanningContext): Finding[] {
  const { created } = context.after
  const count = created.IPv4 + created.IPv6
  return [
    ...EGRESS_IP_UNKNOWN_BEFOREHAND.when(count > 0, {
      count,
      knowableVariant: KNOWABLE_VARIANT[context.to] ?? '',
    }),
    ...EGRESS_PATH_NOT_IN_ARM.ifAny({ paths: unresolvedPaths(context) }),
  ]
}

/** How to get addresses that are known at plan time, by target. */
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
