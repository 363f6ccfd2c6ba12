import type { MemberStatus } from '../../contract/campaign-requests.ts'
import type { AddressStage } from '../../contract/egress.ts'
import type { JobResult } from '../../contract/job.ts'
import { distinctBy } from '../lib/lists.ts'
import { type ActualFacts, CONSUMER, type EditedList, type PlanFacts } from './plan-facts.ts'

type Change = PlanFacts['addresses'][number]['change']

/** A change of an address for one member. */
export interface AddressChange {
  address: string
  family: 'IPv4' | 'IPv6'
  change: Change
  /** As in the data of a plan: with `kept`, further packets move to the address. */
  isNew?: boolean
  /** Whether other resources may use an address that the cluster no longer uses. */
  isOfOthers?: boolean
  /** Whether the change is complete. */
  isDone: boolean
}

/** The data of a member that the merged results of a campaign need. */
export interface MemberOutcome {
  /** The ARM ID of the cluster. */
  clusterId: string
  status: MemberStatus
  /** Null without a plan. */
  facts: PlanFacts | null
  /** The result of a job that succeeded; null if a later job of the cluster has changed the egress again. */
  result: JobResult | null
  /** When the last job of the member ended, if it succeeded. */
  changedAt?: string | null
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
  const moved = movedBefore(member)
  const gained = new Set(moved.filter(isNewFor).map(({ address }) => address))
  // The later plan shows it as kept, but the cluster did not use it before the campaign.
  const present = presentAddresses(member).map(
    (item): AddressChange =>
      item.change === 'kept' && gained.has(item.address) ? { ...item, change: 'added', isDone: true } : item,
  )
  const known = new Set(present.map(({ address }) => address))
  return [...present, ...notInUse(moved).filter(({ address }) => !known.has(address))]
}

/** Whether the partners of the cluster must newly allow the address. */
export function isNewFor({ change, isNew }: Pick<AddressChange, 'change' | 'isNew'>): boolean {
  return change === 'added' || (change === 'kept' && isNew === true)
}

type PlannedChange = PlanFacts['addresses'][number]

function movedBefore({ former = [] }: MemberOutcome): PlannedChange[] {
  return former
    .flatMap(({ addresses }) => addresses)
    .filter((item) => item.change !== 'kept' || isNewFor(item))
}

/** What an earlier job moved and the later plan no longer shows is not in use any more. */
function notInUse(moved: readonly PlannedChange[]): AddressChange[] {
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
    (item) => item.change === 'unknown' || isNewFor(item) || !isPlanned(item.address),
  )
  const known = new Set(remaining.map(({ address }) => address))
  return [...planned.filter(({ address }) => !known.has(address)), ...remaining]
}

function plannedAddresses({ status, facts, result }: MemberOutcome): AddressChange[] {
  const addresses = facts?.addresses ?? []
  if (!isChanging({ status }))
    return addresses.flatMap(({ isNew, ...item }): AddressChange[] =>
      item.change === 'added' || (item.change === 'unknown' && isNew === true)
        ? []
        : [{ ...item, change: 'kept', isDone: true }],
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
  const { stage: _stage, ...found } = actual
  return { ...facts, ...found }
}

/** Whether the address has the family of the entries that it replaces. */
export function isOfFamily(address: string, { remove, type }: EditedList): boolean {
  return type === CONSUMER || remove.every(({ entry }) => entry.includes(':') === address.includes(':'))
}

/** A list that waits for new addresses gets those that the job has read. */
function withResult(facts: PlanFacts, { egressIps }: JobResult): PlanFacts {
  const planned = new Set(facts.addresses.map(({ address }) => address))
  const found = egressIps.flatMap(({ address }) => (planned.has(address) ? [] : [address]))
  const completed = (lists: EditedList[]) =>
    lists.map((list) =>
      list.addLater === 0
        ? list
        : {
            ...list,
            add: [...list.add, ...found.filter((address) => isOfFamily(address, list))],
            addLater: 0,
          },
    )
  return {
    ...facts,
    addressesKnownLater: 0,
    allowLists: completed(facts.allowLists),
    ...(facts.consumers === undefined ? {} : { consumers: completed(facts.consumers) }),
  }
}
