import type { CampaignIpChanges } from '../../contract/campaign.ts'
import type { MemberStatus } from '../../contract/campaign-requests.ts'
import type { AddressStage } from '../../contract/egress.ts'
import type { JobResult } from '../../contract/job.ts'
import { addressAdvice } from '../egress/address-advice.ts'
import { toCidr } from '../lib/cidr.ts'
import { distinctBy } from '../lib/lists.ts'
import type { ActualFacts, PlanFacts } from './plan-facts.ts'

type Change = PlanFacts['addresses'][number]['change']

/** A change of an address, for one member or for all members. */
interface AddressChange {
  address: string
  family: 'IPv4' | 'IPv6'
  change: Change
  /** Whether other resources may use an address that the cluster no longer uses. */
  isOfOthers?: boolean
  /** Whether the change is complete: for a lost address, by all members; for any other address, by at least one member. */
  isDone: boolean
}

/** The data of a member that the merged results of a campaign need. */
export interface MemberOutcome {
  status: MemberStatus
  /** Null without a plan. */
  facts: PlanFacts | null
  /** The result of a job that succeeded; null if a later job of the cluster has changed the egress again. */
  result: JobResult | null
  /** The known addresses during a job, or after the last job if it did not succeed or a later job has superseded it. */
  actual?: ActualFacts & { stage: AddressStage }
  /** What earlier jobs of the cluster did during the campaign. */
  former?: readonly ActualFacts[]
  /** Codes that are acknowledged for this member only. */
  acceptedCodes?: string[]
  /** The reason why a member has no plan. */
  code?: string | null
}

/** In these statuses, a member does not change its cluster, or has not changed it as planned. */
const UNCHANGED: readonly MemberStatus[] = ['Skipped', 'Canceled', 'Blocked', 'NoChange', 'Failed']

/** Whether the member changes or has changed as planned. */
export function isChanging({ status }: Pick<MemberOutcome, 'status'>): boolean {
  return !UNCHANGED.includes(status)
}

/** Members in these statuses have the plan of their last job. Others are planned again after it. */
const OF_LAST_JOB: readonly MemberStatus[] = ['Running', 'Succeeded', 'Failed', 'Canceled']

/**
 * The address changes of one member: as planned, or as its job has read them from Azure. A member that does not change keeps its
 * addresses. What an unsuccessful job has put into use, or may have, remains so until a new job changes it.
 */
export function memberAddresses(member: MemberOutcome): AddressChange[] {
  const present = presentAddresses(member)
  const known = new Set(present.map(({ address }) => address))
  return [...present, ...formerAddresses(member).filter(({ address }) => !known.has(address))]
}

/** What an earlier job moved and the later plan no longer shows is not in use any more. */
function formerAddresses({ former = [] }: MemberOutcome): AddressChange[] {
  const moved = former.flatMap(({ addresses }) => addresses).filter(({ change }) => change !== 'kept')
  return distinctBy(
    moved.map((item): AddressChange => ({ ...item, change: 'lost', isDone: true })),
    ({ address }) => address,
  )
}

function presentAddresses(member: MemberOutcome): AddressChange[] {
  const { status, actual } = member
  if (actual === undefined) return plannedAddresses(member)
  const isDone = actual.stage === 'confirmed' || actual.stage === 'unconfirmed'
  const found = actual.addresses.map((item): AddressChange => ({ ...item, isDone }))
  if (OF_LAST_JOB.includes(status)) return found
  const planned = plannedAddresses(member)
  const isPlanned = (address: string) => planned.some((item) => item.address === address)
  const remaining = found.filter(
    ({ address, change }) => change === 'added' || change === 'unknown' || !isPlanned(address),
  )
  const known = new Set(remaining.map(({ address }) => address))
  return [...planned.filter(({ address }) => !known.has(address)), ...remaining]
}

