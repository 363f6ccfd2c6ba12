import t from 'tap'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPool,
  aPrefix,
  aPublicIp,
  aReadyGateway,
  aSnapshot,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'

const GATEWAY = aReadyGateway('20.9.0.1')

/** A cluster in the user's VNet, its subnet on a gateway with 20.9.0.1, with these ranges. */
function behindGateway(authorizedIPRanges: string[], cluster: Partial<Snapshot['cluster']> = {}): Snapshot {
  return aByoSnapshot(
    { natGatewayId: GATEWAY.id },
    {
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], authorizedIPRanges, ...cluster },
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp],
    },
  )
}

const toGateway = (ranges: string[], given: Parameters<typeof planFor>[2] = {}) =>
  planFor(behindGateway(ranges), 'userAssignedNATGateway', given)
const entries = (count: number) =>
  Array.from({ length: count }, (_, at) => `198.51.${Math.floor(at / 256)}.${at % 256}/32`)

t.test('widening adds exactly the uncovered new addresses', async (t) => {
  const table: [string, string[], string[]][] = [
    ['no entry covers it', ['203.0.113.0/24'], ['20.9.0.1/32']],
    ['the address itself', ['20.9.0.1/32'], []],
    ['the address without a length', ['20.9.0.1'], []],
    ['a wider entry', ['20.9.0.0/16'], []],
    ['everything', ['0.0.0.0/0'], []],
    ['an entry of the other family covers nothing', ['::/0'], ['20.9.0.1/32']],
    ['a service tag covers nothing', ['AzureCloud', '203.0.113.0/24'], ['20.9.0.1/32']],
  ]
  for (const [name, ranges, add] of table) {
    const made = toGateway(ranges)
    t.strictSame(made.authorizedRanges.add, add, name)
    t.strictSame(made.authorizedRanges.missing, add, name)
    t.strictSame(made.authorizedRanges.current, ranges, name)
    t.equal(made.authorizedRanges.count, ranges.length + add.length, name)
    t.equal(
      made.steps.some((step) => step.key === 'widen-authorized-ranges'),
      add.length > 0,
      name,
    )
    t.equal(made.status, 'applicable', name)
  }
})

t.test('with unchanged ranges, only an uncovered address blocks the plan', async (t) => {
  const made = toGateway(['203.0.113.0/24'], { authorizedRanges: 'keep' })
  t.equal(made.status, 'blocked')
  t.strictSame(codesOf(made, 'blocker'), ['AUTHORIZED_RANGES_MISS_NEW_EGRESS'])
  t.match(made.authorizedRanges, { missing: ['20.9.0.1/32'], add: [], count: 1 })
  t.equal(toGateway(['20.9.0.0/24'], { authorizedRanges: 'keep' }).status, 'applicable')
})

t.test(
  'adds no entries if the ranges are off, or if nodes use a private endpoint or VNet Integration',
  async (t) => {
    const modes: [string, Partial<Snapshot['cluster']>, string[]][] = [
      ['off', {}, []],
      ['notApplicable', { enablePrivateCluster: true }, []],
      ['notApplicable', { enablePrivateCluster: true }, ['203.0.113.0/24']],
      ['nodesPrivate', { enableVnetIntegration: true }, ['203.0.113.0/24']],
    ]
    for (const [mode, cluster, ranges] of modes) {
      const made = planFor(behindGateway(ranges, cluster), 'userAssignedNATGateway', {
        authorizedRanges: 'keep',
      })
      t.match(made.authorizedRanges, { mode, missing: [], add: [] })
      t.equal(made.status, 'applicable', mode)
      t.notOk(codesOf(made).includes('AUTHORIZED_VNETINT_NODES_PRIVATE'), `${mode}: no address changes`)
      const moved = planFor(
        aSnapshot({ cluster: { authorizedIPRanges: ranges, ...cluster } }),
        'managedNATGateway',
        { authorizedRanges: 'keep' },
      )
      t.equal(
        codesOf(moved, 'info').includes('AUTHORIZED_VNETINT_NODES_PRIVATE'),
        mode === 'nodesPrivate',
        mode,
      )
    }
  },
)

