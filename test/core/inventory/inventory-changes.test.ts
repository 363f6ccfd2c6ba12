import fc from 'fast-check'
import t from 'tap'
import type { InventoryFacts } from '../../../src/contract/inventory.ts'
import { inventoryChanges, nextBaseline } from '../../../src/core/inventory/inventory-changes.ts'
import { buildInventoryFacts } from '../../../src/core/inventory/inventory-facts.ts'
import { aByoSnapshot, aPool, SUBNET } from '../../support/a-cluster.ts'
import { arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const BASE = buildInventoryFacts(
  aByoSnapshot({}, { cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })] } }),
)
const facts = (given: Partial<InventoryFacts>): InventoryFacts => ({ ...BASE, ...given })
const kinds = (before: InventoryFacts | null, after: InventoryFacts | null) =>
  inventoryChanges(before, after).map(({ kind }) => kind)

t.test('reports a cluster that appears or disappears', async (t) => {
  t.strictSame(kinds(null, BASE), ['appeared'])
  t.strictSame(kinds(BASE, null), ['disappeared'])
  t.strictSame(kinds(null, null), [])
})

t.test('reports a change during incomplete readings once, with the next complete one', async (t) => {
  const before = facts({ addresses: ['20.1.2.3'], flags: ['pathDiffers'] })
  const incomplete = facts({ addresses: [], effective: 'unknown', isComplete: false, flags: ['incomplete'] })
  const after = facts({ addresses: ['20.5.0.1'] })
  t.strictSame(kinds(before, incomplete), [])
  const baseline = nextBaseline(nextBaseline(before, incomplete), incomplete)
  t.strictSame(kinds(baseline, incomplete), [])
  t.strictSame(
    inventoryChanges(baseline, after).map(({ kind, message }) => [kind, message]),
    [
      ['egressChanged', 'The egress now also uses 20.5.0.1 and it no longer uses 20.1.2.3.'],
      ['converged', 'The egress path matches the declared type `loadBalancer` again.'],
    ],
  )
  t.strictSame(nextBaseline(baseline, after), after)
})

t.test('names the declared type, path, and addresses that changed', async (t) => {
  const before = facts({ addresses: ['20.1.2.3', '20.1.2.4'] })
  const after = facts({
    declared: { outboundType: 'managedNATGateway', natGatewaySku: 'StandardV2' },
    effective: 'natGateway',
    addresses: ['20.1.2.4', '20.5.0.1'],
  })
  const [change] = inventoryChanges(before, after)
  t.equal(change?.kind, 'egressChanged')
  for (const part of ['managedNATGateway StandardV2', 'natGateway', '20.5.0.1', '20.1.2.3'])
    t.ok(change?.message.includes(part), part)
  t.notOk(change?.message.includes('20.1.2.4'))
})

t.test('reports coverage and divergence in both directions', async (t) => {
  const ranges = (coversEgress: boolean | null) => ({ mode: 'enforced' as const, count: 1, coversEgress })
  const uncovered = facts({ flags: ['rangesUncovered'], authorizedRanges: ranges(false) })
  const covered = facts({ authorizedRanges: ranges(true) })
  t.strictSame(kinds(covered, uncovered), ['rangesUncovered'])
  t.strictSame(kinds(uncovered, covered), ['rangesCovered'])
  t.strictSame(kinds(uncovered, facts({ authorizedRanges: ranges(null) })), [], 'unknown is not covered')
  t.strictSame(kinds(BASE, facts({ flags: ['pathDiffers'] })), ['diverged'])
  t.strictSame(kinds(facts({ flags: ['pathDiffers'] }), BASE), ['converged'])
})

t.test('reports no change of egress against an incomplete reading', async (t) => {
  const partial = facts({ flags: ['incomplete'], effective: 'unknown', addresses: [] })
  t.strictSame(kinds(BASE, partial), [])
  t.strictSame(kinds(partial, BASE), [])
  t.strictSame(kinds(facts({ flags: ['pathDiffers'] }), partial), [])
})

t.test('reports no change between equal readings', async () => {
  fc.assert(
    fc.property(arbitrarySnapshot, (snapshot) => {
      const reading = buildInventoryFacts(snapshot)
      if (inventoryChanges(reading, structuredClone(reading)).length > 0)
        throw new Error('a change of nothing')
    }),
    { numRuns: propertyRuns(0.25) },
  )
})
