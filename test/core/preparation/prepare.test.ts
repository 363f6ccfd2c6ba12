import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'

import type { NatGatewayFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aNatGateway,
  aPrefix,
  aPublicIp,
  GROUP,
  NETWORK,
  NODE_GROUP,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'

const GATEWAY = `${GROUP}/${NETWORK}/natGateways/ng-demo-egress`
const IP = `${GROUP}/${NETWORK}/publicIPAddresses/pip-demo-nat-egress-1`
const PREFIX = `${GROUP}/${NETWORK}/publicIPPrefixes/ippre-demo-nat-egress`
const toGateway = (snapshot: Parameters<typeof planFor>[0], prepare: PlanningRequest['prepare']) =>
  planFor(snapshot, 'userAssignedNATGateway', { prepare })
const takenBy = (made: Plan) =>
  made.findings.flatMap((each) =>
    each.code === 'PREPARE_NAME_TAKEN' ? (each.facts.resources as { id: string; because: string }[]) : [],
  )

function standing(gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts> = {}) {
  return aByoSnapshot(
    {},
    {
      natGateways: [aNatGateway({ id: GATEWAY, publicIpIds: [IP], ...gateway })],
      publicIps: [aPublicIp({ id: IP, address: '20.9.0.1', natGatewayId: GATEWAY, ...ip })],
      publicIpPrefixes: [aPrefix({ id: PREFIX, prefix: '20.8.0.0/30', natGatewayId: GATEWAY })],
    },
  )
}

t.test('a gateway under the wanted name is taken where it is what was asked for', async (t) => {
  const whole = standing({ zones: ['2'], idleTimeoutInMinutes: 10 }, { zones: ['2'] })
  const asked = [
    { natGateway: {} },
    { natGateway: { zones: ['2' as const], idleTimeoutInMinutes: 10 } },
    { natGateway: {}, publicIps: { count: 1, zones: ['2' as const] } },
  ]
  for (const prepare of asked) {
    const made = toGateway(whole, prepare)
    t.strictSame(takenBy(made), [], JSON.stringify(prepare))
    t.equal(made.status, 'applicable')
  }
  const prefixed = standing({ publicIpIds: [], publicIpPrefixIds: [PREFIX] })
  t.strictSame(takenBy(toGateway(prefixed, { natGateway: {}, publicIpPrefix: { length: 30 } })), [])
})

t.test('a gateway under the wanted name that differs blocks the plan and says in what', async (t) => {
  const table: [NonNullable<PlanningRequest['prepare']>, string][] = [
    [{ natGateway: { sku: 'StandardV2' } }, 'its SKU is Standard, not StandardV2'],
    [{ natGateway: { zones: ['1'] } }, 'it is in zone 2, not in zone 1'],
    [{ natGateway: { idleTimeoutInMinutes: 30 } }, 'its idle timeout is 4 min, not 30 min'],
    [{ natGateway: {}, publicIps: { count: 3 } }, 'it has 1 public IP, not 3 public IPs'],
    [{ natGateway: {}, publicIpPrefix: { length: 30 } }, 'it has 1 public IP, not a /30 prefix'],
    [
      { natGateway: {}, publicIps: { count: 1, zones: ['2'] } },
      'its addresses are in no zone, not in zone 2',
    ],
  ]
  for (const [prepare, because] of table) {
    const made = toGateway(standing({ zones: ['2'] }), prepare)
    t.strictSame(takenBy(made), [{ id: GATEWAY, because }])
    t.equal(made.status, 'blocked')
    t.match(made.findings.find((each) => each.code === 'PREPARE_NAME_TAKEN')?.remedy, /natGateway\.id/)
  }
  const prefixed = standing({ publicIpPrefixIds: [PREFIX] })
  t.match(takenBy(toGateway(prefixed, { natGateway: {}, publicIpPrefix: { length: 31 } })), [
    { because: 'it has 1 public IP and a /30 prefix, not a /31 prefix' },
  ])
})

t.test('an address under the wanted name that somebody holds does not go onto a new gateway', async (t) => {
  const other = `${GROUP}/${NETWORK}/natGateways/other`
  const frontend = `${NODE_GROUP}/${NETWORK}/loadBalancers/web/frontendIPConfigurations/front`
  const withIp = (given: Partial<PublicIpFacts>) =>
    aByoSnapshot({}, { publicIps: [aPublicIp({ id: IP, address: '20.9.0.1', ...given })] })
  const prepare = { natGateway: {}, publicIps: { count: 1 } }
  t.strictSame(takenBy(toGateway(withIp({ natGatewayId: other }), prepare)), [
    { id: IP, because: 'it is attached to other' },
  ])
  t.strictSame(takenBy(toGateway(withIp({ attachedTo: frontend }), prepare)), [
    { id: IP, because: 'it is attached to web' },
  ])
  t.strictSame(takenBy(toGateway(withIp({}), prepare)), [], 'a free one is taken')
  const prefix = aPrefix({ id: PREFIX, prefix: '20.8.0.0/30', loadBalancerFrontendId: frontend })
  const ofPrefix = { natGateway: {}, publicIpPrefix: { length: 30 } }
  t.strictSame(takenBy(toGateway(aByoSnapshot({}, { publicIpPrefixes: [prefix] }), ofPrefix)), [
    { id: PREFIX, because: 'it is attached to web' },
  ])
})

t.test('an address for the load balancer that somebody holds is said once', async (t) => {
  const id = IP.replace('-nat-', '-lb-')
  const held = aPublicIp({ id, address: '20.9.0.1', natGatewayId: GATEWAY })
  const made = planFor(aByoSnapshot({}, { publicIps: [held] }), 'loadBalancer', {
    prepare: { publicIps: { count: 1 } },
  })
  t.ok(codesOf(made, 'blocker').includes('IP_IN_USE'))
  t.strictSame(takenBy(made), [])
})
