import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot, aFirewall, aPublicIp, aRouteTable, aSnapshot } from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { planFor } from '../../support/a-plan.ts'
import { OWN_IP, TABLE } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './partner-allow-lists-cases.ts'

testTopic('partner-allow-lists', CASES)

/** The addresses of the load balancer, of the firewall at 10.9.0.4, and of no known resource. */
const [BALANCER, KNOWN_FIREWALL, OTHER] = ['20.1.0.1', '20.3.0.1', '203.0.113.7']

const routed = (...routes: [prefix: string, hop: string | null][]) =>
  aByoSnapshot(
    { routeTableId: TABLE },
    {
      routeTables: [
        {
          ...aRouteTable(TABLE, null),
          routes: routes.map(
            ([addressPrefix, nextHopIpAddress], index): RouteFacts => ({
              name: `route-${index}`,
              addressPrefix,
              nextHopType: nextHopIpAddress === null ? 'Internet' : 'VirtualAppliance',
              nextHopIpAddress,
            }),
          ),
        },
      ],
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP] })],
      publicIps: [aPublicIp({ id: OWN_IP, address: KNOWN_FIREWALL })],
    },
  )

const PARTNER = '198.51.100.0/24'
const newGateway: Partial<PlanningRequest> = { prepare: { natGateway: {} } }
const newRoute: Partial<PlanningRequest> = {
  prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } },
}

t.test('tells a partner only what happens to its own traffic', async (t) => {
  const LOSES = / contain addresses that the cluster loses, may lose, or no longer uses/
  const MAY_LOSE = / may contain addresses that the cluster loses/
  const LACKS = / lack addresses that traffic of the cluster uses after the change\.$/
  const defaultMoves = routed([PARTNER, '10.9.0.4'])
  const hiddenDefaultMoves = routed(['0.0.0.0/0', '10.9.0.9'], [PARTNER, null])
  const exceptionMoves = routed(['0.0.0.0/0', '10.9.0.4'], [PARTNER, null])
  const balancer = (managedOutboundIpCount: number): RequestedTarget => ({
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount },
  })
  type Case = [typeof defaultMoves, RequestedTarget | 'userAssignedNATGateway' | 'userDefinedRouting', object]
  const byGateway: Case = [defaultMoves, 'userAssignedNATGateway', newGateway]
  const byRoute: Case = [hiddenDefaultMoves, 'userDefinedRouting', newRoute]
  const byException: Case = [exceptionMoves, 'userAssignedNATGateway', newGateway]
  const more: Case = [aSnapshot(), balancer(2), {}]
  const table: [what: string, Case, addresses: string[], message: RegExp | null][] = [
    ['the default path moves', byGateway, [BALANCER], LOSES],
    ['an exception reaches the partner', byGateway, [KNOWN_FIREWALL], null],
    ['the range of the exception', byGateway, ['20.3.0.0/24'], null],
    ['both reach the partner', byGateway, [BALANCER, KNOWN_FIREWALL], LOSES],
    ['the partner is unlisted', byGateway, [], MAY_LOSE],
    ['an exception moves', byException, [BALANCER], LOSES],
    ['the default path reaches the partner', byException, [KNOWN_FIREWALL], null],
    ['the default path gets a known address instead of a hidden one', byRoute, [OTHER], null],
    ['the partner may list a hidden address', byRoute, [BALANCER, OTHER], LOSES],
    ['addresses are added', more, [BALANCER], LACKS],
    ['addresses are added for an unlisted partner', more, [], / may lack addresses that traffic/],
  ]
  for (const [what, [snapshot, target, given], addresses, message] of table) {
    const consumers = [{ name: 'payments', addresses }]
    const plan = planFor(snapshot, target, { ...given, consumers })
    const found = plan.findings.find(({ code }) => code === 'CONSUMERS_TO_TELL')
    if (message === null) t.equal(found, undefined, what)
    else t.match(found?.message, message, what)
  }
})

t.test('a partner that only an unmoved exception reaches gets nothing to add', async (t) => {
  // The default path moves from addresses that Azure Resource Manager does not show.
  const snapshot = routed(['0.0.0.0/0', '10.9.0.9'], [PARTNER, '10.9.0.4'])
  const target: RequestedTarget = { outboundType: 'userDefinedRouting' }
  const edited = (addresses: string[]) => {
    const consumers = [{ name: 'payments', addresses }]
    const prepare = { defaultRoute: { nextHopType: 'VirtualNetworkGateway' as const } }
    const { allowLists, findings } = planFor(snapshot, target, { prepare, consumers })
    const isNamed = findings.some(({ code }) => code === 'CONSUMERS_TO_TELL')
    const [{ add = [], addLater = 0 } = {}] = allowLists.consumers
    return [add.length + addLater > 0, isNamed]
  }
  t.strictSame(edited([KNOWN_FIREWALL]), [false, false])
  t.strictSame(edited([KNOWN_FIREWALL, OTHER]), [true, true])
})
