import type { CampaignIpChanges } from '../../contract/campaign.ts'
import type { AddressAdvice } from '../../contract/egress.ts'
import type { JobResult } from '../../contract/job.ts'
import { toCidr } from '../lib/cidr.ts'
import type { PlanFacts } from './plan-facts.ts'

type Change = PlanFacts['addresses'][number]['change']

/** A change of an address, of one member or of all. */
interface AddressChange {
  address: string
  family: 'IPv4' | 'IPv6'
  change: Change
  /** Whether the change has been made: of all members for a lost address, of any member for another one. */
  isDone: boolean
}

/** The address changes of one member: as planned, or as its job has read them from Azure. */
export function memberAddresses({ addresses }: PlanFacts, result: JobResult | null): AddressChange[] {
  if (result === null) return addresses.map((item) => ({ ...item, isDone: false }))
  const former = addresses.filter(({ change }) => change !== 'added')
  const present = new Set(result.egressIps.map(({ address }) => address))
  const known = new Set(former.map(({ address }) => address))
  return [
    ...former.map(
      ({ address, family }): AddressChange => ({
        address,
        family,
        change: present.has(address) ? 'kept' : 'lost',
        isDone: true,
      }),
    ),
    ...result.egressIps.flatMap(({ address, family }): AddressChange[] =>
      known.has(address) ? [] : [{ address, family, change: 'added', isDone: true }],
    ),
  ]
}

/** A change that takes precedence over those after it: an address that one member uses after the change is not lost. */
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
  return { ...found, change, isDone, members: found.members + 1 }
}

/** If one member loses an address that another one gets, the clusters together keep it. */
function strongest(a: Change, b: Change): Change {
  const pair = [a, b]
  if (pair.includes('lost') && pair.includes('added')) return 'kept'
  return RANK.find((change) => pair.includes(change)) ?? a
}

/** The merged changes with the firewall change that each requires. */
export function campaignIpChanges(
  members: readonly { facts: PlanFacts; result: JobResult | null }[],
): Omit<CampaignIpChanges, 'campaignId'> {
  const merged = mergeAddresses(members.map(({ facts, result }) => memberAddresses(facts, result)))
  const later = members.map(({ facts, result }) => (result === null ? facts.addressesKnownLater : 0))
  return {
    items: merged.map(({ isDone, ...item }) => ({
      cidr: toCidr(item.address),
      ...item,
      advice: adviceFor(item.change, isDone),
    })),
    addressesKnownLater: later.reduce((total, count) => total + count, 0),
  }
}

function adviceFor(change: Change, isDone: boolean): AddressAdvice {
  switch (change) {
    case 'kept':
      return 'keep'
    case 'added':
      return isDone ? 'allowNow' : 'allowBefore'
    case 'lost':
      return isDone ? 'removeNow' : 'removeAfter'
    case 'unknown':
      return 'checkAfter'
  }
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
