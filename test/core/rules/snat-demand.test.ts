import t from 'tap'
import { aFirewall, aPeering, aVirtualNetwork, GROUP, NETWORK, VNET } from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { busyFirewall, CASES } from './snat-demand-cases.ts'

testTopic('snat-demand', CASES)

t.test('a firewall in a virtual hub gets more public IPs, not a NAT gateway', async (t) => {
  const guid = '12345678-1234-1234-1234-123456789abc'
  const network = `/subscriptions/9-9/resourceGroups/RG_hub_${guid}/${NETWORK}/virtualNetworks/HV_hub_${guid}`
  const virtualHubId = `${GROUP}/${NETWORK}/virtualHubs/hub`
  const { snapshot } = busyFirewall(96, {
    virtualNetworks: [aVirtualNetwork({ id: VNET, peerings: [aPeering(network)] })],
    firewalls: [aFirewall({ id: FIREWALL, subnetIds: [], virtualHubId, hubPublicAddresses: ['20.3.0.1'] })],
  })
  const { findings } = planFor(snapshot, 'userDefinedRouting')
  const finding = findings.find(({ code }) => code === 'SNAT_FIREWALL_EXHAUSTED')
  t.match(finding?.remedy, /^Increase the number of public IPs of the firewall in the virtual hub/)
  t.notMatch(finding?.remedy, /NAT gateway|subnet/)
})
