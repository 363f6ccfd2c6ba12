import t from 'tap'
import { findingOf, networkPath, onlyCluster } from '../support/arm-edits.ts'
import { makePlan, planFor } from '../support/requests.ts'
import { type Loose, listOf, service } from '../support/service.ts'

/** N14: only some subnets prepared. */

const planner = await service(t)
const NAME = 'lb-byo-two-subnets'
const nodes = `${networkPath('virtualNetworks', `vnet-${NAME}`)}/subnets/nodes`
const user = `${networkPath('virtualNetworks', `vnet-${NAME}`)}/subnets/user`
const gateway = networkPath('natGateways', `natgw-${NAME}`)

/** Leaves the one cluster with a third pool in the second subnet. */
const withThreePools = (others?: (resources: Loose[]) => Loose[]) =>
  onlyCluster(
    planner,
    NAME,
    (cluster) => {
      const pools = listOf(cluster.properties?.agentPoolProfiles)
      pools.push(Object.assign(structuredClone(pools[1]) ?? {}, { name: 'batch' }) as Loose)
    },
    others,
  )

t.test(
  'N14: three pools on two subnets, a NAT gateway on one: the other subnet and its pools are named',
  async (t) => {
    await withThreePools()
    const plan = await makePlan(planner, planFor(NAME, 'userAssignedNATGateway'))
    t.equal(plan.status, 'blocked')
    const found = findingOf(plan, 'UANAT_SUBNET_WITHOUT_GATEWAY')
    t.equal(found?.severity, 'blocker')
    t.strictSame(found?.facts, { subnets: [{ id: user, pools: ['user', 'batch'] }] })
    t.match(found?.message, /subnet user \(pools user and batch\)/)
    t.match(findingOf(plan, 'UANAT_ATTACH_IS_THE_CUTOVER'), { facts: { subnets: ['user'] } })
  },
)

t.test('N14: the report tells each subnet with its pools and its own path', async (t) => {
  const { cluster } = planFor(NAME, 'none') as { cluster: { subscriptionId: string; resourceGroup: string } }
  const path = `/v1/clusters/${cluster.subscriptionId}/${cluster.resourceGroup}/${NAME}/egress`
  const { body } = await planner.get(path)
  t.match(listOf(body.subnets), [
    { id: nodes, pools: ['system'], effective: 'natGateway' },
    { id: user, pools: ['user', 'batch'], effective: 'loadBalancer' },
  ])
})

t.test('N14: with the gateway on both subnets the change is open', async (t) => {
  await withThreePools((resources) =>
    resources.map((each) => {
      for (const subnet of listOf(each.properties?.subnets))
        if (String(subnet.id) === user)
          Object.assign(subnet.properties ?? {}, { natGateway: { id: gateway } })
      return each
    }),
  )
  const plan = await makePlan(planner, planFor(NAME, 'userAssignedNATGateway'))
  t.equal(plan.status, 'applicable')
  t.equal(findingOf(plan, 'UANAT_SUBNET_WITHOUT_GATEWAY'), undefined)
})
