import t from 'tap'
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

t.test('N3: public Services that die under a default route are named, with the ways out', async (t) => {
  const services = await servicesOf('lb-services')
  t.equal(services.length, 2, 'there are two Services')
  const plan = await makePlan(planner, planFor('lb-services', 'userDefinedRouting'))
  const said = finding(plan, 'INGRESS_ASYMMETRIC_ROUTING')
  t.match(said, { severity: 'acknowledge', source: /\S/ })
  t.strictSame(
    listOf(said?.facts?.frontends).map(({ address, ports }) => [String(address), listOf(ports).map(String)]),
    services.map(({ address, port }) => [address, [`TCP ${port}`]]),
    'every address with its port',
  )
  for (const { address, port } of services) t.match(String(said?.message), `${address} (TCP ${port})`)
  t.match(String(said?.remedy), /DNAT to an internal load balancer/, 'one way out')
  t.match(String(said?.remedy), /return routes to the internet/, 'the other')
  const refused = await planner.post('/v1/jobs', { planId: plan.id })
  t.match(refused, { status: 409, body: { code: 'ACKNOWLEDGEMENT_MISSING' } })
  t.ok(listOf(refused.body.facts?.codes).map(String).includes('INGRESS_ASYMMETRIC_ROUTING'))
})

t.test('N3: a load balancer with outbound rules alone says nothing', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-udr-ready', 'userDefinedRouting'))
  t.equal(finding(plan, 'INGRESS_ASYMMETRIC_ROUTING'), undefined)
})

t.test('N3: another target leaves ingress alone', async (t) => {
  const plan = await makePlan(planner, planFor('lb-services', 'userAssignedNATGateway'))
  t.equal(finding(plan, 'INGRESS_ASYMMETRIC_ROUTING'), undefined)
})
