import t from 'tap'
import { orphanedResources } from '../../../src/core/cleanup/detachments.ts'
import type { CleanupRequest } from '../../../src/core/request/plan-request.ts'

import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPool,
  aPrefix,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aVirtualNetwork,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, onGateway, onTable, TABLE } from '../../support/own-network.ts'

type Given = Parameters<typeof aSnapshot>[0]

const OTHER = SUBNET.replace('/nodes', '/other')
const PREFIX = `${GROUP}/${NETWORK}/publicIPPrefixes/own`

const cleanUp = (snapshot: ReturnType<typeof aSnapshot>, asked: Partial<CleanupRequest>) =>
  planFor(snapshot, 'loadBalancer', { cleanUp: { detach: false, narrow: [], delete: [], ...asked } })
const titles = (made: ReturnType<typeof planFor>) =>
  made.steps.filter(({ key }) => key.startsWith('clean-up-')).map(({ title }) => title)
const stillUsed = (made: ReturnType<typeof planFor>) =>
  made.findings.find(({ code }) => code === 'CLEAN_UP_STILL_IN_USE')?.facts.resources

/** A cluster whose subnet shares its route table with another subnet, with the other given facts. */
function onSharedTable(given: Given = {}, routes: RouteFacts[] = [], natGatewayId: string | null = null) {
  const table = aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')
  const shared = { ...table, routes: [...table.routes, ...routes], subnetIds: [SUBNET, OTHER] }
  return aByoSnapshot({ ...onTable(null)[0], natGatewayId }, { ...given, routeTables: [shared] })
}

t.test('says of each remaining attachment and route whether its removal moves traffic', async (t) => {
  t.strictSame(orphanedResources(aByoSnapshot(...onGateway)), [
    `NAT gateway ${GATEWAY.id} is still attached to ${SUBNET}. It carries the traffic of the subnet, so detaching it moves traffic.`,
  ])
  t.strictSame(orphanedResources(onSharedTable(onGateway[1], [], GATEWAY.id)), [
    `NAT gateway ${GATEWAY.id} is still attached to ${SUBNET}. It carries no traffic.`,
    `Route table ${TABLE} still has the default route default on ${SUBNET}. The route directs the traffic of the subnet, so deleting it moves traffic.`,
  ])
})

t.test('a subnet loses its gateway and then its table, and traffic moves once', async (t) => {
  const made = cleanUp(onSharedTable(onGateway[1], [], GATEWAY.id), { detach: true })
  t.strictSame(titles(made), [
    'Detach NAT gateway gateway from subnet nodes',
    'Detach route table table from subnet nodes',
  ])
  t.equal(made.cutOver.step, 'clean-up-detach-2', 'the route carries the traffic until it goes')
  const moving = made.findings.find(({ code }) => code === 'CLEAN_UP_MOVES_TRAFFIC')
  t.strictSame(moving?.facts.steps, ['Detach route table table from subnet nodes'])
  t.equal(cleanUp(aByoSnapshot(...onGateway), { detach: true }).cutOver.step, 'clean-up-detach-1')
})

t.test(
  'keeps a shared route table of kubenet, and names the routes that a detached table takes along',
  async (t) => {
    const cluster = { networkPlugin: 'kubenet', agentPools: [aPool({ vnetSubnetId: SUBNET })] }
    const made = cleanUp(onSharedTable({ cluster }), { detach: true })
    t.strictSame([made.status, titles(made)], ['noChange', []])
    t.strictSame(codesOf(made, 'warning').includes('CLEAN_UP_ROUTE_KEPT'), true)
    t.notOk(codesOf(made).includes('CLEAN_UP_NOTHING_LEFT'), 'there is something, though not for a plan')
    const hop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' }
    const routes = ['a', 'b', 'c', 'd'].map((name, at) => ({
      name,
      addressPrefix: `10.${at}.0.0/16`,
      ...hop,
    }))
    const said = (count: number) =>
      titles(cleanUp(onSharedTable({}, routes.slice(0, count)), { detach: true }))
    t.strictSame(said(1), [
      'Detach route table table from subnet nodes, together with its route a (10.0.0.0/16)',
    ])
    t.match(said(4)[0], /together with its routes a \(10\.0\.0\.0\/16\), b .*, c .* and 1 more$/)
    const own = onTable('VirtualAppliance')
    const alone = cleanUp(aByoSnapshot(own[0], { ...own[1], cluster }), { detach: true })
    t.strictSame(titles(alone), ['Delete default route default from route table table'])
  },
)

