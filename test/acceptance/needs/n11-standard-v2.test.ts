import t from 'tap'
import { codesIn, findingOf, networkPath } from '../support/arm-edits.ts'
import { execute, makePlan, planFor } from '../support/requests.ts'
import { ended, type Loose, listOf, service, writes } from '../support/service.ts'

/** N11: same outboundType, different thing: NAT gateway StandardV2 and the moving API. */

const planner = await service(t)

/** The networkProfile that the last PUT of a cluster carried, and the API version that it went out on. */
async function lastWrite(
  name: string,
): Promise<{ apiVersion: string; natGatewayProfile: Loose | undefined }> {
  const puts = (await writes(planner)).filter(({ path }) => String(path).includes(`managedClusters/${name}?`))
  const last = puts.at(-1)
  const body = (last?.body ?? last?.requestBody) as Loose
  const sent = typeof body === 'string' ? (JSON.parse(body) as Loose) : body
  return {
    apiVersion: /api-version=([^&]+)/.exec(String(last?.path))?.[1] ?? '',
    natGatewayProfile: sent.properties?.networkProfile?.natGatewayProfile,
  }
}

const run = async (plan: Loose) => ended(planner, String((await execute(planner, plan)).id))

t.test('N11: Standard to StandardV2 is a migration with steps, lost addresses and no way back', async (t) => {
  const plan = await makePlan(
    planner,
    planFor('nat-managed', 'managedNATGateway', { natGateway: { sku: 'StandardV2' } }),
  )
  t.match(plan, {
    status: 'applicable',
    transition: { from: 'managedNATGateway', to: 'managedNATGatewayV2' },
  })
  t.ok(listOf(plan.steps).some((step) => String(step.key) === 'change-outbound-type'))
  t.equal(listOf(plan.egressIps).filter((each) => String(each.change) === 'lost').length, 2)
  for (const code of ['NATV2_FROM_V1_REPLACES', 'NATV2_IP_MODEL_FROZEN', 'NO_WAY_BACK'])
    t.ok(codesIn(plan).includes(code), code)
  t.match(plan.acknowledgementsRequired, ['EGRESS_IP_LOST', 'NO_WAY_BACK'])
})

t.test('N11: the former spelling is taken and answered in the canonical one', async (t) => {
  const plan = await makePlan(planner, planFor('nat-managed', 'managedNATGatewayV2'))
  t.match(plan.to, { outboundType: 'managedNATGateway', natGateway: { sku: 'StandardV2' } })
  const planned = JSON.stringify(listOf(plan.steps).map((step) => step.does))
  t.notOk(planned.includes('managedNATGatewayV2'), 'no write has the legacy value')
  t.ok(planned.includes('StandardV2'))
})

t.test('N11: each SKU is written on the API version that can express it', async (t) => {
  const standard = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  t.equal((await run(standard)).status, 'Succeeded')
  const written = await lastWrite('lb-managed')
  t.equal(written.apiVersion, '2026-05-01')
  t.equal(written.natGatewayProfile?.sku, undefined, 'that version has no such field')
  const v2 = await makePlan(planner, planFor('nat-managed', 'managedNATGatewayV2'))
  t.equal((await run(v2)).status, 'Succeeded')
  const writtenV2 = await lastWrite('nat-managed')
  t.equal(writtenV2.apiVersion, '2026-06-01')
  t.equal(writtenV2.natGatewayProfile?.sku, 'StandardV2')
})

t.test('N11: an own Standard address does not fit StandardV2', async (t) => {
  const outboundIpIds = [networkPath('publicIPAddresses', 'pip-natgw-nat-byo')]
  const natGateway = { sku: 'StandardV2', outboundIpIds }
  const plan = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway', { natGateway }))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'NATV2_IP_SKU'), {
    severity: 'blocker',
    facts: { resources: ['pip-natgw-nat-byo'] },
  })
})

t.test('N11: the address of the load balancer cannot be carried to the NAT gateway', async (t) => {
  const outboundIpIds = [networkPath('publicIPAddresses', 'pip-lb-own-ips-1')]
  const natGateway = { sku: 'StandardV2', outboundIpIds }
  const plan = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway', { natGateway }))
  t.match(findingOf(plan, 'IP_CARRY_LB_TO_NAT'), {
    severity: 'blocker',
    facts: { resources: ['pip-lb-own-ips-1'] },
  })
})

t.test('N11: managed addresses of a StandardV2 gateway cannot become own ones', async (t) => {
  const outboundIpIds = [networkPath('publicIPAddresses', 'pip-natgw-nat-byo')]
  const natGateway = { sku: 'StandardV2', outboundIpIds }
  const plan = await makePlan(planner, planFor('natv2-managed', 'managedNATGateway', { natGateway }))
  t.match(findingOf(plan, 'NATV2_IP_MODEL_SWITCH'), { severity: 'blocker', facts: { toOwn: true } })
})
