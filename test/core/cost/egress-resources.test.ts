import t from 'tap'
import type { CostMeter, CostSide } from '../../../src/contract/cost.ts'
import {
  aByoSnapshot,
  aNatGatewayProfile,
  aReadyGateway,
  aSnapshot,
  aSubnet,
  NETWORK,
  NODE_GROUP,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

t.test('bills a NAT gateway that no path uses until the plan deletes it', async (t) => {
  const { gateway, publicIp } = aReadyGateway()
  const snapshot = aByoSnapshot({}, { natGateways: [gateway], publicIps: [publicIp] })
  const { cost } = planFor(snapshot, 'loadBalancer', {
    cleanUp: { detach: false, narrow: [], delete: [gateway.id, publicIp.id] },
  })
  const hours = (side: CostSide | undefined, meter: CostMeter) =>
    side?.lines.find((line) => line.meter === meter)?.quantity
  t.equal(hours(cost?.before, 'natGatewayHour'), 730)
  t.equal(hours(cost?.after, 'natGatewayHour'), undefined)
  t.strictSame([hours(cost?.before, 'publicIpHour'), hours(cost?.after, 'publicIpHour')], [1460, 730])
})

t.test('subtracts no released address that Azure Resource Manager does not show', async (t) => {
  const ids = ['a', 'b', 'c'].map((name) => `${NODE_GROUP}/${NETWORK}/publicIPAddresses/${name}`)
  const natGatewayProfile = aNatGatewayProfile({ managedOutboundIpCount: 3, effectiveOutboundIpIds: ids })
  const cluster = { outboundType: 'managedNATGateway' as const, loadBalancerProfile: null, natGatewayProfile }
  const { cost } = planFor(aSnapshot({ cluster, publicIps: [] }), {
    outboundType: 'managedNATGateway',
    natGateway: { managedOutboundIpCount: 1 },
  })
  for (const { lines } of [cost?.before, cost?.after].flatMap((side) => side ?? []))
    t.notOk(lines.some(({ quantity }) => quantity !== null && quantity < 0))
})

t.test('bills every NAT gateway that AKS deletes, also a gateway that could not be read', async (t) => {
  const subnets = ['a', 'b'].map((name) =>
    aSubnet({
      id: `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet/subnets/${name}`,
      pools: [],
      natGatewayId: `${NODE_GROUP}/${NETWORK}/natGateways/nat-${name}`,
    }),
  )
  const cluster = { outboundType: 'managedNATGateway' as const, natGatewayProfile: aNatGatewayProfile() }
  const { cost } = planFor(aSnapshot({ cluster, subnets }), 'loadBalancer')
  const hours = [cost?.before, cost?.after].map(
    (side) => side?.lines.find(({ meter }) => meter === 'natGatewayHour')?.quantity,
  )
  t.strictSame(hours, [1460, undefined])
})
