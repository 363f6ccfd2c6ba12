import t from 'tap'
import { aNatGateway, aPool, aSnapshot, aSubnet, GROUP, NETWORK } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './user-nat-gateway-cases.ts'

testTopic('user-nat-gateway', CASES)

/** A pool, a subnet and a gateway for each row: the zones of the pool, and the zone of the gateway. */
function stacks(...rows: [poolZones: string[], gatewayZone: string | null][]) {
  const of = (kind: string, index: number) => `${GROUP}/${NETWORK}/${kind}${index}`
  return aSnapshot({
    cluster: {
      identityType: 'UserAssigned',
      agentPools: rows.map(([availabilityZones], index) =>
        aPool({
          name: `pool${index}`,
          availabilityZones,
          vnetSubnetId: of('virtualNetworks/vnet/subnets/s', index),
        }),
      ),
    },
    subnets: rows.map((_, index) =>
      aSubnet({
        id: of('virtualNetworks/vnet/subnets/s', index),
        pools: [`pool${index}`],
        natGatewayId: of('natGateways/g', index),
      }),
    ),
    natGateways: rows.map(([, zone], index) =>
      aNatGateway({
        id: of('natGateways/g', index),
        publicIpIds: [of('publicIPAddresses/ip', index)],
        zones: zone === null ? [] : [zone],
      }),
    ),
  })
}

t.test('warns about pools outside the zone of their gateway, and about no others', async (t) => {
  const table: [string, Parameters<typeof stacks>, string[], string][] = [
    [
      'three zonal stacks',
      [
        [['1'], '1'],
        [['2'], '2'],
        [['3'], '3'],
      ],
      [],
      'zoneRedundant',
    ],
    [
      'one stack in another zone',
      [
        [['1'], '1'],
        [['2'], '1'],
      ],
      ['pool1'],
      'zonal',
    ],
    ['a pool over two zones', [[['1', '2'], '1']], ['pool0'], 'zonal'],
    ['a gateway in a zone that is not shown', [[['1'], null]], ['pool0'], 'zonal'],
    [
      'pools without zones',
      [
        [[], '1'],
        [[], null],
      ],
      [],
      'zonal',
    ],
  ]
  for (const [name, rows, pools, kind] of table) {
    const plan = planFor(stacks(...rows), 'userAssignedNATGateway')
    const found = plan.findings.filter(({ code }) => code === 'UANAT_SINGLE_ZONE')
    t.strictSame(
      found.flatMap(({ facts }) => (facts.pools as { pool: string }[]).map(({ pool }) => pool)),
      pools,
      name,
    )
    t.equal(plan.zoneResilience.after.kind, kind, name)
  }
})
