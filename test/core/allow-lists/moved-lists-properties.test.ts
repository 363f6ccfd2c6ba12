import fc from 'fast-check'
import t from 'tap'
import type { Consumer } from '../../../src/contract/allow-lists.ts'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { aList, listsAround } from '../../support/permissions.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { walk } from '../egress/packet-walker.ts'
import { destination, randomNetwork } from '../egress/random-network.ts'
import { changes, execute, isExecutable } from '../plan/step-executor.ts'

/** Every destination has an allow list with the source addresses of its packets, and must have one after the change. */

const SAMPLES = 20
const samples = fc.array(destination, { minLength: SAMPLES, maxLength: SAMPLES })

interface Packet {
  address: string
  subnet: SubnetFacts
  pool: AgentPoolFacts
}

function packetsIn({ cluster, subnets }: Snapshot, addresses: string[]): Packet[] {
  const isSent = (address: string) => !address.includes(':') || cluster.ipFamilies.includes('IPv6')
  return subnets.flatMap((subnet) =>
    cluster.agentPools
      .filter(({ name }) => subnet.pools.includes(name))
      .flatMap((pool) => addresses.filter(isSent).map((address) => ({ address, subnet, pool }))),
  )
}

/** The source addresses of a packet, also after its subnet has changed. */
function sourcesOf({ address, subnet, pool }: Packet, world: Snapshot): string[] {
  const present = world.subnets.find(({ id }) => id === subnet.id) ?? subnet
  return [...new Set(walk(address, present, pool, world).sources)].sort()
}

/** Each states that source addresses change, or that new ones are unknown. */
const FINDINGS = ['EGRESS_IP_LOST', 'EGRESS_IP_CHANGES', 'EGRESS_PATH_NOT_IN_ARM']

const isKnown = (source: string) => source !== '?' && !source.startsWith('new')
const idOf = (sources: string[]) => `/storageAccounts/${sources.join('-').replaceAll('/', '_')}`

/** What this service sees of the network: one resource of a kind may be unread. */
const unreadKind = fc.constantFrom(
  null,
  null,
  'routeTables' as const,
  'natGateways' as const,
  'firewalls' as const,
)

function seenOf(network: Snapshot, kind: 'routeTables' | 'natGateways' | 'firewalls' | null): Snapshot {
  const [first, ...others] = kind === null ? [] : Object.entries(network[kind])
  if (kind === null || first === undefined) return network
  const [, { id }] = first
  const unread = [{ what: id, reason: 'denied' as const, code: 'AuthorizationFailed', message: 'No.' }]
  // Firewalls are listed together: another firewall may have the address of the first.
  const seen = kind === 'firewalls' ? {} : Object.fromEntries(others)
  return { ...network, [kind]: seen, unread: [...network.unread, ...unread] }
}

t.test('allow lists get the new source addresses of their packets, and keep those in use', async (t) => {
  const counts = { moved: 0, toUsedAddress: 0, unknown: 0, unread: 0 }
  fc.assert(
    fc.property(
      randomNetwork,
      samples,
      fc.constantFrom(...changes),
      unreadKind,
      (network, addresses, [target, prepare], kind) => {
        const packets = packetsIn(network, addresses)
        const before = packets.map((packet) => sourcesOf(packet, network))
        const lists = [...new Map(before.map((sources) => [sources.join(), sources])).values()]
        const resources = lists
          .filter((sources) => sources.some(isKnown))
          .map((sources) => aList(sources.filter(isKnown), { id: idOf(sources), location: 'westus' }))
        const consumers = lists.map((sources) => ({
          name: sources.join(),
          addresses: sources.filter(isKnown),
        }))
        const snapshot = { ...seenOf(network, kind), surroundings: listsAround(resources) }
        const plan = planFor(snapshot, target, { consumers, ...(prepare === undefined ? {} : { prepare }) })
        if (!isExecutable(plan)) return
        const world = plan.steps.reduce((made, step) => execute(step, made, plan.to), network)
        const after = packets.map((packet) => sourcesOf(packet, world))
        const inUse = new Set(after.flat())
        const visible = new Set(plan.egressIps.map(({ address }) => address))
        for (const [index, sources] of before.entries()) {
          const gained = (after[index] ?? []).filter((source) => !sources.includes(source))
          const consumer = plan.allowLists.consumers.find(({ name }) => name === sources.join()) as Consumer
          const impacts = plan.allowLists.impacts.filter(({ resourceId }) => resourceId === idOf(sources))
          // Nothing identifies the list of an address that this service cannot see.
          const isListed = sources.filter(isKnown).some((source) => visible.has(source))
          // Before the change nothing leaves; if a resource is unread, only a finding says that something may.
          const isSilent = sources.length === 0 && kind !== null
          const answers = isSilent ? [] : [consumer, ...(isListed ? [sum(impacts)] : [])]
          for (const source of gained) {
            counts.moved++
            if (before.some((other) => other.includes(source))) counts.toUsedAddress++
            if (!isKnown(source)) counts.unknown++
            if (kind !== null) counts.unread++
            if (!answers.every((answer) => allows(answer, source, kind !== null)))
              throw new Error(`packets move from ${sources} to ${source}: ${JSON.stringify(answers)}`)
          }
          if (gained.length > 0 && !FINDINGS.some((code) => codesOf(plan).includes(code)))
            throw new Error(`packets move from ${sources} to ${gained}, and no finding says so`)
          const removed = [...consumer.drop, ...impacts.flatMap(({ removeLater }) => removeLater)]
          for (const source of removed.filter((item) => inUse.has(item)))
            throw new Error(`${source} is removed from a list, and packets leave from it`)
        }
      },
    ),
    { numRuns: propertyRuns() },
  )
  t.ok(
    Object.values(counts).every((count) => count > 0),
    JSON.stringify(counts),
  )
})

/** Whether the list gets the address, or may get an address that is not known yet. */
function allows(
  { add, addLater }: Pick<Consumer, 'add' | 'addLater'>,
  source: string,
  isUnread: boolean,
): boolean {
  return add.includes(source) || (addLater > 0 && (isUnread || !isKnown(source)))
}

function sum(items: Pick<Consumer, 'add' | 'addLater'>[]): Pick<Consumer, 'add' | 'addLater'> {
  return {
    add: items.flatMap(({ add }) => add),
    addLater: items.reduce((count, { addLater }) => count + addLater, 0),
  }
}
