import fc from 'fast-check'
import t from 'tap'
import { EstateNetwork } from '../../../src/core/inventory/estate-network.ts'
import { buildInventoryFacts } from '../../../src/core/inventory/inventory-facts.ts'
import { assembleSnapshot, type NetworkCollection } from '../../../src/core/snapshot/assemble.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'

function collectionOf(snapshot: Snapshot): NetworkCollection {
  return {
    virtualNetworks: snapshot.virtualNetworks,
    natGateways: snapshot.natGateways,
    publicIPAddresses: snapshot.publicIps,
    publicIPPrefixes: snapshot.publicIpPrefixes,
    routeTables: snapshot.routeTables,
    loadBalancers: snapshot.loadBalancers,
    azureFirewalls: snapshot.firewalls,
    networkSecurityGroups: snapshot.networkSecurityGroups,
  }
}

function estateOf(collection: NetworkCollection): EstateNetwork {
  const estate = new EstateNetwork()
  for (const kind of Object.keys(collection) as (keyof NetworkCollection)[])
    estate.add(kind, Object.values(collection[kind]))
  return estate
}

t.test('finds in the network of an estate everything that decides about a cluster', async () => {
  fc.assert(
    fc.property(arbitrarySnapshot, (snapshot) => {
      const collection = collectionOf(snapshot)
      const { network } = estateOf(collection).around(snapshot.cluster)
      const facts = (part: NetworkCollection) =>
        JSON.stringify(
          buildInventoryFacts(assembleSnapshot('2026-09-01T00:00:00Z', snapshot.cluster, part, [])),
        )
      const [expected, found] = [facts(collection), facts(network)]
      if (expected !== found) throw new Error(`${expected}\n${found}`)
    }),
    { numRuns: propertyRuns(2) },
  )
})
