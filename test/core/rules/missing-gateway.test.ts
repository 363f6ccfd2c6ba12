import t from 'tap'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES, inNetwork, toNetworkGateway } from './missing-gateway-cases.ts'

testTopic('missing-gateway', CASES)

t.test('a route to a virtual network gateway drops packets only where no gateway can exist', async (t) => {
  const peering = (useRemoteGateways: boolean) => [
    { name: 'hub', remoteVirtualNetworkId: null, useRemoteGateways, isConnected: true },
  ]
  const table: [string, Parameters<typeof inNetwork>[0], path: string][] = [
    ['no gateway', {}, 'none'],
    ['a peering without its gateway', { peerings: peering(false) }, 'none'],
    ['a gateway', { hasVirtualNetworkGateway: true }, 'virtualNetworkGateway'],
    ['the gateway of a peering', { peerings: peering(true) }, 'virtualNetworkGateway'],
    ['an unread network', null, 'virtualNetworkGateway'],
  ]
  for (const [what, network, path] of table) {
    const present = planFor(inNetwork(network, 'VirtualNetworkGateway'), 'userDefinedRouting')
    const created = planFor(inNetwork(network), 'userDefinedRouting', toNetworkGateway)
    const certainty = path === 'none' ? 'possible' : 'certain'
    t.match(present.paths, [{ before: { path, certainty }, after: { path, certainty } }], what)
    t.match(created.paths, [{ before: { path: 'loadBalancer' }, after: { path, certainty } }], what)
    for (const plan of [present, created])
      t.equal(codesOf(plan).includes('ROUTE_GATEWAY_MISSING'), path === 'none', what)
  }
})

t.test('requires acknowledgement only if the plan itself adds the route', async (t) => {
  const present = planFor(inNetwork({}, 'VirtualNetworkGateway'), 'userDefinedRouting')
  t.notOk(present.acknowledgementsRequired.includes('ROUTE_GATEWAY_MISSING'))
  const created = planFor(inNetwork({}), 'userDefinedRouting', toNetworkGateway)
  t.ok(created.acknowledgementsRequired.includes('ROUTE_GATEWAY_MISSING'))
})
