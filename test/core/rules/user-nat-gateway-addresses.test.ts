import t from 'tap'
import type { NatGatewayFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot } from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './user-nat-gateway-addresses-cases.ts'

testTopic('user-nat-gateway-addresses', CASES)

t.test(
  'an address fits a zonal gateway in its own zone and in all, and one without a zone fits only its like',
  async (t) => {
    const misfits = (gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts>) =>
      has(
        'UANAT_ZONE_MISMATCH',
        aByoSnapshot(onGateway[0], {
          natGateways: [{ ...GATEWAY.gateway, ...gateway }],
          publicIps: [{ ...GATEWAY.publicIp, ...ip }],
        }),
        'userAssignedNATGateway',
      )
    t.notOk(misfits({ zones: ['1'] }, { zones: ['1'] }))
    t.notOk(misfits({ zones: ['1'] }, { zones: ['1', '2', '3'] }))
    t.notOk(misfits({ zones: [] }, { zones: ['2'] }))
    t.notOk(misfits({ zones: ['1', '2', '3'], sku: 'StandardV2' }, { zones: [] }))
    t.ok(misfits({ zones: ['1'] }, { zones: ['2'] }))
    t.ok(misfits({ zones: ['1'] }, { zones: [] }))
  },
)