t.test('limits the old and new entries together to 200, or 2000 with VNet Integration', async (t) => {
  t.strictSame(codesOf(toGateway(entries(199)), 'blocker'), [])
  t.strictSame(codesOf(toGateway(entries(200)), 'blocker'), ['AUTHORIZED_LIMIT'])
  t.match(toGateway(entries(200)).authorizedRanges, { count: 201, limit: 200 })
  t.strictSame(codesOf(toGateway([...entries(199), '20.9.0.0/24']), 'blocker'), [], 'covered, nothing added')
  const integrated = planFor(
    behindGateway(entries(300), { enableVnetIntegration: true }),
    'userAssignedNATGateway',
  )
  t.equal(integrated.authorizedRanges.limit, 2000)
  t.strictSame(codesOf(integrated, 'blocker'), [])
})

t.test('addresses that are listed after the switch need room in the list too', async (t) => {
  const target = { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 2 } } as const
  const full = planFor(aSnapshot({ cluster: { authorizedIPRanges: entries(199) } }), target)
  t.strictSame(codesOf(full, 'blocker'), ['AUTHORIZED_LIMIT'])
  t.equal(full.authorizedRanges.count, 201)
  const fits = planFor(aSnapshot({ cluster: { authorizedIPRanges: entries(198) } }), target)
  t.strictSame(codesOf(fits, 'blocker'), [])
  t.equal(fits.authorizedRanges.count, 200)
  t.equal(fits.steps.at(-1)?.key, 'authorize-discovered-ips')
  const kept = planFor(aSnapshot({ cluster: { authorizedIPRanges: entries(199) } }), target, {
    authorizedRanges: 'keep',
  })
  t.strictSame(codesOf(kept, 'blocker'), [], 'who keeps the ranges lists nothing')
})

t.test('0.0.0.0/32 blocks every target but the load balancer', async (t) => {
  t.strictSame(codesOf(toGateway(['0.0.0.0/32']), 'blocker'), ['AUTHORIZED_ZERO_PLACEHOLDER'])
  const managed = planFor(aSnapshot({ cluster: { authorizedIPRanges: ['0.0.0.0/32'] } }), 'managedNATGateway')
  t.ok(codesOf(managed, 'blocker').includes('AUTHORIZED_ZERO_PLACEHOLDER'))
})

t.test('0.0.0.0/32 allows any address of the load balancer, so the plan adds no entry', async (t) => {
  const cluster = {
    outboundType: 'managedNATGateway',
    loadBalancerProfile: null,
    authorizedIPRanges: ['0.0.0.0/32'],
  }
  const made = planFor(aSnapshot({ cluster }), 'loadBalancer')
  t.match(made.authorizedRanges, { missing: [], add: [], count: 1 })
  t.notOk(codesOf(made).some((code) => /^AUTHORIZED/.test(code)))
  t.equal(made.steps.at(-1)?.key, 'discover-egress-ips')
})

t.test('keeps 0.0.0.0/32 as the only entry even if the address of the load balancer is known', async (t) => {
  const own = `${GROUP}/${NETWORK}/publicIPAddresses/own`
  const cluster = { outboundType: 'none', loadBalancerProfile: null, authorizedIPRanges: ['0.0.0.0/32'] }
  const made = planFor(aSnapshot({ cluster, publicIps: [aPublicIp({ id: own, address: '20.4.0.1' })] }), {
    outboundType: 'loadBalancer',
    loadBalancer: { outboundIpIds: [own] },
  })
  t.match(made.egressIps, [{ address: '20.4.0.1', change: 'added' }])
  t.match(made.authorizedRanges, { missing: [], add: [], count: 1 })
})

t.test('AKS allows a load balancer cluster, so an unchanged cluster needs no entry', async (t) => {
  const snapshot = aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24'] } })
  const target = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 10 } } as const
  const made = planFor(snapshot, target, { authorizedRanges: 'keep' })
  t.equal(made.status, 'applicable')
  t.match(made.authorizedRanges, { missing: [], add: [] })
})

