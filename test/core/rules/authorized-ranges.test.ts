import t from 'tap'
import { aByoSnapshot, aPool, aPublicIp, SUBNET } from '../../support/a-cluster.ts'
import { has, planFor } from '../../support/a-plan.ts'
import { OWN_IP, onGateway, onTable } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './authorized-ranges-cases.ts'

testTopic('authorized-ranges', CASES)

const pool = (given: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })],
})

t.test('a listed address that stays covered shuts nobody out', async (t) => {
  const lockedOut = (authorizedIPRanges: string[]) =>
    has(
      'AUTHORIZED_SELF_LOCKOUT',
      aByoSnapshot(onGateway[0], {
        ...onGateway[1],
        cluster: {
          ...pool(),
          authorizedIPRanges,
          enableVnetIntegration: true,
          outboundType: 'userAssignedNATGateway',
        },
      }),
      { outboundType: 'loadBalancer' },
    )
  t.notOk(lockedOut(['203.0.113.0/24']), 'an egress address that nobody listed')
})

t.test('nodes whose own addresses are outranked need not be listed', async (t) => {
  const cluster = {
    ...pool({ enableNodePublicIP: true }),
    outboundType: 'userAssignedNATGateway',
    authorizedIPRanges: ['20.9.0.1/32'],
  }
  const attached = aByoSnapshot(onGateway[0], { ...onGateway[1], cluster })
  t.notOk(has('AUTHORIZED_NODE_PIP', attached, 'loadBalancer'))
  t.ok(has('AUTHORIZED_NODE_PIP', aByoSnapshot({}, { cluster }), 'loadBalancer'))
})

t.test('all addresses of a firewall must be admitted, not only the first', async (t) => {
  const ids = ['fw-1', 'fw-2'].map((name) => OWN_IP.replace('/own', `/${name}`))
  const [subnet, network] = onTable('VirtualAppliance')
  const snapshot = aByoSnapshot(subnet, {
    ...network,
    cluster: { ...pool(), authorizedIPRanges: ['20.6.0.1/32'] },
    publicIps: ids.map((id, at) => aPublicIp({ id, address: `20.6.0.${at + 1}` })),
    firewalls: [
      {
        id: OWN_IP.replace('/publicIPAddresses/own', '/azureFirewalls/fw'),
        privateAddresses: ['10.9.0.4'],
        publicIpIds: ids,
        subnetIds: [],
        policyId: null,
        dnsProxy: false,
        collections: [],
      },
    ],
  })
  const made = planFor(snapshot, 'userDefinedRouting', { authorizedRanges: 'keep' })
  const found = made.findings.find((each) => each.code === 'AUTHORIZED_RANGES_MISS_NEW_EGRESS')
  t.strictSame(found?.facts, { missing: ['20.6.0.2/32'] })
})
