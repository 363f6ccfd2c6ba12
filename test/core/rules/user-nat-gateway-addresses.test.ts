import t from 'tap'
import type {
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
} from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot, aPublicIp } from '../../support/a-cluster.ts'
import { codesOf, has, planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { PREFIX, withPrefix } from '../../support/rule-cases.ts'
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

t.test('checks a prefix of a NAT gateway like a single address', async (t) => {
  const part = aPublicIp({ id: `${PREFIX}-part`, address: '20.5.0.1', ddosProtected: true })
  const table: [string, Partial<NatGatewayFacts>, Partial<PublicIpPrefixFacts>][] = [
    ['UANAT_IP_SKU', { sku: 'StandardV2' }, { sku: 'Standard' }],
    ['UANAT_IP_SKU', { sku: 'Standard' }, { sku: 'StandardV2' }],
    ['UANAT_ZONE_MISMATCH', { zones: ['1'] }, { zones: ['2'] }],
    ['UANAT_IP_ROUTING_PREF', {}, { routingPreferenceInternet: true }],
    ['UANAT_IP_DDOS', {}, { publicIpIds: [part.id] }],
  ]
  for (const [code, gateway, prefix] of table) {
    const plan = planFor(withPrefix(gateway, prefix, [part]), 'userAssignedNATGateway')
    const found = plan.findings.find((finding) => finding.code === code)
    t.match(
      found,
      { severity: 'blocker', facts: { addresses: [{ name: 'range', gateway: 'gateway' }] } },
      code,
    )
  }
  const fine = codesOf(
    planFor(withPrefix({ zones: ['1'] }, { zones: ['1'] }), 'userAssignedNATGateway'),
    'blocker',
  )
  t.strictSame(fine, [])
})
