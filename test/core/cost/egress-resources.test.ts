import t from 'tap'
import type { CostMeter, CostSide } from '../../../src/contract/cost.ts'
import { aByoSnapshot, aReadyGateway } from '../../support/a-cluster.ts'
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
