import t from 'tap'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { execute, makePlan, planFor } from './support/requests.ts'
import { ended, type Loose, listOf, service, writes } from './support/service.ts'

const NETWORK = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
const planner = await service(t)

const egress = async (name: string): Promise<Loose> =>
  (await planner.get(`/v1/clusters/${DEMO_SUBSCRIPTION}/${DEMO_GROUP}/${name}/egress`)).body
const addresses = (of: Loose | undefined) => listOf(of).map(({ address }) => String(address))
const keys = (plan: Loose) => listOf(plan.steps).map(({ key }) => String(key))
const codes = (plan: Loose) => listOf(plan.findings).map(({ code }) => String(code))

/** The writes that the simulator received about one cluster, as `PUT name` of the resource, in order. */
async function writesAbout(name: string): Promise<string[]> {
  const all = await writes(planner)
  return all
    .filter(({ method, path }) => String(method) === 'PUT' && String(path).includes(name))
    .map(({ path }) => String(path).split('?')[0]?.split('/').slice(-2).join('/') ?? '')
}

t.test('upgrades the node image of every pool last, one pool after another', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('lb-byo-nat-attached', 'userAssignedNATGateway'),
    upgradeNodeImages: true,
  })
  const keys = listOf(plan.steps).map(({ key }) => String(key))
  t.strictSame(keys.slice(-2), ['upgrade-node-image-system', 'upgrade-node-image-user'])
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', error: null })
  const calls = (await writes(planner)).map(
    ({ method, path }) => `${method} ${String(path).split('?')[0]?.split('/').at(-1)}`,
  )
  t.strictSame(
    calls.filter((call) => call.includes('upgradeNodeImageVersion')).length,
    2,
    'once for each pool',
  )
  const posts = (await writes(planner)).filter(({ method }) => String(method) === 'POST')
  t.match(
    posts.map(({ path }) => String(path)),
    [/agentPools\/system\/upgradeNodeImageVersion/, /agentPools\/user\/upgradeNodeImageVersion/],
  )
  t.equal(calls[0], 'PUT lb-byo-nat-attached', 'after the change of type')
})

t.test(
  'without the request, the plan reports that an upgrade is required and does not include it',
  async (t) => {
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    t.notOk(listOf(plan.steps).some(({ key }) => String(key).startsWith('upgrade-')))
    t.match(plan.disruption?.nodeImageUpgrade, /set `upgradeNodeImages`/)
  },
)

t.test(
  'creates a NAT gateway, authorizes its addresses, attaches it, and only then changes the cluster',
  async (t) => {
    await planner.simulator('POST', 'reset')
    const request = planFor('lb-byo', 'userAssignedNATGateway', {})
    const plan = await makePlan(planner, {
      ...request,
      prepare: { natGateway: { idleTimeoutInMinutes: 30 }, publicIps: { count: 2 } },
    })
    t.equal(plan.status, 'applicable')
    t.strictSame(keys(plan), [
      'check-freshness',
      'prepare-public-ip-1',
      'prepare-public-ip-2',
      'prepare-nat-gateway',
      'prepare-subnet-1',
      'change-outbound-type',
      'verify',
      'discover-egress-ips',
    ])
    t.equal(plan.cutOver?.step, 'prepare-subnet-1')
    t.ok(codes(plan).includes('CUTOVER_IS_PREPARATION'))
    t.strictSame(
      listOf(plan.egressIps).map(({ change, knownAt }) => `${change} ${knownAt}`),
      ['lost plan', 'added prepare', 'added prepare'],
    )
    const job = await ended(planner, String((await execute(planner, plan)).id))
    t.match(job, { status: 'Succeeded', error: null })
    const prepared = addresses(job.preparedAddresses)
    t.equal(prepared.length, 2)
    t.strictSame(
      addresses(job.result?.egressIps).sort(),
      [...prepared].sort(),
      'the cluster leaves by what was made',
    )
    t.strictSame(await writesAbout('lb-byo'), [
      'publicIPAddresses/pip-lb-byo-nat-egress-1',
      'publicIPAddresses/pip-lb-byo-nat-egress-2',
      'natGateways/ng-lb-byo-egress',
      'subnets/nodes',
      'managedClusters/lb-byo',
    ])
    const after = await egress('lb-byo')
    t.match(after, { declared: { outboundType: 'userAssignedNATGateway' }, effective: 'natGateway' })
  },
)

