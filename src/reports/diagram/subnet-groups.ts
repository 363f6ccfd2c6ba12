import type { EffectivePath, EgressIpChange, PathSide } from '../../contract/egress.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { subnetWithPools } from '../../core/lib/text.ts'
import { pluralize } from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

export type Side = 'before' | 'after'

/** An address in the picture, with its fate where the ledger knows it. */
export interface ShownAddress {
  text: string
  change: EgressIpChange['change'] | null
}

/** Subnets whose packets leave the same way, what carries them, and as what they arrive outside. */
export interface SubnetGroup {
  subnets: string[]
  path: EffectivePath
  via: string | null
  addresses: ShownAddress[]
}

/** The picture's content for one side; one group for the whole cluster where no subnet can be seen. */
export function subnetGroupsOf(plan: ReportedPlan, side: Side): SubnetGroup[] {
  if (plan.paths.length === 0) return [wholeClusterGroup(plan, side)]
  const groups = new Map<string, SubnetGroup>()
  for (const { subnetId, pools, ...sides } of plan.paths) {
    const group = groupOf(sides[side], plan, side)
    const key = JSON.stringify(group)
    const { subnets } = groups.get(key) ?? group
    subnets.push(subnetWithPools({ id: subnetId, pools }))
    groups.set(key, { ...group, subnets })
  }
  return [...groups.values()]
}

function groupOf(
  { path, via, addresses, toCome, isComplete }: PathSide,
  plan: ReportedPlan,
  side: Side,
): SubnetGroup {
  const shown = addresses.map((text) => ({ text, change: addressChange(text, plan, side) }))
  if (toCome > 0) shown.push({ text: `${toCome} new, not known yet`, change: 'added' })
  if (!isComplete && path !== 'none') shown.push({ text: 'others that cannot be seen', change: 'unknown' })
  return {
    subnets: [],
    path,
    via: via === null ? null : carrierName(via),
    addresses: sortByImportance(shown),
  }
}

/** Before the change nothing is added yet; after it nothing that is lost is there. */
function addressChange(address: string, plan: ReportedPlan, side: Side): ShownAddress['change'] {
  const change = plan.egressIps.find((each) => each.address === address)?.change ?? null
  return side === 'before' && change === 'added' ? null : change
}

function carrierName(via: string): string {
  return via.startsWith('/') ? lastSegment(via) : via
}

function wholeClusterGroup({ snat, egressIps }: ReportedPlan, side: Side): SubnetGroup {
  const gone = side === 'before' ? 'added' : 'lost'
  const present = egressIps.filter((each) => each.change !== gone)
  const named = present.flatMap(({ address, change }) =>
    address === null ? [] : [{ text: address, change }],
  )
  const nameless = present.filter((each) => each.address === null)
  const later = nameless.filter((each) => each.change === 'added').length
  const addresses: ShownAddress[] = [...named]
  if (later > 0) addresses.push({ text: `${later} new, not known yet`, change: 'added' })
  if (nameless.length > later) addresses.push({ text: 'others that cannot be seen', change: 'unknown' })
  return { subnets: ['all nodes'], path: snat[side].path, via: null, addresses: sortByImportance(addresses) }
}

/** What changes comes first, since long lists are cut. */
function sortByImportance(shown: ShownAddress[]): ShownAddress[] {
  const order: ShownAddress['change'][] = ['lost', 'added', 'unknown', 'kept', null]
  return shown.toSorted((a, b) => order.indexOf(a.change) - order.indexOf(b.change))
}

/** The API server's part of the picture, in two lines. */
export function apiServerLines({ authorizedRanges: ranges }: ReportedPlan, side: Side): string[] {
  const { mode, current, add, addPrepared, missing, count } = ranges
  switch (mode) {
    case 'off':
      return ['admits every address']
    case 'notApplicable':
      return ['private: reached inside the network']
    case 'nodesPrivate':
      return [pluralize(current.length, 'authorized range'), 'nodes come in over the virtual network']
    case 'enforced': {
      const entries = side === 'before' ? current.length : count
      const isOpen = side === 'after' && add.length + addPrepared.length === 0 && missing.length > 0
      const lead = `admits ${pluralize(entries, 'authorized range')}`
      return isOpen
        ? [lead, `not among them: ${pluralize(missing.length, 'new address', 'new addresses')}`]
        : [lead]
    }
  }
}
