import t from 'tap'
import { clusterPath, codesIn, editByArm, findingOf, networkPath, onlyCluster } from '../support/arm-edits.ts'
import { makePlan, planFor } from '../support/requests.ts'
import { type Loose, listOf, service } from '../support/service.ts'

const planner = await service(t)
const finding = (plan: Loose, code: string) =>
  listOf(plan.findings).find((each) => String(each.code) === code)

/** The public addresses and ports of the Services of a cluster, as Azure shows them. */
async function servicesOf(cluster: string): Promise<{ address: string; port: number }[]> {
  const { resources } = await planner.simulator('GET', 'state')
  const all = listOf(resources)
  const byId = new Map(all.map((each) => [String(each.id).toLowerCase(), each]))
  const balancer = all.find(
    ({ id, name }) => String(name) === 'kubernetes' && String(id).includes(`MC_rg-demo_${cluster}_`),
  )
  return listOf(balancer?.properties?.loadBalancingRules).map(({ properties }) => {
    const frontend = listOf(balancer?.properties?.frontendIPConfigurations).find(
      ({ id }) => String(id) === String(properties?.frontendIPConfiguration?.id),
    )
    const ip = byId.get(String(frontend?.properties?.publicIPAddress?.id).toLowerCase())
    return { address: String(ip?.properties?.ipAddress), port: Number(properties?.frontendPort) }
  })
}

/** N14: only some subnets prepared. */

const TWO_SUBNETS = 'lb-byo-two-subnets'
const nodes = `${networkPath('virtualNetworks', `vnet-${TWO_SUBNETS}`)}/subnets/nodes`
const user = `${networkPath('virtualNetworks', `vnet-${TWO_SUBNETS}`)}/subnets/user`
const gateway = networkPath('natGateways', `natgw-${TWO_SUBNETS}`)

/** Leaves the one cluster with a third pool in the second subnet. */
const withThreePools = (others?: (resources: Loose[]) => Loose[]) =>
  onlyCluster(
    planner,
    TWO_SUBNETS,
    (cluster) => {
      const pools = listOf(cluster.properties?.agentPoolProfiles)
      pools.push(Object.assign(structuredClone(pools[1]) ?? {}, { name: 'batch' }) as Loose)
    },
    others,
  )

const WINDOWS_NAT = 'windows-nat'
const edit = (change: (body: Loose) => void) => editByArm(planner, clusterPath(WINDOWS_NAT), change)

const NOTES = ['DEFAULT_OUTBOUND_LEAK', 'SEG_PRESENT', 'SEG_LIMITS', 'NODEIP_POOL_DEFAULT_OUTBOUND']

t.test(
  'N3: reports public Services that stop working under a default route, with the alternatives',
  async (t) => {
    const services = await servicesOf('lb-services')
    t.equal(services.length, 2, 'there are two Services')
    const plan = await makePlan(planner, planFor('lb-services', 'userDefinedRouting'))
    const said = finding(plan, 'INGRESS_ASYMMETRIC_ROUTING')
    t.match(said, { severity: 'acknowledge', source: /\S/ })
    t.strictSame(
      listOf(said?.facts?.frontends).map(({ address, ports }) => [
        String(address),
        listOf(ports).map(String),
      ]),
      services.map(({ address, port }) => [address, [`TCP ${port}`]]),
      'every address with its port',
    )
    for (const { address, port } of services) t.match(String(said?.message), `${address} (TCP ${port})`)
    t.match(String(said?.remedy), /DNAT to an internal load balancer/, 'one way out')
    t.match(String(said?.remedy), /routes for the client addresses/, 'the other')
    const refused = await planner.post('/v1/jobs', { planId: plan.id })
    t.match(refused, { status: 409, body: { code: 'ACKNOWLEDGEMENT_MISSING' } })
    t.ok(listOf(refused.body.facts?.codes).map(String).includes('INGRESS_ASYMMETRIC_ROUTING'))
  },
)

t.test('N3: reports nothing for a load balancer that has only outbound rules', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-udr-ready', 'userDefinedRouting'))
  t.equal(finding(plan, 'INGRESS_ASYMMETRIC_ROUTING'), undefined)
})

t.test('N3: reports nothing for targets that do not affect ingress', async (t) => {
  const plan = await makePlan(planner, planFor('lb-services', 'userAssignedNATGateway'))
  t.equal(finding(plan, 'INGRESS_ASYMMETRIC_ROUTING'), undefined)
})

t.test('N14: names the subnet and its pools that lack the NAT gateway of the other subnet', async (t) => {
  await withThreePools()
  const plan = await makePlan(planner, planFor(TWO_SUBNETS, 'userAssignedNATGateway'))
  t.equal(plan.status, 'blocked')
  const found = findingOf(plan, 'UANAT_SUBNET_WITHOUT_GATEWAY')
  t.equal(found?.severity, 'blocker')
  t.strictSame(found?.facts, { subnets: [{ id: user, pools: ['user', 'batch'] }] })
  t.match(found?.message, /subnet `user` \(pools `user` and `batch`\)/)
  t.match(findingOf(plan, 'UANAT_ATTACH_IS_THE_CUTOVER'), { facts: { subnets: ['user'] } })
})

t.test('N14: the report lists each subnet with its pools and its egress path', async (t) => {
  const { cluster } = planFor(TWO_SUBNETS, 'none') as {
    cluster: { subscriptionId: string; resourceGroup: string }
  }
  const path = `/v1/clusters/${cluster.subscriptionId}/${cluster.resourceGroup}/${TWO_SUBNETS}/egress`
  const { body } = await planner.get(path)
  t.match(listOf(body.subnets), [
    { id: nodes, pools: ['system'], effective: 'natGateway' },
    { id: user, pools: ['user', 'batch'], effective: 'loadBalancer' },
  ])
})