t.test('authorizes the addresses that it created before traffic uses them', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('lb-managed-ranges', 'loadBalancer'),
    prepare: { publicIpPrefix: { length: 30 } },
  })
  t.equal(plan.status, 'applicable')
  const before = await egress('lb-managed-ranges')
  t.strictSame(keys(plan), [
    'check-freshness',
    'prepare-public-ip-prefix',
    'widen-authorized-ranges',
    'await-range-propagation',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
  ])
  const prefixId = `${NETWORK}/publicIPPrefixes/ippre-lb-managed-ranges-lb-egress`
  t.strictSame(plan.authorizedRanges?.addPrepared, [prefixId])
  t.equal(plan.cutOver?.step, 'change-outbound-type')
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', error: null })
  const [prefix = ''] = addresses(job.preparedAddresses)
  t.match(prefix, /\/30$/)
  const ranges = listOf(job.result?.authorizedIPRanges).map(String)
  t.ok(ranges.includes(prefix), 'the prefix is authorized')
  for (const range of listOf(before?.authorizedIPRanges).map(String))
    t.ok(ranges.includes(range), `${range} stays`)
  const puts = (await writes(planner)).filter(({ path }) =>
    String(path).includes('managedClusters/lb-managed-ranges'),
  )
  t.strictSame(
    puts.map(({ requestBody }) => {
      const { apiServerAccessProfile: access, networkProfile } = requestBody?.properties ?? {}
      const isListed = listOf(access?.authorizedIPRanges).map(String).includes(prefix)
      return { isListed, isOwn: networkProfile?.loadBalancerProfile?.outboundIPPrefixes !== undefined }
    }),
    [
      { isListed: true, isOwn: false },
      { isListed: true, isOwn: true },
    ],
    'authorized by one write, used by the next',
  )
})

t.test("adds the default route to the subnet's route table as the cutover", async (t) => {
  const request = planFor('lb-byo-udr-internet', 'userDefinedRouting')
  const refused = await makePlan(planner, request)
  t.ok(codes(refused).includes('UDR_NEXT_HOP_INTERNET'), 'without preparation the route is wrong')
  const plan = await makePlan(planner, {
    ...request,
    prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.250.0.4' } },
  })
  t.equal(plan.status, 'applicable')
  t.notOk(codes(plan).includes('UDR_NEXT_HOP_INTERNET'))
  t.equal(plan.cutOver?.step, 'prepare-default-route-1')
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', error: null })
  t.match(await egress('lb-byo-udr-internet'), { effective: 'virtualAppliance' })
})

t.test('creates one route table for subnets that have none', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('lb-byo-two-subnets', 'userDefinedRouting'),
    prepare: { defaultRoute: { nextHopType: 'VirtualNetworkGateway' } },
  })
  t.equal(plan.status, 'applicable')
  t.strictSame(
    keys(plan).filter((key) => key.startsWith('prepare-')),
    ['prepare-route-table', 'prepare-subnet-1', 'prepare-subnet-2'],
  )
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', error: null })
  // The network has no gateway, so Azure drops the packets.
  t.ok(listOf(plan.acknowledgementsRequired).map(String).includes('ROUTE_GATEWAY_MISSING'))
  t.match(await egress('lb-byo-two-subnets'), { effective: 'none' })
})

