import fc from 'fast-check'
import t from 'tap'
import { type OutboundType, TYPE_KEYS } from '../../../src/contract/outbound-type.ts'
import { currentSide, type EgressPath, egressPaths } from '../../../src/core/egress/paths.ts'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { planFor } from '../../support/a-plan.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { afterTypeChange, bestMatch, walkAll } from './packet-walker.ts'
import { apiServerAddress, destination, randomNetwork } from './random-network.ts'

const SAMPLES = 50
const samples = fc.array(destination, { minLength: SAMPLES, maxLength: SAMPLES })

/** What the model says of a packet: the path of the longest prefix or tag that holds its destination. */
function modelled(paths: EgressPath[], subnet: SubnetFacts, address: string): EgressPath | undefined {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  const own = paths.filter((path) => path.subnetId === subnet.id && path.family === family)
  const special = own.filter(({ destination: name }) => name !== 'internet' && name !== 'apiServer')
  return (
    bestMatch(special, ({ destination: name }) => name, address) ??
    own.find(({ destination: name }) => name === 'internet')
  )
}

const sourcesOf = ({ addresses }: EgressPath) =>
  [...new Set(addresses.map(({ address }) => address ?? '?'))].sort()

t.test('a packet takes the next hop and the source addresses that the path model states', async (t) => {
  let compared = 0
  fc.assert(
    fc.property(randomNetwork, samples, (snapshot, addresses) => {
      const paths = egressPaths(currentSide(snapshot))
      for (const subnet of snapshot.subnets)
        for (const address of addresses) {
          const path = modelled(paths, subnet, address)
          if (path === undefined) {
            // A cluster without IPv6 has no IPv6 packets.
            if (address.includes(':') && !snapshot.cluster.ipFamilies.includes('IPv6')) continue
            throw new Error(`no path for ${address}`)
          }
          if (path.certainty === 'unknown') continue
          compared++
          const walked = walkAll(address, subnet, snapshot)
          const stated = { path: path.path, sources: sourcesOf(path) }
          if (JSON.stringify(stated) !== JSON.stringify(walked))
            throw new Error(`${address}: stated ${JSON.stringify(stated)}, walked ${JSON.stringify(walked)}`)
        }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(compared > propertyRuns() * SAMPLES, 'most samples are compared')
})

t.test(
  'the API server sees the stated source addresses, whichever address of the region it has',
  async (t) => {
    let uncertain = 0
    fc.assert(
      fc.property(randomNetwork, apiServerAddress, (snapshot, address) => {
        for (const path of egressPaths(currentSide(snapshot)).filter(
          (item) => item.destination === 'apiServer',
        )) {
          if (path.certainty === 'unknown') continue
          const subnet = snapshot.subnets.find(({ id }) => id === path.subnetId) as SubnetFacts
          const walked = walkAll(address, subnet, snapshot)
          const stated = sourcesOf(path)
          const isWithin = walked.sources.every((source) => stated.includes(source))
          const isExact =
            path.path === 'mixed' || (path.path === walked.path && stated.length === walked.sources.length)
          if (path.path === 'mixed') uncertain++
          if (!isWithin || !isExact)
            throw new Error(
              `${address}: stated ${path.path} ${stated}, walked ${walked.path} ${walked.sources}`,
            )
        }
      }),
      { numRuns: propertyRuns() },
    )
    t.ok(uncertain > 0, 'some networks leave the path to the API server open')
  },
)

const typeOf = (key: string) => (key === 'managedNATGatewayV2' ? 'managedNATGateway' : key) as OutboundType

t.test('a plan states every move of a packet, and every address in use that AKS deletes', async (t) => {
  let moved = 0
  fc.assert(
    fc.property(randomNetwork, samples, fc.constantFrom(...TYPE_KEYS), (snapshot, addresses, target) => {
      const outboundType = typeOf(target)
      if (outboundType === snapshot.cluster.outboundType) return
      const plan = planFor(snapshot, { outboundType: target })
      if (plan.transition.support === 'unsupported') return
      const later = afterTypeChange(snapshot, outboundType)
      const isStill = plan.paths.every((row) => JSON.stringify(row.before) === JSON.stringify(row.after))
      for (const subnet of snapshot.subnets)
        for (const address of addresses) {
          if (address.includes(':') && !snapshot.cluster.ipFamilies.includes('IPv6')) continue
          const [before, then] = [walkAll(address, subnet, snapshot), walkAll(address, subnet, later)]
          const moves = before.path !== then.path || before.sources.join() !== then.sources.join()
          if (moves) moved++
          if (moves && isStill) throw new Error(`the plan states no move, but ${address} moves`)
          for (const source of before.sources.filter((item) => isManaged(item, snapshot))) {
            const entry = plan.egressIps.find((item) => item.address === source)
            if (entry?.change !== 'lost' || !plan.acknowledgementsRequired.includes('EGRESS_IP_LOST'))
              throw new Error(`${source} is in use and deleted, but the plan says ${JSON.stringify(entry)}`)
          }
        }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(moved > 0, 'some packets move')
})

/** Whether AKS made the address: it deletes it with the profile. */
function isManaged(address: string, snapshot: Snapshot): boolean {
  const id = Object.values(snapshot.publicIps).find((item) => item.address === address)?.id ?? ''
  return id.includes(`/${snapshot.cluster.nodeResourceGroup}/`)
}