t.test('deletes resources in the order of their use and keeps resources in use', async (t) => {
  const both = [GATEWAY.id, GATEWAY.publicIp.id]
  const free = cleanUp(aByoSnapshot({}, onGateway[1]), { delete: both })
  t.strictSame([free.status, titles(free).length, stillUsed(free)], ['applicable', 2, undefined])
  t.match(
    free.steps.filter(({ key }) => key.startsWith('clean-up-delete')).map(({ undo }) => undo),
    [/to recreate gateway\.$/, /cannot be recovered/],
  )
  const detached = cleanUp(aByoSnapshot(...onGateway), { delete: both, detach: true })
  t.strictSame([detached.status, titles(detached).length], ['applicable', 3])
  const attached = cleanUp(aByoSnapshot(...onGateway), { delete: both })
  t.strictSame([attached.status, titles(attached)], ['noChange', []])
  t.ok(codesOf(attached, 'warning').includes('CLEAN_UP_STILL_IN_USE'))
  t.ok(
    attached.egressIps.every(({ change }) => change === 'kept'),
    'no step deletes what the ledger keeps',
  )
  const backwards = cleanUp(aByoSnapshot({}, onGateway[1]), { delete: both.toReversed() })
  t.strictSame(stillUsed(backwards), [{ id: GATEWAY.publicIp.id, by: [GATEWAY.id] }])
})

t.test(
  'announces the deletion of an address that the cluster does not use, without an acknowledgement',
  async (t) => {
    const { id, address } = GATEWAY.publicIp
    const free = cleanUp(aByoSnapshot({}, onGateway[1]), { delete: [GATEWAY.id, id] })
    const unused = { usedBefore: [], usedAfter: [], recoverable: false }
    t.match(
      free.egressIps.filter(({ change }) => change === 'lost'),
      [{ resourceId: id, address, ...unused }],
    )
    t.match(
      free.findings.find(({ code }) => code === 'UNUSED_IP_RELEASED'),
      { message: `This plan deletes ${address}, which the cluster does not use for egress, and Azure may` },
    )
    t.strictSame(free.acknowledgementsRequired, [])
    t.strictSame(free.rollback.lost, [`No plan restores ${address}: this plan deletes it.`])
  },
)

t.test('a resource that another resource uses is not deleted', async (t) => {
  const by = (id: string, given: Given) => stillUsed(cleanUp(aSnapshot(given), { delete: [id] }))
  const held = (id: string, user: string) => [{ id, by: [user] }]
  const natGateways = [{ ...GATEWAY.gateway, subnetIds: [OTHER] }]
  t.strictSame(by(GATEWAY.id, { natGateways }), held(GATEWAY.id, OTHER), "another's subnet")
  const network = OTHER.replace(/\/subnets\/.*$/, '')
  const serving = [{ ...GATEWAY.gateway, sku: 'StandardV2', sourceVirtualNetworkId: network }]
  t.strictSame(by(GATEWAY.id, { natGateways: serving }), held(GATEWAY.id, network), 'a whole network')
  const naming = {
    virtualNetworks: [aVirtualNetwork({ id: network, natGatewayId: GATEWAY.id.toUpperCase() })],
  }
  t.strictSame(by(GATEWAY.id, { natGateways: [GATEWAY.gateway], ...naming }), held(GATEWAY.id, network))
  const routeTables = [{ ...aRouteTable(TABLE, null), subnetIds: [OTHER] }]
  t.strictSame(by(TABLE, { routeTables }), held(TABLE, OTHER))
  const ip = aPublicIp({ id: OWN_IP, address: '20.4.0.1' })
  const frontend = `${GROUP}/${NETWORK}/loadBalancers/mine/frontendIPConfigurations/web`
  t.strictSame(by(OWN_IP, { publicIps: [{ ...ip, attachedTo: frontend }] }), held(OWN_IP, frontend))
  const loadBalancerProfile = aLoadBalancerProfile({ managedOutboundIpCount: null, outboundIpIds: [OWN_IP] })
  const named = aSnapshot({ publicIps: [ip], cluster: { loadBalancerProfile } })
  t.strictSame(stillUsed(cleanUp(named, { delete: [OWN_IP] })), held(OWN_IP, named.cluster.id))
  const prefix = aPrefix({ id: PREFIX, prefix: '20.5.0.0/30' })
  const withPrefix = (given: Partial<typeof prefix>, cluster = {}) => {
    const snapshot = {
      ...aSnapshot({ cluster }),
      publicIpPrefixes: { [PREFIX.toLowerCase()]: { ...prefix, ...given } },
    }
    return stillUsed(cleanUp(snapshot, { delete: [PREFIX] }))
  }
  t.strictSame(withPrefix({ loadBalancerFrontendId: frontend }), held(PREFIX, frontend))
  t.strictSame(withPrefix({ publicIpIds: [OWN_IP] }), held(PREFIX, OWN_IP), 'an address out of it')
  const agentPools = [aPool({ enableNodePublicIP: true, nodePublicIpPrefixIds: [PREFIX] })]
  t.strictSame(withPrefix({}, { agentPools }), held(PREFIX, aSnapshot().cluster.id))
  t.strictSame(withPrefix({}), undefined)
})