t.test(
  'attaches a gateway that exists to the subnets that lack it, and knows its addresses now',
  async (t) => {
    const id = `${NETWORK}/natGateways/natgw-lb-byo-nat-ready`
    const absent = await makePlan(planner, {
      ...planFor('lb-byo-nat-ready', 'userAssignedNATGateway'),
      prepare: { natGateway: { id: `${id}-no` } },
    })
    t.match(absent.status, 'blocked')
    t.ok(codes(absent).includes('PREPARE_GATEWAY_UNREADABLE'))
    const plan = await makePlan(planner, {
      ...planFor('lb-byo-nat-ready', 'userAssignedNATGateway'),
      prepare: { natGateway: { id } },
    })
    t.equal(plan.status, 'applicable')
    t.strictSame(
      keys(plan).filter((key) => key.startsWith('prepare-')),
      ['prepare-subnet-1'],
    )
    t.ok(listOf(plan.egressIps).every(({ knownAt }) => String(knownAt) === 'plan'))
    const job = await ended(planner, String((await execute(planner, plan)).id))
    t.match(job, { status: 'Succeeded', error: null })
    const added = listOf(plan.egressIps).filter(({ change }) => String(change) === 'added')
    t.strictSame(addresses(job.result?.egressIps), addresses(added as unknown as Loose))
  },
)

t.test('gives an AKS-managed StandardV2 gateway addresses that are known in advance', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('nat-managed', 'managedNATGatewayV2'),
    prepare: { publicIps: { count: 1 } },
  })
  t.equal(plan.status, 'applicable')
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', error: null })
  t.strictSame(addresses(job.result?.egressIps), addresses(job.preparedAddresses))
})

t.test('reuses existing resources with the same names and continues', async (t) => {
  const again = await makePlan(planner, {
    ...planFor('lb-byo', 'userAssignedNATGateway'),
    prepare: { natGateway: {}, publicIps: { count: 2 } },
  })
  t.equal(again.status, 'noChange')
  t.ok(codes(again).includes('PREPARE_NOTHING_LEFT'))
  const other = await makePlan(planner, {
    ...planFor('nat-managed', 'managedNATGatewayV2'),
    prepare: { publicIpPrefix: { length: 31 } },
  })
  t.equal(other.status, 'applicable', 'a prefix beside the addresses is another egress')
})

t.test('replaces a Standard NAT gateway with a StandardV2 one, and keeps the former one', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('lb-byo-nat-attached', 'userAssignedNATGateway'),
    prepare: { natGateway: { sku: 'StandardV2' } },
  })
  t.match(plan, { status: 'applicable', cutOver: { step: 'prepare-subnet-1' } })
  const former = addresses(await egress('lb-byo-nat-attached').then(({ egressIps }) => egressIps))
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', error: null })
  const after = addresses((await egress('lb-byo-nat-attached')).egressIps)
  t.equal(after.length, 1)
  t.notOk(
    after.some((address) => former.includes(address)),
    'packets leave by the new address',
  )
  const writesOfSubnets = await writesAbout('subnets')
  t.ok(writesOfSubnets.length > 0)
})

t.test('a rollback plan attaches the replaced NAT gateway again', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('lb-byo-nat-attached', 'userAssignedNATGateway'),
    prepare: { natGateway: { name: 'ng-other' }, publicIpPrefix: { length: 31 } },
  })
  t.match(plan, { status: 'applicable', transition: { support: 'sameType' }, rollback: { supported: true } })
  const before = addresses((await egress('lb-byo-nat-attached')).egressIps)
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.match(job, { status: 'Succeeded', actions: { rollbackPlan: true } })
  t.notOk(addresses((await egress('lb-byo-nat-attached')).egressIps).some((item) => before.includes(item)))
  const { status, body: back } = await planner.post(`/v1/jobs/${job.id}/rollback-plan`)
  t.equal(status, 201)
  t.match(back, { status: 'applicable', cutOver: { step: 'prepare-subnet-1' } })
  t.match(await ended(planner, String((await execute(planner, back)).id)), { status: 'Succeeded' })
  t.strictSame(addresses((await egress('lb-byo-nat-attached')).egressIps), before)
})
