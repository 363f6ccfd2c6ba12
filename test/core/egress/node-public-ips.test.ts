import t from 'tap'
import { effectivePathOfSubnets } from '../../../src/core/egress/effective-path.ts'
import { carriedInternetPaths, currentSide, egressPaths } from '../../../src/core/egress/paths.ts'
import type { RouteFacts, SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aLoadBalancerProfile,
  aPool,
  aPrefix,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aSubnet,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { GATEWAY, TABLE } from '../../support/own-network.ts'

/** Nodes with public IPs beside nodes without them: the former leave by their own addresses where no path takes precedence. */

const OTHER = SUBNET.replace('/nodes', '/others')
const PREFIX = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/nodes`, prefix: '20.5.0.0/28' })
const LB_IPV6 = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ipv6`
const plain = (vnetSubnetId: string, name = 'plain') => aPool({ name, vnetSubnetId })
const open = (vnetSubnetId: string, nodePublicIpPrefixIds = [PREFIX.id]) =>
  aPool({ name: 'open', vnetSubnetId, enableNodePublicIP: true, nodePublicIpPrefixIds })

interface Given {
  pools: ReturnType<typeof aPool>[]
  cluster?: Partial<ClusterFacts>
  subnets?: Partial<SubnetFacts>[]
  routes?: RouteFacts[]
}

function network({ pools, cluster, subnets = [{ id: SUBNET }], routes = [] }: Given): Snapshot {
  return aSnapshot({
    cluster: { agentPools: pools, ...cluster },
    subnets: subnets.map((given) =>
      aSubnet({
        pools: pools.flatMap((pool) => (pool.vnetSubnetId === given.id ? pool.name : [])),
        ...given,
      }),
    ),
    publicIpPrefixes: [PREFIX],
    natGateways: [GATEWAY.gateway],
    publicIps: [GATEWAY.publicIp, aPublicIp({ id: LB_IPV6, address: '2603:1030::1', version: 'IPv6' })],
    routeTables: [{ ...aRouteTable(TABLE, null), routes }],
  })
}

const summary = (type: Parameters<typeof effectivePathOfSubnets>[2], given: Given) => {
  const snapshot = network({ ...given, cluster: { outboundType: type ?? 'loadBalancer', ...given.cluster } })
  return effectivePathOfSubnets(snapshot.subnets, snapshot, type)
}

t.test(
  'subnets without a guaranteed path have a mixed egress if only some pools have node public IPs',
  async (t) => {
    const both = [plain(SUBNET), open(SUBNET)]
    const closed = { id: SUBNET, defaultOutboundAccess: false }
    const rows: [string, Parameters<typeof summary>, string][] = [
      ['default outbound access', ['none', { pools: both }], 'mixed'],
      ['a private subnet', ['none', { pools: both, subnets: [closed] }], 'mixed'],
      [
        'only nodes without public IPs',
        ['none', { pools: [plain(SUBNET), plain(SUBNET, 'b')] }],
        'defaultOutbound',
      ],
      [
        'only nodes without public IPs in a private subnet',
        ['none', { pools: [plain(SUBNET)], subnets: [closed] }],
        'none',
      ],
      ['only nodes with public IPs', ['none', { pools: [open(SUBNET)] }], 'instancePublicIp'],
      ['block', ['block', { pools: both }], 'none'],
      ['the load balancer', ['loadBalancer', { pools: both }], 'loadBalancer'],
      [
        'a NAT gateway',
        ['none', { pools: both, subnets: [{ id: SUBNET, natGatewayId: GATEWAY.id }] }],
        'natGateway',
      ],
      [
        'a route that drops packets',
        [
          'none',
          {
            pools: both,
            subnets: [{ id: SUBNET, routeTableId: TABLE }],
            routes: [
              { name: 'drop', addressPrefix: '0.0.0.0/0', nextHopType: 'None', nextHopIpAddress: null },
            ],
          },
        ],
        'none',
      ],
      [
        'a pool of another subnet',
        [
          'none',
          {
            pools: [plain(SUBNET), open(OTHER)],
            subnets: [closed, { id: OTHER, natGatewayId: GATEWAY.id }],
          },
        ],
        'mixed',
      ],
    ]
    for (const [name, given, expected] of rows) t.equal(summary(...given), expected, name)
  },
)

/** One line for each path that carries packets: subnet, path, and addresses. */
const carried = (snapshot: Snapshot) =>
  carriedInternetPaths(egressPaths(currentSide(snapshot)), snapshot).map(
    ({ subnetId, path, addresses }) =>
      `${subnetId.split('/').at(-1)}: ${path} ${addresses.map(({ address }) => address ?? '?').join('+')}`,
  )

t.test('the addresses of the load balancer are the SNAT addresses of its path alone', async (t) => {
  const pools = [plain(SUBNET), open(SUBNET)]
  t.strictSame(carried(network({ pools })), ['nodes: loadBalancer 20.1.0.1'])
  t.strictSame(
    carried(network({ pools: [open(SUBNET)] })),
    ['nodes: instancePublicIp 20.5.0.0/28'],
    'without other pools, the nodes keep their addresses',
  )
  t.strictSame(
    carried(network({ pools, cluster: { outboundType: 'none', loadBalancerProfile: null } })),
    ['nodes: defaultOutbound ?+20.5.0.0/28'],
    'without a load balancer, no address is left out',
  )
  const hidden = { loadBalancerProfile: aLoadBalancerProfile({ effectiveOutboundIpIds: [] }) }
  t.strictSame(
    carried(network({ pools: [plain(SUBNET), open(SUBNET, [])], cluster: hidden })),
    ['nodes: loadBalancer ?+?'],
    'without a known address, the path keeps its unknown addresses',
  )
})

t.test('each subnet loses only the public IPs of its own nodes', async (t) => {
  const snapshot = network({
    pools: [plain(SUBNET), plain(OTHER, 'b'), open(OTHER)],
    subnets: [{ id: SUBNET }, { id: OTHER }],
  })
  t.strictSame(carried(snapshot), ['nodes: loadBalancer 20.1.0.1', 'others: loadBalancer 20.1.0.1'])
  const shared = { ...open(OTHER), vnetSubnetId: OTHER }
  const beside = network({ pools: [plain(SUBNET), shared], subnets: [{ id: SUBNET }, { id: OTHER }] })
  t.strictSame(carried(beside), ['nodes: loadBalancer 20.1.0.1', 'others: instancePublicIp 20.5.0.0/28'])
})

t.test('only the IPv4 paths to the internet have SNAT ports', async (t) => {
  const snapshot = network({
    pools: [plain(SUBNET), open(SUBNET)],
    subnets: [{ id: SUBNET, routeTableId: TABLE }],
    routes: [
      { name: 'partner', addressPrefix: '198.51.100.0/24', nextHopType: 'Internet', nextHopIpAddress: null },
    ],
    cluster: {
      ipFamilies: ['IPv4', 'IPv6'],
      loadBalancerProfile: aLoadBalancerProfile({
        managedOutboundIpv6Count: 1,
        effectiveOutboundIpIds: [`${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`, LB_IPV6],
      }),
    },
  })
  t.ok(egressPaths(currentSide(snapshot)).length > 3, 'the subnet has more paths')
  t.strictSame(carried(snapshot), ['nodes: loadBalancer 20.1.0.1'])
})
