import t from 'tap'
import type { JsonObject } from '../../../src/contract/json.ts'
import {
  halfRoutesIn,
  hasSameHop,
  hopLabel,
  isApplianceHop,
  parseRoutes,
  routeBody,
  routeFacts,
} from '../../../src/core/egress/routes.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aRouteTable } from '../../support/a-cluster.ts'

const route = (addressPrefix: string, given: Partial<RouteFacts> = {}): RouteFacts => ({
  name: addressPrefix,
  addressPrefix,
  nextHopType: 'Internet',
  nextHopIpAddress: null,
  ...given,
})
const parsed = (...prefixes: string[]) =>
  parseRoutes({ ...aRouteTable('/table', null), routes: prefixes.map((prefix) => route(prefix)) })
const specificOf = (...prefixes: string[]) => {
  const { IPv4, IPv6 } = parsed(...prefixes)
  return [...IPv4.specific, ...IPv6.specific].map(({ route }) => route.addressPrefix)
}

const APPLIANCE = route('0.0.0.0/0', { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' })
const APPLIANCES = route('0.0.0.0/0', {
  nextHopType: 'VirtualApplianceEcmp',
  nextHopIpAddresses: ['10.9.0.4', '10.9.0.5'],
})

t.test('sorts the routes of a table by family, half and prefix length', async (t) => {
  const { IPv4, IPv6, tags } = parsed(
    ...['0.0.0.0/0', '128.0.0.0/1', '8.0.0.0/8', '20.0.0.7', '20.0.0.0/16'],
    ...['::/0', '::/1', '2603:1030::/32', '2603:1030:7::/48', 'AzureCloud'],
  )
  const prefixOf = (found: RouteFacts | null) => found?.addressPrefix ?? null
  t.equal(prefixOf(IPv4.whole), '0.0.0.0/0')
  t.strictSame(IPv4.halves.map(prefixOf), [null, '128.0.0.0/1'])
  t.strictSame(
    IPv4.specific.map(({ route, length }) => [route.addressPrefix, length]),
    [
      ['20.0.0.7', 32],
      ['20.0.0.0/16', 16],
      ['8.0.0.0/8', 8],
    ],
  )
  t.equal(prefixOf(IPv6.whole), '::/0')
  t.strictSame(IPv6.halves.map(prefixOf), ['::/1', null])
  t.strictSame(
    IPv6.specific.map(({ route }) => route.addressPrefix),
    ['2603:1030:7::/48', '2603:1030::/32'],
  )
  t.strictSame(tags.map(prefixOf), ['AzureCloud'])
})

t.test('ignores routes for blocks that contain no public address', async (t) => {
  const internal = ['10.0.0.0/8', '10.1.2.0/24', '10.255.255.255/32', '172.16.0.0/12', '172.31.0.0/16']
  internal.push('192.168.0.0/16', '192.168.255.0/24', '100.64.0.0/10', '127.0.0.1/32', '169.254.169.254/32')
  internal.push('224.0.0.0/4', '240.0.0.0/4', 'fc00::/7', 'fd00::/8', 'fe80::/10', 'ff02::/16', '::1/128')
  for (const prefix of internal) t.strictSame(specificOf(prefix), [], prefix)
  const open = ['9.255.0.0/16', '11.0.0.0/8', '172.15.0.0/16', '172.32.0.0/11', '192.167.0.0/16']
  open.push('192.169.0.0/16', '100.63.0.0/16', '100.128.0.0/9', '169.253.0.0/16', '223.0.0.0/8')
  open.push('10.0.0.0/7', '172.16.0.0/11', '2603:1030::/32', 'fe00::/9', '::2/128', '::a00:0/120')
  for (const prefix of open) t.strictSame(specificOf(prefix), [prefix], prefix)
})

t.test('finds the routes for the two halves of the IPv4 internet', async (t) => {
  const routes = ['0.0.0.0/0', '128.0.0.0/1', '::/1', '0.0.0.0/1', '8.0.0.0/8'].map((prefix) => route(prefix))
  t.strictSame(
    halfRoutesIn(routes).map(({ name }) => name),
    ['128.0.0.0/1', '0.0.0.0/1'],
  )
})

t.test('recognizes the next hops that AKS accepts for userDefinedRouting', async (t) => {
  for (const nextHopType of ['VirtualAppliance', 'virtualapplianceecmp', 'VirtualNetworkGateway'])
    t.ok(isApplianceHop(route('0.0.0.0/0', { nextHopType })), nextHopType)
  for (const nextHopType of ['Internet', 'None', 'VnetLocal', 'Future'])
    t.notOk(isApplianceHop(route('0.0.0.0/0', { nextHopType })), nextHopType)
})

t.test('compares the next hops of two routes without regard to case', async (t) => {
  t.ok(hasSameHop(APPLIANCE, { ...APPLIANCE, nextHopType: 'virtualappliance' }))
  t.notOk(hasSameHop(APPLIANCE, { ...APPLIANCE, nextHopIpAddress: '10.9.0.5' }))
  t.notOk(hasSameHop(APPLIANCE, APPLIANCES))
})

t.test('labels a next hop with its type and addresses', async (t) => {
  t.equal(hopLabel(route('0.0.0.0/0')), 'Internet')
  t.equal(hopLabel(APPLIANCE), 'VirtualAppliance 10.9.0.4')
  t.equal(hopLabel(APPLIANCES), 'VirtualApplianceEcmp 10.9.0.4, 10.9.0.5')
})

t.test('writes the body of a route, and reads the same route from it', async (t) => {
  const bodies: [RouteFacts, JsonObject][] = [
    [route('0.0.0.0/0'), { addressPrefix: '0.0.0.0/0', nextHopType: 'Internet' }],
    [
      APPLIANCE,
      { addressPrefix: '0.0.0.0/0', nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' },
    ],
    [
      APPLIANCES,
      {
        addressPrefix: '0.0.0.0/0',
        nextHopType: 'VirtualApplianceEcmp',
        nextHop: { nextHopIpAddresses: ['10.9.0.4', '10.9.0.5'] },
      },
    ],
  ]
  for (const [facts, properties] of bodies) {
    t.strictSame(routeBody(facts), { properties })
    t.strictSame(routeFacts(facts.name, { properties }), facts)
  }
})