t.test('a plan that changes nothing adds nothing', async (t) => {
  const snapshot = aSnapshot({
    cluster: {
      outboundType: 'managedNATGateway',
      authorizedIPRanges: ['20.0.0.0/6'],
      natGatewayProfile: {
        sku: null,
        managedOutboundIpCount: 1,
        managedOutboundIpv6Count: null,
        outboundIpIds: [],
        outboundIpPrefixIds: [],
        effectiveOutboundIpIds: aLoadBalancerProfile().effectiveOutboundIpIds,
        idleTimeoutInMinutes: 4,
      },
    },
  })
  for (const target of ['managedNATGateway', 'userDefinedRouting'] as const) {
    const made = planFor(snapshot, target)
    t.not(made.status, 'applicable')
    t.match(made.authorizedRanges, { missing: [], add: [], removeLater: [], count: 1 }, target)
  }
})

t.test(
  'addresses that do not exist yet must be acknowledged and are listed once they are found',
  async (t) => {
    const snapshot = aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24'] } })
    const made = planFor(snapshot, 'managedNATGateway')
    t.ok(made.acknowledgementsRequired.includes('AUTHORIZED_RANGES_TARGET_UNKNOWABLE'))
    t.match(made.steps.at(-1), {
      key: 'authorize-discovered-ips',
      requires: ['discover-egress-ips'],
      does: { kind: 'updateCluster', changes: [{ op: 'unionDiscoveredEgress' }] },
    })
    const kept = planFor(snapshot, 'managedNATGateway', { authorizedRanges: 'keep' })
    t.ok(kept.acknowledgementsRequired.includes('AUTHORIZED_RANGES_TARGET_UNKNOWABLE'))
    t.equal(kept.steps.at(-1)?.key, 'discover-egress-ips')
  },
)

t.test('lists entries of the former egress for later removal and removes none', async (t) => {
  const made = planFor(
    aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24', '20.1.0.1/32'] } }),
    'managedNATGateway',
  )
  t.strictSame(made.authorizedRanges.removeLater, ['20.1.0.1/32'])
  t.notMatch(JSON.stringify(made.steps), '"op":"remove","path":"/properties/apiServerAccessProfile')
})

t.test('verifies only CIDRs at the end, including all former entries', async (t) => {
  const made = toGateway(['AzureCloud', '203.0.113.0/24'])
  const verify = made.steps.find((step) => step.key === 'verify')
  t.match(verify?.expects.at(-1), { coversCidrs: ['203.0.113.0/24', '20.9.0.1/32'] })
})

t.test(
  'keeps the range of a lost prefix while it covers an address that is in use after the change',
  async (t) => {
    const own = (type: string, name: string) => `${GROUP}/${NETWORK}/${type}/${name}`
    const ids = ['20.6.0.1', '20.7.0.1'].map((address) => own('publicIPAddresses', address))
    const snapshot = aSnapshot({
      cluster: {
        authorizedIPRanges: ['20.6.0.0/30'],
        loadBalancerProfile: aLoadBalancerProfile({
          managedOutboundIpCount: null,
          outboundIpPrefixIds: [own('publicIPPrefixes', 'range')],
          effectiveOutboundIpIds: [own('publicIPPrefixes', 'range')],
        }),
      },
      publicIps: ids.map((id) => aPublicIp({ id, address: id.split('/').at(-1) ?? '' })),
      publicIpPrefixes: [aPrefix({ id: own('publicIPPrefixes', 'range'), prefix: '20.6.0.0/30' })],
    })
    const [inside = '', outside = ''] = ids
    const removedWith = (id: string) =>
      planFor(snapshot, { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [id] } })
        .authorizedRanges.removeLater
    t.strictSame(removedWith(inside), [])
    t.strictSame(removedWith(outside), ['20.6.0.0/30'])
  },
)
