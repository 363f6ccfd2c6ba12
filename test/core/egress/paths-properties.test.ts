import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { PathChange, PathSide } from '../../../src/contract/egress.ts'
import { TYPE_KEYS } from '../../../src/contract/outbound-type.ts'
import { idKey } from '../../../src/core/arm/resource-id.ts'
import { currentSide, type EgressPath, egressPaths } from '../../../src/core/egress/paths.ts'
import type { NewPlan } from '../../../src/core/planner/planner.ts'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { planFor } from '../../support/a-plan.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { changes, execute } from '../plan/step-executor.ts'
import { bestMatch, poolsOf, type Walk, walk, walkAll } from './packet-walker.ts'
import {
  anyNetwork,
  apiServerAddress,
  CREATED,
  destination,
  EVERY_CLASS,
  PREFIXES,
  plainNetwork,
  splitNetwork,
  TAGS,
} from './random-network.ts'

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

t.test('every destination of a random route has an address that no longer prefix can take', async (t) => {
  const [half, ...others] = PREFIXES
  t.equal(half, '0.0.0.0/0', 'its halves are prefixes too')
  // All public IPv6 addresses are in ::/1.
  for (const name of others.filter((item) => item !== '10.9.0.0/16' && item !== '::/0'))
    for (const isIpv6 of [false, true]) {
      const blocks = TAGS[name] ?? [name]
      if (!blocks.some((block) => block.includes(':') === isIpv6)) {
        t.notOk(name in TAGS, `${name} has prefixes of both families`)
        continue
      }
      const own = EVERY_CLASS.filter((address) => bestMatch(others, (item) => item, address) === name)
      t.ok(
        own.some((address) => address.includes(':') === isIpv6),
        `${name}, ${isIpv6 ? 'IPv6' : 'IPv4'}`,
      )
    }
})

