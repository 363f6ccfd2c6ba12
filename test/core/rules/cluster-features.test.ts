import t from 'tap'
import { aByoSnapshot, aSnapshot, aSubnet } from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cluster-features-cases.ts'

testTopic('cluster-features', CASES)

t.test(
  'a private cluster and one with VNet integration do not dial the API server by the egress',
  async (t) => {
    const dials = (cluster: object) => has('KONNECTIVITY', aSnapshot({ cluster }), 'managedNATGateway')
    t.ok(dials({}))
    t.notOk(dials({ enablePrivateCluster: true }))
    t.notOk(dials({ enableVnetIntegration: true }))
    t.notOk(has('KONNECTIVITY', aByoSnapshot(...onGateway), 'userAssignedNATGateway'), 'the address stays')
    const subnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
    t.notOk(has('KONNECTIVITY', aSnapshot({ subnets }), 'none'), 'no new address to dial from')
  },
)
