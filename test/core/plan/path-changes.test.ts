import t from 'tap'
import type { OutboundType } from '../../../src/contract/outbound-type.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aPool, aPrefix, aSnapshot, aSubnet, GROUP, NETWORK } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const NODES = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/nodes`, prefix: '20.5.0.0/28' })
const PLAIN = aPool({ name: 'plain' })
const PUBLIC = aPool({ name: 'public', enableNodePublicIP: true, nodePublicIpPrefixIds: [NODES.id] })

/** A managed subnet in which the nodes of one pool have public IPs. */
const twoPools = (outboundType: OutboundType, defaultOutboundAccess: boolean | null = null): Snapshot =>
  aSnapshot({
    cluster: {
      agentPools: [PLAIN, PUBLIC],
      outboundType,
      ...(outboundType === 'loadBalancer' ? {} : { loadBalancerProfile: null }),
    },
    subnets: [aSubnet({ pools: [], defaultOutboundAccess })],
    publicIpPrefixes: [NODES],
  })

t.test('a plan that AKS does not support keeps the path of each pool', async (t) => {
  for (const type of ['none', 'loadBalancer'] as const) {
    const prepare = { natGateway: { name: 'new' } }
    const plan = planFor(twoPools(type, false), 'userAssignedNATGateway', { prepare })
    t.equal(plan.transition.support, 'unsupported')
    t.equal(plan.paths.length, 2)
    for (const { before, after } of plan.paths) t.strictSame(after, before, type)
  }
})

t.test(
  'the summary of a subnet counts the path of node public IPs beside pools without egress',
  async (t) => {
    const summaryOf = (snapshot: Snapshot) => {
      const { from, snat } = planFor(snapshot, 'managedNATGateway')
      return [from.effective, snat.before.path, snat.before.ports]
    }
    t.strictSame(summaryOf(twoPools('none', false)), ['mixed', 'mixed', null])
    t.strictSame(summaryOf(twoPools('none')), ['mixed', 'mixed', null], 'default outbound access')
    t.strictSame(summaryOf(twoPools('block', false)), ['none', 'none', 0], 'denied for all nodes')
    t.strictSame(summaryOf(twoPools('loadBalancer')), ['loadBalancer', 'loadBalancer', 64_000])
    const plain = twoPools('none', false)
    const cluster = { ...plain.cluster, agentPools: [PLAIN] }
    t.strictSame(summaryOf({ ...plain, cluster }), ['none', 'none', 0])
    const publicOnly = { ...plain, cluster: { ...plain.cluster, agentPools: [PUBLIC] } }
    t.strictSame(summaryOf(publicOnly).slice(0, 2), ['instancePublicIp', 'instancePublicIp'])
  },
)

t.test('the public IPs of nodes are no SNAT addresses of the load balancer', async (t) => {
  const portsOf = (pool: typeof PUBLIC, from: 'loadBalancer' | 'none') => {
    const snapshot = twoPools(from)
    const cluster = { ...snapshot.cluster, agentPools: [PLAIN, pool] }
    const { snat } = planFor({ ...snapshot, cluster }, { outboundType: 'loadBalancer' })
    return [snat.after.addresses, snat.after.ports]
  }
  const unknown = { ...PUBLIC, nodePublicIpPrefixIds: [] }
  for (const pool of [PUBLIC, unknown]) {
    t.strictSame(portsOf(pool, 'loadBalancer'), [1, 64_000])
    t.strictSame(portsOf(pool, 'none'), [1, 64_000], 'after a change of the type')
  }
})