t.test('a cleanup that moves no traffic states so and lists no parameters', async (t) => {
  const made = cleanUp(aByoSnapshot({}, onGateway[1]), { delete: [GATEWAY.id] })
  t.match(made.cutOver, { step: null, because: /^The removed resources carry no traffic/ })
  t.notOk(codesOf(made).includes('SAME_TYPE'))
  const nothing = cleanUp(aByoSnapshot(), {})
  t.match(nothing, { status: 'noChange', cutOver: { because: 'The plan changes nothing.' } })
})

t.test('a cleanup of an isolated cluster does not evaluate the rules for isolation', async (t) => {
  const authorizedIPRanges = ['192.0.2.0/24', '203.0.113.0/24']
  const cluster = { outboundType: 'none', loadBalancerProfile: null, authorizedIPRanges }
  const asked = { narrow: ['192.0.2.0/24'], detach: false, delete: [] }
  const made = planFor(aSnapshot({ cluster }), 'none', { cleanUp: asked })
  t.strictSame([made.status, codesOf(made).filter((code) => code.startsWith('ISO_'))], ['applicable', []])
})

t.test('names other resources in a subnet before a resource is detached from it', async (t) => {
  const occupantGroups = [`${GROUP}-data`.toLowerCase()]
  const shared = (asked: Partial<CleanupRequest>) =>
    cleanUp(aByoSnapshot({ ...onGateway[0], occupantGroups }, onGateway[1]), asked).findings.find(
      ({ code }) => code === 'SUBNET_SHARED',
    )?.facts
  t.strictSame(shared({ detach: true }), { subnets: [{ subnet: 'nodes', groups: ['rg-demo-data'] }] })
  const free = { ...onGateway[1], cluster: { authorizedIPRanges: ['192.0.2.0/24', '203.0.113.0/24'] } }
  const narrowing = cleanUp(aByoSnapshot({ occupantGroups }, free), { narrow: ['192.0.2.0/24'] })
  t.strictSame([narrowing.status, codesOf(narrowing).includes('SUBNET_SHARED')], ['applicable', false])
})

t.test('a cleanup that detaches nothing moves no traffic, also on an unknown egress path', async (t) => {
  const cluster = { authorizedIPRanges: ['20.1.0.1/32', '20.5.0.1/32'], enableVnetIntegration: true }
  const unused = aPublicIp({ id: OWN_IP, address: '20.5.0.1' })
  const snapshot = aByoSnapshot({ routeTableId: TABLE }, { cluster, publicIps: [unused] })
  const plan = cleanUp(snapshot, { delete: [OWN_IP], narrow: ['20.5.0.1/32'] })
  t.match(plan, {
    status: 'applicable',
    paths: [{ before: { path: 'unknown' } }],
    disruption: { movesTraffic: false, existingConnections: 'unchanged' },
    cutOver: { step: null, because: /no traffic moves/ },
  })
  t.strictSame(
    codesOf(plan).filter((code) => /EGRESS_PATH_NOT_IN_ARM|AUTHORIZED_VNETINT_NODES_PRIVATE/.test(code)),
    [],
  )
  t.ok(codesOf(planFor(snapshot, 'none')).includes('EGRESS_PATH_NOT_IN_ARM'), 'a change of the type')
  const routed = { outboundType: 'userDefinedRouting', loadBalancerProfile: null } as const
  const open = planFor(aByoSnapshot({}, { cluster: routed, publicIps: [unused] }), 'userDefinedRouting', {
    cleanUp: { detach: false, narrow: [], delete: [OWN_IP] },
  })
  t.notOk(codesOf(open).includes('UDR_CUTOVER_IS_ROUTE'), 'a cleanup adds no route')
  t.equal(open.disruption.movesTraffic, false)
})
