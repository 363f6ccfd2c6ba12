import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { unresolvedPaths } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { pathLabel } from '../egress/path-labels.ts'
import { listed, listedCode } from '../lib/text.ts'
import { documented, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { managedIpCount } from '../target/egress-profile.ts'
import { type Check, rule } from './rule.ts'

/** Reports which egress addresses are lost, added, or unknown at plan time. */
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
    `AKS permanently releases ${listed(f.addresses)}, and Azure may assign ${them(f.addresses)} to another customer.`,
  remedy: (f) =>
    `Remove ${them(f.addresses)} from every allow list, including your partners', after the change.`,
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
    `AKS releases ${listed(f.addresses)}, which the cluster does not use for egress, and Azure may assign ${them(f.addresses)} to another customer.`,
  remedy: (f) =>
    `Remove ${them(f.addresses)} from the authorized IP ranges and from external allow lists after the change; otherwise the next owner has access.`,
  source: documented('AKS release notes 2023-07-30'),
})

function unused({ released }: PlanningContext): Finding[] {
  const addresses = released.flatMap(({ address }) => address ?? [])
  return UNUSED_IP_RELEASED.ifAny({ addresses })
}

export const EGRESS_IP_SOME_LOST = rule<{ addresses: string[]; released: number }>('EGRESS_IP_SOME_LOST', {
  severity: 'acknowledge',
  message: (f) =>
    `AKS permanently releases ${f.released} of ${listed(f.addresses)}; which ${f.released === 1 ? 'one' : 'ones'} cannot be predicted.`,
  remedy:
    'Read the remaining addresses from the job, and remove the others from every allow list. Use customer-provided addresses to choose which addresses remain.',
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
    const added = f.added.length + f.addedLater
    const known = `${f.lost.length} removed${f.unseen && added === 0 ? '' : `, ${added} added`}`
    const unseen = `the ${added === 0 ? 'new' : 'other new'} addresses are not visible in Azure Resource Manager`
    return `Egress IPs change: ${known}${f.unseen ? `; ${unseen}` : ''}.`
  },
  remedy: (f) => {
    const hasNew = f.added.length + f.addedLater > 0 || f.unseen
    const when = f.addedLater > 0 || f.unseen ? 'as soon as they are known' : 'before the change'
    const add = `Add the new addresses to external firewalls and allow lists ${when}`
    if (!hasNew) return 'Remove the old addresses from external firewalls and allow lists after the change.'
    return f.lost.length === 0 ? `${add}.` : `${add}, and remove the old addresses after the change.`
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
      `AKS creates ${f.count} new address${f.count === 1 ? '' : 'es'} during the change, and ${f.count === 1 ? 'this address is' : 'these addresses are'} unknown at plan time.`,
    remedy: (f) => f.knowableVariant,
    source: documented(STANDARD_V2_BLOG, 'egress-outboundtype'),
  },
)

export const EGRESS_PATH_NOT_IN_ARM = rule<{ paths: EffectivePath[]; destinations: string[] }>(
  'EGRESS_PATH_NOT_IN_ARM',
  {
    severity: 'warning',
    message: (f) =>
      `After the change, egress${f.destinations.length === 0 ? '' : ` to ${listedCode(f.destinations)}`} uses ${listed(f.paths.map(pathLabel))}, whose public addresses are not visible in Azure Resource Manager.`,
    remedy: 'Ask the operator of each path for its public addresses.',
    source: documented('egress-outboundtype', 'default-outbound-access'),
  },
)

function unknownAddresses(context: PlanningContext): Finding[] {
  const { created } = context.after
  const count = created.IPv4 + created.IPv6
  const unresolved = unresolvedPaths(context)
  const general = unresolved.filter(({ destinations }) => destinations.length === 0)
  const shown = general.length > 0 ? general : unresolved
  return [
    ...EGRESS_IP_UNKNOWN_BEFOREHAND.when(count > 0, {
      count,
      knowableVariant: KNOWABLE_VARIANT[context.to] ?? '',
    }),
    ...EGRESS_PATH_NOT_IN_ARM.ifAny({
      paths: shown.map(({ path }) => path),
      destinations: [...new Set(shown.flatMap(({ destinations }) => destinations.map(destinationLabel)))],
    }),
  ]
}

function destinationLabel(destination: string): string {
  return destination === API_SERVER ? 'API server' : destination
}

/** How to get addresses that are known at plan time, for each target. */
const KNOWABLE_VARIANT: Record<string, string> = {
  loadBalancer:
    'Specify customer-provided public IPs or prefixes (`loadBalancer.outboundIpIds`) to know the addresses before the change.',
  managedNATGateway:
    'Read the addresses from the job when it ends. To know them before the change, use a StandardV2 managed NAT gateway with `natGateway.outboundIpIds`; a Standard one does not support customer-provided addresses.',
  managedNATGatewayV2:
    'Specify customer-provided StandardV2 addresses (`natGateway.outboundIpIds`) to know them before the change.',
}

function them(addresses: string[]): string {
  return addresses.length === 1 ? 'it' : 'them'
}
