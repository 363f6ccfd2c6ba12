import t from 'tap'
import { cloudOf, hasStandardV2NatGateways, isSameRegion } from '../../../src/core/arm/regions.ts'

t.test('regions are the same in both of the spellings that ARM has', async (t) => {
  t.ok(isSameRegion('East US', 'eastus'))
  t.notOk(isSameRegion('East US', 'eastus2'))
})

t.test('the cloud of a region follows from its prefix', async (t) => {
  const table: [string, string][] = [
    ['usgovvirginia', 'usGovernment'],
    ['US DoD Central', 'usGovernment'],
    ['China East 3', 'china'],
    ['chinanorth2', 'china'],
    ['eastus', 'public'],
    ['East Asia', 'public'],
  ]
  for (const [location, cloud] of table) t.equal(cloudOf(location), cloud, location)
})

t.test('no sovereign cloud and not every public region has StandardV2 NAT gateways', async (t) => {
  for (const location of ['eastus', 'West Europe']) t.ok(hasStandardV2NatGateways(location), location)
  for (const location of ['Canada East', 'usgovvirginia', 'usdodeast', 'chinanorth4'])
    t.notOk(hasStandardV2NatGateways(location), location)
})
