import type { Cost } from '../../contract/cost.ts'
import type { Plan } from '../../contract/plan.ts'
import { sharesAddress } from '../allow-lists/address-range.ts'
import { idKey, parseResourceId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { isOfOthers } from '../egress/ledger.ts'
import { listedUpTo } from '../lib/text.ts'
import { incompleteParts, type UnreadPart } from './plan-coverage.ts'

/** The required edits of an allow list in Azure, or of a consumer, whose name is then the `resourceId`. */
export interface EditedList {
  resourceId: string
  /** The ARM resource type, or `CONSUMER`. */
  type: string
  add: string[]
  addLater: number
  remove: { entry: string; covers: string[] }[]
}

/** The `type` of the list of a consumer, which can have entries of both IP families. */
export const CONSUMER = 'consumer'

/** The data of the plan of a member that a campaign stores. */
export interface PlanFacts {
  subscriptionId: string
  location: string
  verdict: 'applicable' | 'blocked' | 'noChange'
  blockers: string[]
  acknowledgements: string[]
  missingPermissions: string[]
  addresses: {
    address: string
    family: 'IPv4' | 'IPv6'
    change: Plan['egressIps'][number]['change']
    /**
     * Present and true if further packets move to a kept address, or if the cluster did not use an unknown address before.
     * An added address is always new.
     */
    isNew?: boolean
    /** Present and true if other resources may use the address after the change. */
    isOfOthers?: boolean
  }[]
  addressesKnownLater: number
  allowLists: EditedList[]
  /** The consumers of the request that must change their lists. Absent without, and in facts of an earlier version. */
  consumers?: EditedList[]
  quota: { name: string; current: number; limit: number; needed: number } | null
  /** When the plan was created, and its quota read. Absent in facts of an earlier version. */
  plannedAt?: string
  /** What the plan could not read. Absent if it is complete, and in facts of an earlier version. */
  unread?: UnreadPart[]
  steps: string[]
  /** Keys of network resources whose change concerns every cluster that uses them. */
  shares: string[]
  /** Whether a failed job can revert the change. */
  canRollBack: boolean
  /** Whether its job can stop before the step that moves traffic. Absent in facts of an earlier version. */
  canHold?: boolean
  /** The key of the first step that moves traffic; null if nothing moves. Absent in facts of an earlier version. */
  cutOver?: string | null
  /** The monthly cost; null if it is not completely known. Absent in facts of an earlier version. */
  cost?: {
    currency: string
    before: number
    after: number
    priceSource: string
    pricesAsOf: string
    assumptions: string[]
    /** The ARM ID of the cluster, and the existing resources in the amounts. Absent in facts of an earlier version. */
    clusterId?: string
    resources?: { id: string; before: number; after: number }[]
  } | null
  /** A digest that is equal for plans without a difference that a person must decide on. */
  digest: string
}

/** The parts of a digest, in its order. */
const DIGEST_PARTS = ['verdict', 'outbound type', 'blockers', 'acknowledgements', 'steps', 'addresses']

/** The differences between two plans: each part with its removed and added entries. */
export function planDifferences(former: PlanFacts, next: PlanFacts): string[] {
  const [before, after] = [former, next].map(({ digest }) => JSON.parse(digest) as (string | string[])[])
  return DIGEST_PARTS.flatMap((part, index) => {
    const [was, is] = [before, after].map((parts) => [parts?.[index] ?? []].flat())
    const lost = (was ?? []).filter((item) => !is?.includes(item)).map((item) => `without ${item}`)
    const added = (is ?? []).filter((item) => !was?.includes(item)).map((item) => `now ${item}`)
    return lost.length + added.length === 0
      ? []
      : [`${part} (${listedUpTo(MAX_DIFFERENCES, [...added, ...lost])})`]
  })
}

/** The maximum number of differences in one part of a message. */
const MAX_DIFFERENCES = 6

/** Resources that several clusters can use and that determine the egress of all of them. */
const ON_PATH = [RESOURCE_TYPES.natGateway, RESOURCE_TYPES.routeTable, RESOURCE_TYPES.subnet]
/** A firewall of a hub is on the path of every cluster, so it counts as shared only if the plan changes it. */
const CHANGED = [...ON_PATH, 'Microsoft.Network/azureFirewalls', 'Microsoft.Network/firewallPolicies']

/** What a job finds out about the addresses of its plan. */
export type ActualFacts = Pick<PlanFacts, 'addresses' | 'addressesKnownLater' | 'allowLists' | 'consumers'>

export function actualFacts(plan: Plan): ActualFacts {
  const addresses = plan.egressIps.flatMap((row) => {
    const { address, family, change } = row
    if (address === null) return []
    const others = isOfOthers(row) ? { isOfOthers: true } : {}
    return [{ address, family, change, ...(isNew(row) ? { isNew: true } : {}), ...others }]
  })
  return {
    addresses,
    // Azure never shows the other addresses that are unknown.
    addressesKnownLater: plan.egressIps.filter(
      ({ address, change }) => address === null && change === 'added',
    ).length,
    allowLists: allowListsOf(plan),
    ...consumersOf(plan),
  }
}

function isNew({ change, gainsTraffic, usedBefore }: Plan['egressIps'][number]): boolean {
  return (change === 'kept' && gainsTraffic === true) || (change === 'unknown' && usedBefore?.length === 0)
}

/** The same after a later job has changed the egress again: a person must check each address. */
export function uncertainFacts({ addresses, consumers }: ActualFacts): ActualFacts {
  const unknown = addresses.map((item) => ({
    ...item,
    change: 'unknown' as const,
    ...(item.change === 'added' ? { isNew: true } : {}),
  }))
  const edits = { allowLists: [], ...(consumers === undefined ? {} : { consumers: [] }) }
  return { addresses: unknown, addressesKnownLater: 0, ...edits }
}

export function planFacts(plan: Plan): PlanFacts {
  const verdict = plan.status === 'blocked' || plan.status === 'noChange' ? plan.status : 'applicable'
  const blockers = codesOf(plan, 'blocker')
  const actual = actualFacts(plan)
  const { addresses } = actual
  const steps = plan.steps.map(({ key }) => key)
  const acknowledgements = [...plan.acknowledgementsRequired].sort()
  const changes = addresses.map(({ address, change }) => `${address} ${change}`).sort()
  const { outboundType } = plan.request
  const unread = incompleteParts(plan)
  const change = plan.steps.find(({ key }) => key === 'change-outbound-type')
  return {
    subscriptionId: plan.cluster.subscriptionId,
    location: plan.cluster.location,
    verdict,
    blockers,
    acknowledgements,
    missingPermissions: [
      ...new Set(
        plan.preflight.checks.flatMap(({ result, action }) => (result === 'missing' ? [action] : [])),
      ),
    ],
    ...actual,
    quota: plan.preflight.quota,
    plannedAt: plan.createdAt,
    ...(unread.length === 0 ? {} : { unread }),
    steps,
    shares: sharedResources(plan),
    canRollBack: change === undefined || change.undoes.length > 0,
    canHold: plan.cutOver.step !== null,
    cutOver: plan.cutOver.step,
    cost: memberCost(plan),
    digest: JSON.stringify([verdict, outboundType, blockers, acknowledgements, steps, changes]),
  }
}

function codesOf(plan: Plan, severity: string): string[] {
  const codes = plan.findings.filter((finding) => finding.severity === severity).map(({ code }) => code)
  return [...new Set(codes)].sort()
}

function allowListsOf({ allowLists }: Plan): PlanFacts['allowLists'] {
  return allowLists.impacts.map(({ resourceId, type, add, addLater, removeLater, covers }) => ({
    resourceId,
    type,
    add,
    addLater,
    remove: removeLater.map((entry) => ({ entry, covers: covers.map(({ address }) => address) })),
  }))
}

/** Consumers that the change concerns. A consumer must not remove an entry while another cluster uses its addresses. */
function consumersOf({ allowLists, egressIps }: Plan): Pick<PlanFacts, 'consumers'> {
  const lost = egressIps.flatMap(({ address, change }) => (change === 'lost' ? (address ?? []) : []))
  const consumers = allowLists.consumers
    .filter(({ add, addLater, drop }) => add.length + addLater + drop.length > 0)
    .map(({ name, add, addLater, drop }) => ({
      resourceId: name,
      type: CONSUMER,
      add,
      addLater,
      remove: drop.map((entry) => ({
        entry,
        covers: lost.filter((address) => sharesAddress(address, entry)),
      })),
    }))
  return allowLists.consumers.length === 0 ? {} : { consumers }
}

/** The resources that the plan changes, and the resources on its paths before and after. */
function sharedResources(plan: Plan): string[] {
  const onPath = plan.paths.flatMap(({ subnetId, before, after }) => [subnetId, before.via, after.via])
  const changed = plan.resourceChanges.map(({ id }) => id)
  const ids = [...idsOf(onPath, ON_PATH), ...idsOf(changed, CHANGED)]
  return [...new Set(ids.map(idKey))].sort()
}

function idsOf(candidates: readonly (string | null)[], types: readonly string[]): string[] {
  const isOneOf = (id: string) => types.some((type) => equalsArm(parseResourceId(id)?.type ?? '', type))
  return candidates.filter((id): id is string => id !== null && isOneOf(id))
}

/** The estimate of a plan as a campaign sums it; null if a part of it, or the date of its prices, is unknown. */
function memberCost({ cost, cluster }: Pick<Plan, 'cost' | 'cluster'>): PlanFacts['cost'] {
  if (cost === undefined) return null
  const { currency, priceSource, pricesAsOf, assumptions } = cost
  const [before, after] = [cost.before.monthly, cost.after.monthly]
  if (before === null || after === null || pricesAsOf === null) return null
  const resources = billedResources(cost)
  return { currency, before, after, priceSource, pricesAsOf, assumptions, clusterId: cluster.id, resources }
}

function billedResources({ before, after }: Cost): { id: string; before: number; after: number }[] {
  const partsOf = ({ lines }: Cost['before']) => lines.flatMap(({ resources = [] }) => resources)
  const [former, next] = [partsOf(before), partsOf(after)]
  const ids = new Map([...former, ...next].map(({ id }) => [idKey(id), id]))
  const monthlyOf = (parts: typeof former, key: string) =>
    parts.find(({ id }) => idKey(id) === key)?.monthly ?? 0
  return [...ids].map(([key, id]) => ({ id, before: monthlyOf(former, key), after: monthlyOf(next, key) }))
}