function plannedAddresses({ status, facts, result }: MemberOutcome): AddressChange[] {
  const addresses = facts?.addresses ?? []
  if (!isChanging({ status }))
    return addresses.flatMap((item): AddressChange[] =>
      item.change === 'added' ? [] : [{ ...item, change: 'kept', isDone: true }],
    )
  if (result === null) return addresses.map((item) => ({ ...item, isDone: false }))
  const former = addresses.filter(({ change }) => change !== 'added')
  const present = new Set(result.egressIps.map(({ address }) => address))
  const known = new Set(former.map(({ address }) => address))
  return [
    ...former.map(
      (item): AddressChange => ({
        ...item,
        change: present.has(item.address) ? 'kept' : 'lost',
        isDone: true,
      }),
    ),
    ...result.egressIps.flatMap(({ address, family }): AddressChange[] =>
      known.has(address) ? [] : [{ address, family, change: 'added', isDone: true }],
    ),
  ]
}

/** The plan of a member, with the addresses that its job has found, also in the edits of allow lists. */
export function presentFacts({ status, facts, result, actual }: MemberOutcome): PlanFacts | null {
  if (facts === null) return null
  if (result !== null) return withResult(facts, result)
  if (actual === undefined || !OF_LAST_JOB.includes(status)) return facts
  const { addresses, addressesKnownLater, allowLists } = actual
  return { ...facts, addresses, addressesKnownLater, allowLists }
}

/** A list that waits for new addresses gets those that the job has read. */
function withResult(facts: PlanFacts, { egressIps }: JobResult): PlanFacts {
  const planned = new Set(facts.addresses.map(({ address }) => address))
  const found = egressIps.flatMap(({ address }) => (planned.has(address) ? [] : [address]))
  const isOfFamily = (address: string, { remove }: PlanFacts['allowLists'][number]) =>
    remove.every(({ entry }) => entry.includes(':') === address.includes(':'))
  const allowLists = facts.allowLists.map((list) =>
    list.addLater === 0
      ? list
      : { ...list, add: [...list.add, ...found.filter((address) => isOfFamily(address, list))], addLater: 0 },
  )
  return { ...facts, addressesKnownLater: 0, allowLists }
}

/** The order of precedence of changes: an address that one member uses after the change is not lost. */
const RANK = ['kept', 'added', 'unknown', 'lost'] as const

/** The changes of all members by address, in the order of the addresses. */
export function mergeAddresses(
  members: readonly (readonly AddressChange[])[],
): (AddressChange & { members: number })[] {
  const merged = new Map<string, AddressChange & { members: number }>()
  for (const item of members.flat()) {
    const found = merged.get(item.address)
    merged.set(item.address, found === undefined ? { ...item, members: 1 } : join(found, item))
  }
  return [...merged.values()].sort((a, b) => compareText(a.address, b.address))
}

function join(found: AddressChange & { members: number }, item: AddressChange) {
  const change = strongest(found.change, item.change)
  const isDone = change === 'lost' ? found.isDone && item.isDone : found.isDone || item.isDone
  const isOfOthers = found.isOfOthers === true || item.isOfOthers === true
  return { ...found, change, isDone, isOfOthers, members: found.members + 1 }
}

/** If one member loses an address that another member gets, the clusters together keep the address. */
function strongest(a: Change, b: Change): Change {
  const pair = [a, b]
  if (pair.includes('lost') && pair.includes('added')) return 'kept'
  return RANK.find((change) => pair.includes(change)) ?? a
}

/** A merged change with the firewall change that it requires. */
export function withAdvice({
  isDone,
  isOfOthers = false,
  ...item
}: ReturnType<typeof mergeAddresses>[number]) {
  return { ...item, advice: addressAdvice({ ...item, isDone, isOfOthers }) }
}

/** The merged changes of all members. */
export function campaignIpChanges(members: readonly MemberOutcome[]): Omit<CampaignIpChanges, 'campaignId'> {
  const merged = mergeAddresses(members.map(memberAddresses))
  const later = members.map((member) =>
    isChanging(member) ? (presentFacts(member)?.addressesKnownLater ?? 0) : 0,
  )
  return {
    items: merged.map((item) => ({ cidr: toCidr(item.address), ...withAdvice(item) })),
    addressesKnownLater: later.reduce((total, count) => total + count, 0),
  }
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