t.test('N14: the change is available with the gateway on both subnets', async (t) => {
  await withThreePools((resources) =>
    resources.map((each) => {
      for (const subnet of listOf(each.properties?.subnets))
        if (String(subnet.id) === user)
          Object.assign(subnet.properties ?? {}, { natGateway: { id: gateway } })
      return each
    }),
  )
  const plan = await makePlan(planner, planFor(TWO_SUBNETS, 'userAssignedNATGateway'))
  t.equal(plan.status, 'applicable')
  t.equal(findingOf(plan, 'UANAT_SUBNET_WITHOUT_GATEWAY'), undefined)
})

t.test(
  'N19: warns of a Standard gateway for pools in three zones, with StandardV2 as the remedy',
  async (t) => {
    await planner.simulator('POST', 'reset')
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    t.match(findingOf(plan, 'NATV1_SINGLE_ZONE'), {
      severity: 'warning',
      facts: { zones: ['1', '2', '3'] },
      remedy: /StandardV2/,
    })
    t.match(plan.zoneResilience, {
      poolZones: ['1', '2', '3'],
      before: { kind: 'zoneRedundant' },
      after: { kind: 'zonal' },
    })
  },
)

t.test('N19: reports that StandardV2 keeps the egress when a zone is lost', async (t) => {
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGatewayV2'))
  t.equal(findingOf(plan, 'NATV1_SINGLE_ZONE'), undefined)
  t.equal(plan.zoneResilience?.after?.kind, 'zoneRedundant')
})

t.test('N19: warns of a customer-provided Standard gateway too', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.match(findingOf(plan, 'UANAT_SINGLE_ZONE'), { severity: 'warning', remedy: /StandardV2/ })
})

t.test('N19: blocks StandardV2 in a region that does not offer it', async (t) => {
  await onlyCluster(planner, 'lb-managed', (cluster) => Object.assign(cluster, { location: 'canadaeast' }))
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGatewayV2'))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'NATV2_REGION'), { severity: 'blocker', facts: { location: 'canadaeast' } })
})

t.test('N20: blocks loadBalancer while a Windows pool has OutboundNAT disabled', async (t) => {
  await planner.simulator('POST', 'reset')
  const plan = await makePlan(planner, planFor(WINDOWS_NAT, 'loadBalancer'))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'LB_WINDOWS_OUTBOUNDNAT_DISABLED'), {
    severity: 'blocker',
    facts: { pools: ['win'] },
  })
  t.equal(findingOf(plan, 'WINDOWS_NEW_OPTION'), undefined)
})

t.test(
  'N20: from loadBalancer to a NAT gateway, reports that only new Windows pools can disable OutboundNAT',
  async (t) => {
    await edit((body) => {
      for (const pool of listOf(body.properties?.agentPoolProfiles))
        if (String(pool.osType) === 'Windows')
          Object.assign(pool, { windowsProfile: { disableOutboundNat: false } })
    })
    t.ok(
      !codesIn(await makePlan(planner, planFor(WINDOWS_NAT, 'loadBalancer'))).includes(
        'LB_WINDOWS_OUTBOUNDNAT_DISABLED',
      ),
    )
    await edit((body) =>
      Object.assign(body.properties?.networkProfile ?? {}, { outboundType: 'loadBalancer' }),
    )
    const plan = await makePlan(planner, planFor(WINDOWS_NAT, 'userAssignedNATGateway'))
    t.equal(plan.status, 'applicable')
    t.match(findingOf(plan, 'WINDOWS_NEW_OPTION'), {
      severity: 'info',
      facts: { pools: ['win'] },
      message: /new Windows node pools can disable OutboundNAT, but the existing node pool `\w+` cannot/,
    })
  },
)

t.test('N20: reports nothing for a cluster without Windows pools', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.notOk(codesIn(plan).some((code) => code.startsWith('WINDOWS_')))
})

t.test('N22: reports neither for ordinary clusters', async (t) => {
  for (const [name, target] of [
    ['lb-managed', 'managedNATGateway'],
    ['lb-managed', 'managedNATGatewayV2'],
    ['lb-byo-nat-attached', 'userAssignedNATGateway'],
    ['lb-byo-udr-ready', 'userDefinedRouting'],
    ['nat-byo', 'loadBalancer'],
  ] as const) {
    const plan = await makePlan(planner, planFor(name, target))
    t.strictSame(
      codesIn(plan).filter((code) => NOTES.includes(code)),
      [],
      `${name} to ${target}`,
    )
  }
})

t.test('N22: none on a subnet of the user without explicit egress is not isolation', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo', 'none'))
  t.match(findingOf(plan, 'DEFAULT_OUTBOUND_LEAK'), { severity: 'warning', facts: { subnets: ['nodes'] } })
  const routed = await makePlan(planner, planFor('lb-byo-udr-ready', 'none'))
  t.equal(findingOf(routed, 'DEFAULT_OUTBOUND_LEAK'), undefined, 'a default route is explicit egress')
})

t.test(
  'N22: names a static egress gateway as an addition, and keeps its addresses out of the ledger',
  async (t) => {
    const before = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    await editByArm(planner, clusterPath('lb-managed'), (body) => {
      Object.assign(body.properties?.networkProfile ?? {}, { staticEgressGatewayProfile: { enabled: true } })
    })
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    t.match(findingOf(plan, 'SEG_PRESENT'), {
      severity: 'warning',
      message: /uses separate public addresses/,
    })
    t.strictSame(plan.egressIps, before.egressIps)
    t.match(findingOf(plan, 'ASK_BEFOREHAND'), {
      facts: { questions: [{ rule: 'SEG_PRIVATE_MODE' }] },
    })
  },
)
