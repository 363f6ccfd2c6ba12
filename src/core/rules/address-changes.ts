import type { EgressIpChange } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { idKey, namesOf } from '../arm/resource-id.ts'
import {
  type HiddenAddresses,
  hiddenAddresses,
  mayAddressesChange,
  unresolvedPaths,
} from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { gainsTraffic, movesToUnknown } from '../egress/address-moves.ts'
import { addressKey, isUnknown } from '../egress/addresses.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { pathLabel } from '../egress/path-labels.ts'
import { agree, listed, listedUpTo } from '../lib/text.ts'
import { documented, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { managedIpCount } from '../target/egress-profile.ts'
import { allowHidden, findHidden, type HiddenPaths } from './hidden-addresses.ts'
import { hubFact } from './learned-routes.ts'
import { type Check, rule } from './rule.ts'
import { retainedSharedRanges, sharedRangesRemedy } from './shared-ranges.ts'

/** Reports which egress addresses are lost, added, or unknown at plan time. */
export const checkAddressChanges: Check = (context) => {
  if (context.isNoChange || context.transition?.support === 'unsupported') return []
  return [...lostAndAdded(context), ...someLost(context), ...unknownAddresses(context), ...unused(context)]
}

/** The maximum number of addresses in a sentence. The facts contain all addresses. */
const MAX_ADDRESSES = 5

/** The addresses after the change, as a reader must add them to allow lists. */
type NewAddresses = {
  added: string[]
  /** Addresses that the cluster already uses for other traffic, and to which traffic moves. */
  reused: string[]
  /** Addresses that do not exist yet. */
  addedLater: number
  /** Whether further addresses are not visible in ARM. */
  unseen: boolean
  /** What readers can do with these addresses. */
  hidden?: HiddenAddresses
}

export const EGRESS_IP_LOST = rule<NewAddresses & { addresses: string[]; isDeleted?: true }>(
  'EGRESS_IP_LOST',
  {
    severity: 'acknowledge',
    message: (f) =>
      `${f.isDeleted === true ? 'This plan deletes' : 'AKS permanently releases'} ${listed(f.addresses)}: ${f.isDeleted === true ? `no plan can restore ${them(f.addresses)}` : `a rollback does not restore ${them(f.addresses)}`}, and Azure may assign ${them(f.addresses)} to another customer.`,
    remedy: (f) =>
      `${isReplaced(f) ? `${addRemedy(f)} ` : ''}After the change, remove ${releasedLabel(f.addresses)} from every allow list, including your partners'.`,
    source: documented('AKS release notes 2023-07-30', 'egress-outboundtype'),
  },
)

export const EGRESS_IP_CHANGES = rule<
  NewAddresses & { lost: string[]; formerUnseen: boolean; isShared?: boolean; sharedRanges?: string[] }
>('EGRESS_IP_CHANGES', {
  severity: 'warning',
  message: (f) => {
    const unseen = 'not visible in Azure Resource Manager'
    const added = [...f.added, ...(f.addedLater === 0 ? [] : [newAddresses(f.addedLater)])]
    const moved =
      f.reused.length === 0
        ? []
        : [`traffic moves to ${listedUpTo(MAX_ADDRESSES, f.reused)}, which other traffic already uses`]
    const isSame = f.lost.length + added.length === 0 && !f.unseen && !f.formerUnseen
    if (isSame) return `The egress IPs change: ${listed(moved)}.`
    const removed = f.lost.length > 0 || !f.formerUnseen ? namesOrNone(f.lost, 'removed') : null
    return `The egress IPs change: ${listed([
      removed === null ? `the removed addresses are ${unseen}` : removed,
      f.unseen && added.length === 0
        ? `the new addresses are ${unseen}`
        : namesOrNone(added, 'added', f.added.length + f.addedLater),
      ...(f.lost.length > 0 && f.formerUnseen ? [`other removed addresses are ${unseen}`] : []),
      ...(f.unseen && added.length > 0 ? [`other new addresses are ${unseen}`] : []),
      ...moved,
    ])}.`
  },
  remedy: (f) => {
    const isLosing = f.lost.length > 0 || f.formerUnseen
    const unless = f.isShared === true ? ', unless other resources use these addresses.' : '.'
    const end = `${unless}${sharedRangesRemedy(f.sharedRanges)}`
    if (!isReplaced(f))
      return `Remove the old addresses from external firewalls and allow lists after the change${end}`
    return isLosing
      ? `${addRemedy(f)} After the change, remove the old addresses from all allow lists${end}`
      : addRemedy(f)
  },
  source: documented('egress-outboundtype'),
})

/** EGRESS_IP_LOST also says what replaces a released address, so the other finding is for changes without such a loss. */
function lostAndAdded(context: PlanningContext): Finding[] {
  const { ledger, before, after, moves, cleanUp } = context
  const rows = (change: string) => ledger.filter((row) => row.change === change)
  const lost = rows('lost').filter(({ address }) => address !== null)
  const namesOf = (recoverable: boolean) =>
    lost.filter((row) => row.recoverable === recoverable).flatMap(({ address }) => address ?? [])
  const replacement = {
    added: rows('added').flatMap(({ address }) => address ?? []),
    addedLater: rows('added').filter(({ address }) => address === null).length,
    reused: rows('kept').flatMap(({ address }) => (gainsTraffic(address, moves) ? (address ?? []) : [])),
    unseen: movesToUnknown(moves),
    ...(movesToUnknown(moves) ? { hidden: hiddenAddresses(context) ?? 'findable' } : {}),
  }
  const [addresses, recoverable] = [namesOf(false), namesOf(true)]
  const deleted = new Set(cleanUp.delete.map(idKey))
  const isDeleted = ({ resourceId }: EgressIpChange) => resourceId !== null && deleted.has(idKey(resourceId))
  const isAdding = replacement.added.length + replacement.addedLater + replacement.reused.length > 0
  return [
    ...EGRESS_IP_LOST.when(addresses.length > 0, {
      addresses,
      ...replacement,
      ...(lost.every((row) => row.recoverable || isDeleted(row)) ? { isDeleted: true as const } : {}),
    }),
    ...EGRESS_IP_CHANGES.when(recoverable.length > 0 || (isAdding && addresses.length === 0), {
      lost: recoverable,
      ...replacement,
      formerUnseen: before.some(isUnknown) && !after.unknowable,
      ...(lost.some(({ isShared }) => isShared === true) ? { isShared: true } : {}),
      ...retainedSharedRanges(context),
    }),
  ]
}

function isReplaced({ added, reused, addedLater, unseen }: NewAddresses): boolean {
  return added.length + reused.length + addedLater > 0 || unseen
}

/** When to allow which new addresses: those that exist, those that the job reports, and those that ARM does not show. */
function addRemedy({ added, reused, addedLater, unseen, hidden = 'findable' }: NewAddresses): string {
  const known = [...added, ...reused]
  const remaining = (isFirst: boolean) => (isFirst ? 'the new addresses' : 'the other new addresses')
  const isLater = addedLater > 0
  return [
    ...(known.length === 0
      ? []
      : [`Add ${listedUpTo(MAX_ADDRESSES, known)} to ${ALLOW_LISTS} before the cutover.`]),
    ...(isLater
      ? [`Add ${remaining(known.length === 0)} to ${ALLOW_LISTS} as soon as the job reports these addresses.`]
      : []),
    ...(unseen ? [`${allowHidden(hidden, remaining(known.length === 0 && !isLater), ALLOW_LISTS)}.`] : []),
  ].join(' ')
}

const ALLOW_LISTS = 'external firewalls and allow lists'

function newAddresses(count: number): string {
  return `${count} new address${count === 1 ? '' : 'es'}`
}

/** `20.1.2.3 is removed`; `count` differs from the number of names if a name stands for several addresses. */
function namesOrNone(names: string[], verb: string, count = names.length): string {
  if (names.length === 0) return `no address is ${verb}`
  return `${listedUpTo(MAX_ADDRESSES, names)} ${count === 1 ? 'is' : 'are'} ${verb}`
}

export const UNUSED_IP_RELEASED = rule<{ addresses: string[]; isDeleted?: true }>('UNUSED_IP_RELEASED', {
  severity: 'warning',
  message: (f) =>
    `${f.isDeleted === true ? 'This plan deletes' : 'AKS releases'} ${listed(f.addresses)}, which the cluster does not use for egress, and Azure may assign ${them(f.addresses)} to another customer.`,
  remedy: (f) =>
    `Remove ${releasedLabel(f.addresses)} from external allow lists after the change. Also remove ${them(f.addresses)} from the authorized IP ranges, for example with a cleanup plan. Otherwise, the next owner of ${agree(f.addresses, 'the address', 'these addresses')} has access.`,
  source: documented('AKS release notes 2023-07-30'),
})

/** A cleanup deletes only what its job created; AKS releases nothing then. */
function unused({ released, request }: PlanningContext): Finding[] {
  const addresses = released.flatMap(({ address }) => address ?? [])
  return UNUSED_IP_RELEASED.ifAny({
    addresses,
    ...(request.cleanUp === undefined ? {} : { isDeleted: true as const }),
  })
}

export const EGRESS_IP_SOME_LOST = rule<{
  addresses: string[]
  released: number
  /** Whether no path uses any of the addresses, as in UNUSED_IP_RELEASED. */
  isUnused?: true
  /** Whether the target is a gateway that supports no customer-provided addresses. */
  isStandardGateway?: true
}>('EGRESS_IP_SOME_LOST', {
  severity: 'acknowledge',
  severityOverride: (f) => (f.isUnused === true ? 'warning' : null),
  message: (f) =>
    `AKS permanently releases ${f.released} of the addresses ${listed(f.addresses)}, ${f.isUnused === true ? 'which the cluster does not use for egress, and' : 'but'} it is unknown at plan time which ${f.released === 1 ? 'address' : 'addresses'} AKS releases.`,
  remedy: (f) =>
    `Read the remaining addresses from the job when the job ends, and remove the released addresses from every allow list.${f.isStandardGateway === true ? '' : ' To choose the remaining addresses yourself, use customer-provided addresses (`outboundIpIds` of the target).'}`,
  source: inferred('AKS release notes 2023-07-30'),
})

function someLost({ after, target, to, before }: PlanningContext): Finding[] {
  const addresses = after.undecided.flatMap(({ address }) => address ?? [])
  const kept = (family: 'IPv4' | 'IPv6') =>
    after.undecided.some((address) => address.family === family) ? managedIpCount(target, family) : 0
  const released = after.undecided.length - kept('IPv4') - kept('IPv6')
  const used = new Set(before.map(addressKey))
  const isUnused = !after.undecided.some((address) => used.has(addressKey(address)))
  return EGRESS_IP_SOME_LOST.ifAny({
    addresses,
    released,
    ...(isUnused ? { isUnused } : {}),
    ...(to === 'managedNATGateway' ? { isStandardGateway: true as const } : {}),
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

export const EGRESS_PATH_NOT_IN_ARM = rule<{ destinations: string[] } & HiddenPaths>(
  'EGRESS_PATH_NOT_IN_ARM',
  {
    severity: 'warning',
    message: (f) =>
      `After the change, egress${f.destinations.length === 0 ? '' : ` to ${listed(f.destinations.map(quotedDestination))}`} uses ${listed(f.paths.map(pathLabel))}, whose public addresses ${f.paths.includes('virtualAppliance') ? 'this service did not find' : 'are not visible'} in Azure Resource Manager.`,
    remedy: findHidden,
    source: documented('egress-outboundtype', 'default-outbound-access'),
  },
)

function unknownAddresses(context: PlanningContext): Finding[] {
  const { created } = context.after
  const count = created.IPv4 + created.IPv6
  const isUnmovedCleanup = context.request.cleanUp !== undefined && !mayAddressesChange(context)
  const { paths, destinations, forwarding } = isUnmovedCleanup
    ? { paths: [], destinations: [], forwarding: [] }
    : unresolvedPaths(context)
  return [
    ...EGRESS_IP_UNKNOWN_BEFOREHAND.when(count > 0, {
      count,
      knowableVariant: KNOWABLE_VARIANT[context.to] ?? '',
    }),
    ...EGRESS_PATH_NOT_IN_ARM.when(paths.length > 0, {
      paths,
      destinations: destinations.map(destinationLabel),
      ...(forwarding.length === 0 ? {} : { forwarding: namesOf(forwarding) }),
      ...hubFact(context.snapshot),
    }),
  ]
}

const API_SERVER_LABEL = 'API server'

function destinationLabel(destination: string): string {
  return destination === API_SERVER ? API_SERVER_LABEL : destination
}

function quotedDestination(label: string): string {
  return label === API_SERVER_LABEL ? `the ${label}` : `\`${label}\``
}

const READ_FROM_JOB =
  'Read the addresses from the job (`result.egressIps`) when the job ends. To know the addresses before the cutover,'

/** How to get addresses that are known at plan time, for each target. */
const KNOWABLE_VARIANT: Record<string, string> = {
  loadBalancer: `${READ_FROM_JOB} use customer-provided public IPs or prefixes (\`loadBalancer.outboundIpIds\`).`,
  managedNATGateway: `${READ_FROM_JOB} use an AKS-managed StandardV2 NAT gateway with customer-provided addresses (\`natGateway.outboundIpIds\`). A Standard NAT gateway does not support customer-provided addresses, and AKS supports no rollback from StandardV2.`,
  managedNATGatewayV2: `${READ_FROM_JOB} use customer-provided StandardV2 addresses (\`natGateway.outboundIpIds\`).`,
}

/** A single address, or the released addresses as a group. */
function releasedLabel([first, ...rest]: string[]): string {
  return rest.length === 0 ? String(first) : 'the released addresses'
}

function them(addresses: string[]): string {
  return addresses.length === 1 ? 'it' : 'them'
}