t.test('a packet takes the next hop and the source addresses that the path model states', async (t) => {
  let compared = 0
  fc.assert(
    fc.property(anyNetwork, samples, (snapshot, addresses) => {
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
      fc.property(anyNetwork, apiServerAddress, (snapshot, address) => {
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

/** The row of a plan that holds a packet of a pool: the row of the longest prefix or tag, or the internet row of the pool. */
function rowOf({ paths }: NewPlan, subnet: SubnetFacts, pool: string, address: string): PathChange {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  const own = paths.filter(
    (item) => item.subnetId === subnet.id && item.family === family && item.pools.includes(pool),
  )
  const special = own.filter(({ destination: name }) => name !== 'internet' && name !== 'apiServer')
  const row =
    bestMatch(special, (item) => item.destination ?? '', address) ??
    own.find((item) => item.destination === 'internet')
  if (row === undefined) throw new Error(`no row for ${address} from ${pool}`)
  return row
}

/** What a side of a row states, in the words of the walker. `null` if the plan does not know the path. */
function statedBy({ path, addresses, toCome, isComplete, certainty }: PathSide): Walk | null {
  if (certainty === 'unknown') return null
  const others = [...(isComplete ? [] : ['?']), ...(toCome > 0 ? ['new'] : [])]
  return { path, sources: [...addresses, ...others].sort() }
}

/** Addresses that the plan or AKS creates are all `new`. */
function walked({ path, sources }: Walk): Walk {
  const known = sources.map((source) => (source.startsWith('new') ? 'new' : source))
  return { path, sources: [...new Set(known)].sort() }
}

/** Azure does not define whether AKS replaces a gateway that a customer attached to the AKS-managed subnet. */
function isUndefined(subnet: SubnetFacts, target: string, snapshot: Snapshot): boolean {
  const isOwn =
    subnet.natGatewayId !== null && !subnet.natGatewayId.includes(snapshot.cluster.nodeResourceGroup)
  return isOwn && subnet.pools.length === 0 && target === 'managedNATGateway'
}

t.test('each row of a plan states the path of its packets before and after, for each pool', async (t) => {
  let [compared, moved] = [0, 0]
  fc.assert(
    fc.property(anyNetwork, fc.constantFrom(...changes), (snapshot, [target, prepare]) => {
      const plan = planFor(snapshot, target, prepare === undefined ? {} : { prepare })
      if (plan.transition.support === 'unsupported') return
      const later = plan.steps.reduce((world, step) => execute(step, world, plan.to), snapshot)
      for (const subnet of snapshot.subnets)
        for (const pool of poolsOf(subnet, snapshot))
          for (const address of EVERY_CLASS) {
            if (address.includes(':') && !snapshot.cluster.ipFamilies.includes('IPv6')) continue
            const row = rowOf(plan, subnet, pool.name, address)
            // Only the internet rows of IPv4 distinguish pools.
            const isOfPool = row.destination === 'internet' && row.family === 'IPv4'
            const walkIn = (world: Snapshot) => {
              const now = world.subnets.find(({ id }) => id === subnet.id) as SubnetFacts
              return walked(isOfPool ? walk(address, now, pool, world) : walkAll(address, now, world))
            }
            const [before, after] = [walkIn(snapshot), walkIn(later)]
            if (JSON.stringify(before) !== JSON.stringify(after)) moved++
            const [was, willBe] = [statedBy(row.before), statedBy(row.after)]
            const isOpen = isUndefined(subnet, plan.to.outboundType, snapshot)
            const isAsStated =
              (was === null || isDeepStrictEqual(was, before)) &&
              (willBe === null ||
                isDeepStrictEqual(willBe, after) ||
                (isOpen && after.sources.every((source) => willBe.sources.includes(source))))
            compared++
            if (!isAsStated)
              throw new Error(
                `${pool.name} to ${address}: stated ${JSON.stringify([was, willBe])}, walked ${JSON.stringify([before, after])}`,
              )
          }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(compared > propertyRuns() * 10, 'most rows are compared')
  t.ok(moved > 0, 'some packets move')
})

t.test('a plan states every address in use that AKS deletes', async (t) => {
  let deleted = 0
  fc.assert(
    fc.property(anyNetwork, fc.constantFrom(...TYPE_KEYS), (snapshot, target) => {
      const plan = planFor(snapshot, target)
      if (plan.transition.support === 'unsupported' || plan.from.outboundType === plan.to.outboundType) return
      const sources = snapshot.subnets.flatMap((subnet) =>
        EVERY_CLASS.filter((address) => hasPackets(address, snapshot)).flatMap(
          (address) => walkAll(address, subnet, snapshot).sources,
        ),
      )
      for (const source of new Set(sources.filter((item) => isManaged(item, snapshot)))) {
        deleted++
        const entry = plan.egressIps.find((item) => item.address === source)
        if (entry?.change !== 'lost' || !plan.acknowledgementsRequired.includes('EGRESS_IP_LOST'))
          throw new Error(`${source} is in use and deleted, but the plan says ${JSON.stringify(entry)}`)
      }
    }),
    { numRuns: propertyRuns(), examples: [[plainNetwork, 'managedNATGateway']] },
  )
  t.ok(deleted > 0, 'some addresses are deleted')
})

const cleanupOf = (snapshot: Snapshot) =>
  planFor(snapshot, snapshot.cluster.outboundType as never, {
    cleanUp: { detach: true, narrow: [], delete: CREATED },
  })

t.test('a cleanup states every address in use that it deletes', async (t) => {
  let deleted = 0
  fc.assert(
    fc.property(anyNetwork, (snapshot) => {
      const plan = cleanupOf(snapshot)
      const removed = plan.steps.flatMap(({ does }) =>
        does.kind === 'deleteResource' ? [snapshot.publicIps[idKey(does.id)]?.address ?? ''] : [],
      )
      const sources = snapshot.subnets.flatMap((subnet) =>
        EVERY_CLASS.filter((address) => hasPackets(address, snapshot)).flatMap(
          (address) => walkAll(address, subnet, snapshot).sources,
        ),
      )
      for (const source of new Set(sources.filter((item) => removed.includes(item)))) {
        deleted++
        const entry = plan.egressIps.find((item) => item.address === source)
        const isStated = entry?.change === 'lost' && !entry.recoverable
        const isAcknowledged = plan.acknowledgementsRequired.includes('EGRESS_IP_LOST')
        if (!isStated || !isAcknowledged || !plan.rollback.lost.join().includes(source))
          throw new Error(`${source} is in use and deleted, but the plan says ${JSON.stringify(entry)}`)
      }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(deleted > 0, 'some addresses are deleted')
})

t.test('a cleanup states every path that it ends', async (t) => {
  const found = new Set<string>()
  fc.assert(
    fc.property(anyNetwork, (snapshot) => {
      const plan = cleanupOf(snapshot)
      const later = plan.steps.reduce((world, step) => execute(step, world, plan.to), snapshot)
      const codes = plan.findings.map(({ code }) => code)
      const isIsolated = ['none', 'block'].includes(plan.to.outboundType)
      for (const subnet of snapshot.subnets)
        for (const address of EVERY_CLASS.filter((item) => hasPackets(item, snapshot))) {
          const now = later.subnets.find(({ id }) => id === subnet.id) as SubnetFacts
          const [before, after] = [walkAll(address, subnet, snapshot), walkAll(address, now, later)]
          const isTranslated = !['none', 'defaultOutbound'].includes(before.path)
          if (!isTranslated || !['none', 'defaultOutbound'].includes(after.path)) continue
          const wanted = address.includes(':')
            ? ['IPV6_EGRESS_LOST']
            : isIsolated
              ? ['ISO_WORKLOADS_LOSE_INTERNET']
              : ['EXCEPTION_PATH_MOVES']
          for (const code of wanted) if (codes.includes(code)) found.add(code)
          // A cleanup of a cluster with another outbound type is blocked if the type lacks its path.
          const isBlocked = plan.status === 'blocked' && !isIsolated
          // A default route that may arrive over BGP leaves the path unknown.
          const [pool] = poolsOf(subnet, snapshot)
          if (pool !== undefined && rowOf(plan, subnet, pool.name, address).after.path === 'unknown') continue
          if (!isBlocked && !wanted.some((code) => codes.includes(code)))
            throw new Error(`packets to ${address} lose ${before.path}, but the plan only finds ${codes}`)
        }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(found.size > 1, 'some cleanups end paths')
})

/** Paths that translate the source address of packets, so that they reach the internet. */
const isTranslating = ({ path }: Walk) => path !== 'none' && path !== 'defaultOutbound'

t.test('a change of the type that can be executed states every path that it ends', async (t) => {
  let ended = 0
  const targets = changes.filter(([target]) => target !== 'none' && target !== 'block')
  fc.assert(
    fc.property(anyNetwork, fc.constantFrom(...targets), (snapshot, [target, prepare]) => {
      const plan = planFor(snapshot, target, prepare === undefined ? {} : { prepare })
      if (plan.status !== 'applicable' || plan.from.outboundType === plan.to.outboundType) return
      const later = plan.steps.reduce((world, step) => execute(step, world, plan.to), snapshot)
      const codes = plan.findings.map(({ code }) => code)
      for (const subnet of snapshot.subnets)
        for (const address of EVERY_CLASS.filter((item) => hasPackets(item, snapshot))) {
          const now = later.subnets.find(({ id }) => id === subnet.id) as SubnetFacts
          const [before, after] = [walkAll(address, subnet, snapshot), walkAll(address, now, later)]
          if (!isTranslating(before) || isTranslating(after)) continue
          const [pool] = poolsOf(subnet, snapshot)
          if (pool === undefined) continue
          const row = rowOf(plan, subnet, pool.name, address)
          // A default route that may arrive over BGP leaves the path unknown.
          if (row.before.path === 'unknown' || row.after.path === 'unknown') continue
          ended++
          const wanted = address.includes(':') ? 'IPV6_EGRESS_LOST' : 'EXCEPTION_PATH_MOVES'
          if (!codes.includes(wanted))
            throw new Error(`packets to ${address} lose ${before.path}, but the plan finds ${codes}`)
        }
    }),
    { numRuns: propertyRuns(), examples: [[splitNetwork, ['userDefinedRouting']]] },
  )
  t.ok(ended > 0, 'some paths end')
})

/** A cluster without IPv6 has no IPv6 packets. */
function hasPackets(address: string, { cluster }: Snapshot): boolean {
  return !address.includes(':') || cluster.ipFamilies.includes('IPv6')
}

/** Whether AKS made the address: it deletes it with the profile. */
function isManaged(address: string, snapshot: Snapshot): boolean {
  const id = Object.values(snapshot.publicIps).find((item) => item.address === address)?.id ?? ''
  return id.includes(`/${snapshot.cluster.nodeResourceGroup}/`)
}
