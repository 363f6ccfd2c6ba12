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
