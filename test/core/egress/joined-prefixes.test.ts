import t from 'tap'
import { currentSide, egressPaths } from '../../../src/core/egress/paths.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aFirewall, aPool, aPublicIp, aRouteTable, SUBNET } from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { OWN_IP, TABLE } from '../../support/own-network.ts'

/** The prefixes of several routes can together contain all public addresses, so that no packet uses the default route. */

const LB = '20.1.0.1'
const FW = '20.3.0.1'
const DUAL = ['IPv4', 'IPv6']

const route = (addressPrefix: string, nextHopType: string, hop: string | null = null): RouteFacts => ({
  name: addressPrefix,
  addressPrefix,
  nextHopType,
  nextHopIpAddress: hop,
})
const toFirewall = (prefix: string, hop = '10.9.0.4') => route(prefix, 'VirtualAppliance', hop)

function network({ routes, cluster }: { routes: RouteFacts[]; cluster: Partial<ClusterFacts> }): Snapshot {
  return aByoSnapshot(
    { routeTableId: TABLE },
    {
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...cluster },
      routeTables: [{ ...aRouteTable(TABLE, null), routes }],
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP] })],
      publicIps: [aPublicIp({ id: OWN_IP, address: FW })],
    },
  )
}

/** The paths as text, as in `v6 internet: loadBalancer 20.1.0.1 certain`. */
function paths(snapshot: Snapshot): string[] {
  return egressPaths(currentSide(snapshot)).map(({ family, destination, path, addresses, certainty }) => {
    const sources = addresses.map(({ address }) => address ?? '?').join('+') || '-'
    return `${family === 'IPv6' ? 'v6 ' : ''}${destination}: ${path} ${sources} ${certainty}`
  })
}

t.test('combines prefixes that together contain all public addresses of a half', async (t) => {
  const cluster = { enablePrivateCluster: true }
  const all = (...routes: RouteFacts[]) => paths(network({ routes, cluster }))
  const quarters = ['0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2'] as const
  const [first, ...others] = quarters.map((prefix) => toFirewall(prefix)) as [RouteFacts, ...RouteFacts[]]
  t.strictSame(all(first, ...others), [
    `internet: virtualAppliance ${FW} certain`,
    ...quarters.map((prefix) => `${prefix}: virtualAppliance ${FW} certain`),
  ])
  t.strictSame(all(...others), [
    `internet: mixed ${LB}+${FW} certain`,
    `0.0.0.0/1: loadBalancer ${LB} certain`,
    ...quarters.slice(1).map((prefix) => `${prefix}: virtualAppliance ${FW} certain`),
  ])
  t.equal(all(toFirewall('0.0.0.0/2', '10.9.0.5'), ...others)[0], `internet: mixed ?+${FW} certain`)
  t.equal(
    all(first, ...others, route('8.0.0.0/8', 'Internet'))[0],
    `internet: virtualAppliance ${FW} certain`,
  )
  // The prefixes around all private blocks.
  const around = [
    ...['1.0.0.0/8', '2.0.0.0/7', '4.0.0.0/6', '8.0.0.0/7', '11.0.0.0/8', '12.0.0.0/6', '16.0.0.0/4'],
    ...['32.0.0.0/3', '64.0.0.0/2', '128.0.0.0/3', '160.0.0.0/5', '168.0.0.0/6', '172.0.0.0/12'],
    ...['172.32.0.0/11', '172.64.0.0/10', '172.128.0.0/9', '173.0.0.0/8', '174.0.0.0/7', '176.0.0.0/4'],
    ...['192.0.0.0/9', '192.128.0.0/11', '192.160.0.0/13', '192.169.0.0/16', '192.170.0.0/15'],
    ...['192.172.0.0/14', '192.176.0.0/12', '192.192.0.0/10', '193.0.0.0/8', '194.0.0.0/7'],
    ...['196.0.0.0/6', '200.0.0.0/5', '208.0.0.0/4'],
  ].map((prefix) => toFirewall(prefix))
  t.equal(all(...around)[0], `internet: virtualAppliance ${FW} certain`)
  t.equal(all(...around.slice(1))[0], `internet: mixed ${LB}+${FW} certain`, '1.0.0.0/8 is missing')
})

t.test('combines IPv6 routes that contain 2000::/3, in which all public addresses are', async (t) => {
  for (const prefix of ['::/0', '::/1', '2000::/3'])
    t.match(
      paths(network({ routes: [route(prefix, 'None')], cluster: { ipFamilies: DUAL } })),
      [`internet: loadBalancer ${LB} certain`, 'v6 internet: none - certain'],
      prefix,
    )
})
