import t from 'tap'
import { aByoSnapshot, aSnapshot, aSubnet, features } from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { onGateway, onTable } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cluster-features-cases.ts'

testTopic('cluster-features', CASES)

t.test('does not report KONNECTIVITY for private clusters or clusters with VNet integration', async (t) => {
  const isReported = (cluster: object) => has('KONNECTIVITY', aSnapshot({ cluster }), 'managedNATGateway')
  t.ok(isReported({}))
  t.notOk(isReported({ enablePrivateCluster: true }))
  t.notOk(isReported({ enableVnetIntegration: true }))
  t.notOk(has('KONNECTIVITY', aByoSnapshot(...onGateway), 'userAssignedNATGateway'), 'no address change')
  const subnets = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  t.notOk(has('KONNECTIVITY', aSnapshot({ subnets }), 'none'), 'no new egress address')
})

t.test('does not report a gap of monitoring data if no traffic moves', async (t) => {
  const cluster = { features: features({ monitoring: ['addonProfiles.omsagent'] }) }
  const isReported = (
    [subnet, network]: Parameters<typeof aByoSnapshot>,
    target: Parameters<typeof has>[2],
  ) => has('TRUSTED_ACCESS_AND_MONITORING', aByoSnapshot(subnet, { ...network, cluster }), target)
  t.ok(isReported([], 'userAssignedNATGateway'), 'the path changes')
  t.notOk(isReported(onGateway, 'userAssignedNATGateway'), 'the NAT gateway carries the traffic already')
  t.notOk(isReported(onTable('VirtualAppliance'), 'userDefinedRouting'), 'so does the appliance')
})
