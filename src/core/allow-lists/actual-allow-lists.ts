import type { AllowListImpact, AllowListsPlan, Consumer, LostAddress } from '../../contract/allow-lists.ts'
import type { EgressIpChange, IpFamily } from '../../contract/egress.ts'
import { type AddressRange, contains, overlaps, rangeOf } from './address-range.ts'
import { fateInLists } from './allow-lists-plan.ts'

/**
 * The edits of the allow lists with the addresses that a job has created, discovered, or left in use. `planned`
 * contains the rows of the plan, from which the edits in `lists` were derived.
 */
export function actualAllowLists(
  lists: AllowListsPlan,
  planned: EgressIpChange[],
  actual: EgressIpChange[],
): AllowListsPlan {
  const changes = new Changes(planned, actual)
  return {
    ...lists,
    impacts: lists.impacts.flatMap((impact) => actualImpact(impact, changes)),
    consumers: lists.consumers.map((consumer) => actualConsumer(consumer, changes)),
  }
}

class Changes {
  readonly added: string[]
  readonly lost: string[]
  /** Addresses that the cluster keeps and to which traffic has moved. */
  readonly #gaining: Set<string>
  readonly #rows: EgressIpChange[]
  readonly #planned: Set<string | null>

  constructor(planned: EgressIpChange[], actual: EgressIpChange[]) {
    this.#rows = actual
    this.#planned = new Set(planned.map(({ address }) => address))
    this.added = actual.flatMap(({ change, address }) =>
      change === 'added' && address !== null ? [address] : [],
    )
    this.#gaining = new Set(
      actual.flatMap(({ gainsTraffic, address }) => (gainsTraffic === true ? (address ?? []) : [])),
    )
    this.lost = actual.flatMap((row) =>
      fateInLists(row) === 'lost' && row.address !== null ? [row.address] : [],
    )
  }

  /** The planned additions that traffic uses, or will use. */
  present(planned: string[]): string[] {
    return planned.filter((address) => this.added.includes(address) || this.#gaining.has(address))
  }

  /** Whether the cluster uses an address of this range. */
  isInUse(range: AddressRange | null): boolean {
    return this.#rows.some(
      ({ change, address }) =>
        address !== null && change !== 'lost' && change !== 'unknown' && isIn(range, address),
    )
  }

  /** New addresses that the plan did not know yet. */
  discovered(family: IpFamily): string[] {
    return this.added.filter((address) => !this.#planned.has(address) && familyOf(address) === family)
  }

  /**
   * Addresses that a consumer was asked to add, and that no traffic uses because the job moved none or reverted its cutover.
   */
  withdrawn({ add, addLater }: Pick<Consumer, 'add' | 'addLater'>): string[] {
    return this.#rows.flatMap((row) => {
      const { address, usedBefore } = row
      if (address === null || usedBefore?.length !== 0 || fateInLists(row) !== 'lost') return []
      const wasCreated = addLater > 0 && !this.#planned.has(address)
      return wasCreated || add.includes(address) ? [address] : []
    })
  }

  /** Whether traffic left from an address before the change. Plans of earlier versions have rows of such addresses only. */
  wasUsed(address: string): boolean {
    const range = rangeOf({ cidr: address })
    return this.#rows.some(
      (row) => row.address !== null && isIn(range, row.address) && row.usedBefore?.length !== 0,
    )
  }

  /** How many new addresses are still unknown. */
  unknown(family: IpFamily): number {
    return this.#rows.filter(
      ({ address, change, family: own }) =>
        address === null && own === family && (change === 'added' || change === 'unknown'),
    ).length
  }

  /**
   * The actual change of an address that the plan removes or may remove; null if it stays in use. An address that the
   * plan keeps matters only while the list has to allow other addresses as well.
   */
  fateOf(address: LostAddress): LostAddress | null {
    const range = rangeOf({ cidr: address.address })
    const row = this.#rows.find((candidate) => candidate.address !== null && isIn(range, candidate.address))
    if (row === undefined || address.change === 'kept') return address
    const change = fateInLists(row)
    return change === null ? null : { ...address, change }
  }
}

function actualImpact(impact: AllowListImpact, changes: Changes): AllowListImpact[] {
  const covers = impact.covers.flatMap((address) => changes.fateOf(address) ?? [])
  const [first] = covers
  if (first === undefined) return []
  const family = familyOf(first.address)
  const range = rangeOf({ cidr: impact.entry })
  const isOursAlone =
    impact.removeLater.length > 0
      ? covers.every(({ change }) => change === 'lost')
      : covers.some(({ change, address }) => change === 'lost' && isWithin(range, address)) &&
        !changes.isInUse(range)
  const discovered = needsMore(impact, covers, changes)
    ? changes.discovered(family).filter((address) => !isWithin(rangeOf({ cidr: address }), impact.entry))
    : []
  const add = [...new Set([...changes.present(impact.add), ...discovered])]
  const addLater = impact.addLater > 0 ? changes.unknown(family) : 0
  if (covers.every(({ change }) => change === 'kept') && add.length + addLater === 0) return []
  return [{ ...impact, covers, add, addLater, removeLater: isOursAlone ? [impact.entry] : [] }]
}

/**
 * Whether the list must allow what replaces the lost addresses. The plan can lack an address that the job finds: AKS can
 * create new addresses when the job reverts the change.
 */
function needsMore(
  { effect, ineffective }: AllowListImpact,
  covers: LostAddress[],
  changes: Changes,
): boolean {
  const isEffective = effect !== 'deny' && ineffective?.forAll !== true
  return isEffective && covers.some(({ address }) => changes.wasUsed(address))
}

function actualConsumer(consumer: Consumer, changes: Changes): Consumer {
  const { addresses } = consumer
  // Addresses outside of the egress of the nodes, such as those of a static egress gateway, have no row.
  const others = consumer.drop.filter(
    (address) => changes.fateOf({ address, change: 'lost' })?.change === 'lost',
  )
  const lost = [...new Set([...changes.lost, ...others])]
  const isLost = (entry: string) =>
    lost.some((address) => isWithin(rangeOf({ cidr: entry }), address)) || others.includes(entry)
  return {
    ...consumer,
    drop: [
      ...new Set([
        ...(addresses.length === 0 ? lost : addresses.filter(isLost)),
        ...changes.withdrawn(consumer),
      ]),
    ],
    add: [
      ...changes.present(consumer.add),
      ...[...changes.discovered('IPv4'), ...changes.discovered('IPv6')].filter(
        (address) =>
          !consumer.add.includes(address) &&
          !addresses.some((entry) => isWithin(rangeOf({ cidr: address }), entry)),
      ),
    ],
    addLater: changes.unknown('IPv4') + changes.unknown('IPv6'),
  }
}

function familyOf(address: string): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4'
}

function isIn(range: AddressRange | null, address: string): boolean {
  const other = rangeOf({ cidr: address })
  return range !== null && other !== null && overlaps(range, other)
}

function isWithin(range: AddressRange | null, address: string): boolean {
  const outer = rangeOf({ cidr: address })
  return range !== null && outer !== null && contains(outer, range)
}
