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

t.test('allow lists get the new source addresses of their packets, and keep those in use', async (t) => {
  const counts = { moved: 0, toUsedAddress: 0, unknown: 0 }
  fc.assert(
    fc.property(
      randomNetwork,
      samples,
      fc.constantFrom(...changes),
      (network, addresses, [target, prepare]) => {
        const packets = packetsIn(network, addresses)
        const before = packets.map((packet) => sourcesOf(packet, network))
        const lists = [...new Map(before.map((sources) => [sources.join(), sources])).values()]
        const identified = lists.filter((sources) => sources.some(isKnown))
        const snapshot = {
          ...network,
          surroundings: listsAround(
            identified.map((sources) =>
              aList(sources.filter(isKnown), { id: idOf(sources), location: 'westus' }),
            ),
          ),
        }
        const consumers = lists.map((sources) => ({
          name: sources.join(),
          addresses: sources.filter(isKnown),
        }))
        const plan = planFor(snapshot, target, { consumers, ...(prepare === undefined ? {} : { prepare }) })
        if (!isExecutable(plan)) return
        const world = plan.steps.reduce((made, step) => execute(step, made, plan.to), snapshot as Snapshot)
        const after = packets.map((packet) => sourcesOf(packet, world))
        const inUse = new Set(after.flat())
        for (const [index, sources] of before.entries()) {
          const gained = (after[index] ?? []).filter((source) => !sources.includes(source))
          if (gained.length > 0) counts.moved++
          const consumer = plan.allowLists.consumers.find(({ name }) => name === sources.join()) as Consumer
          const impacts = plan.allowLists.impacts.filter(({ resourceId }) => resourceId === idOf(sources))
          const answers = [consumer, ...(sources.some(isKnown) ? [sum(impacts)] : [])]
          for (const source of gained) {
            if (before.some((other) => other.includes(source))) counts.toUsedAddress++
            if (!isKnown(source)) counts.unknown++
            if (
              answers.some(({ add, addLater }) => (isKnown(source) ? !add.includes(source) : addLater === 0))
            )
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

function sum(items: Pick<Consumer, 'add' | 'addLater'>[]): Pick<Consumer, 'add' | 'addLater'> {
  return {
    add: items.flatMap(({ add }) => add),
    addLater: items.reduce((count, { addLater }) => count + addLater, 0),
  }
}
