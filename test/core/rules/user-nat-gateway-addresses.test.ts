import t from 'tap'
import type { NatGatewayFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot } from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './user-nat-gateway-addresses-cases.ts'

testTopic('user-nat-gateway-addresses', CASES)

t.test(
  'accepts zonal and zone-redundant addresses on a gateway in their zone, and any address on a gateway without a zone',
  async (t) => {
    const isMismatch = (gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts>) =>
      has(
        'UANAT_ZONE_MISMATCH',
        aByoSnapshot(onGateway[0], {
          natGateways: [{ ...GATEWAY.gateway, ...gateway }],
          publicIps: [{ ...GATEWAY.publicIp, ...ip }],
        }),
        'userAssignedNATGateway',
      )
    t.notOk(isMismatch({ zones: ['1'] }, { zones: ['1'] }))
    t.notOk(isMismatch({ zones: ['1'] }, { zones: ['1', '2', '3'] }))
    t.notOk(isMismatch({ zones: [] }, { zones: ['2'] }))
    t.notOk(isMismatch({ zones: ['1', '2', '3'], sku: 'StandardV2' }, { zones: [] }))
    t.ok(isMismatch({ zones: ['1'] }, { zones: ['2'] }))
    t.ok(isMismatch({ zones: ['1'] }, { zones: [] }))
  },
)
