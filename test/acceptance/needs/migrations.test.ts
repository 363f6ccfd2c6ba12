import t from 'tap'
import {
  clusterPath,
  codesIn,
  editByArm,
  findingOf,
  networkPath,
  nodeNetworkPath,
  onlyCluster,
} from '../support/arm-edits.ts'
import { execute, makePlan, planFor } from '../support/requests.ts'
import { ended, type Loose, listOf, service, writes } from '../support/service.ts'

/** N5: the update leaves the cluster Failed and every later call fails too. */

const planner = await service(t)
const puts = async () =>
  (await writes(planner)).filter(({ path }) => /managedClusters\/[^/?]+\?/.test(String(path))).length

/** N11: same outboundType, different thing: NAT gateway StandardV2 and the moving API. */

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

const PRIVATE_CLUSTER = 'udr-private'

/** A cluster that loses its egress with the outbound type, unlike a cluster whose route carries the traffic. */
const BALANCED_CLUSTER = 'lb-byo'
const prepareIsolation = () =>
  editByArm(planner, clusterPath(BALANCED_CLUSTER), (body) => {
    const properties: Record<string, object | undefined> = body.properties ?? {}
    properties.bootstrapProfile = { ...properties.bootstrapProfile, artifactSource: 'Cache' }
    properties.apiServerAccessProfile = {
      ...properties.apiServerAccessProfile,
      enableVnetIntegration: true,
    }
  })

t.test(
  'N5: a customer-created outbound rule on the managed load balancer blocks the plan and is named',
  async (t) => {
    const balancer = nodeNetworkPath('lb-managed', 'loadBalancers', 'kubernetes')
    await editByArm(planner, balancer, (body) => {
      const rules = listOf(body.properties?.outboundRules)
      const [first] = rules
      rules.push(
        JSON.parse(JSON.stringify(first).replaceAll('aksOutboundRule', 'egress-for-team-x')) as Loose,
      )
    })
    const before = await puts()
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    t.equal(plan.status, 'blocked')
    t.match(findingOf(plan, 'LB_DRIFT_MANUAL_RULES'), {
      severity: 'blocker',
      facts: { loadBalancer: 'kubernetes', outboundRules: ['egress-for-team-x'], frontends: [] },
      message: /egress-for-team-x/,
    })
    const refused = await planner.post('/v1/jobs', { planId: plan.id })
    t.match(refused.body, { status: 409, code: 'PLAN_BLOCKED' })
    t.equal(await puts(), before, 'nothing was written')
  },
)

t.test(
  'N5: does not report customer-created rules for a load balancer with public Services only',
  async (t) => {
    const plan = await makePlan(planner, planFor('lb-services', 'userDefinedRouting'))
    t.ok(codesIn(plan).includes('INGRESS_ASYMMETRIC_ROUTING'), 'its Services are seen')
    t.notOk(codesIn(plan).includes('LB_DRIFT_MANUAL_RULES'))
  },
)

t.test('N5: a cluster that is not Succeeded blocks the plan', async (t) => {
  const plan = await makePlan(planner, planFor('failed', 'managedNATGateway'))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'CLUSTER_NOT_SUCCEEDED'), { facts: { provisioningState: 'Failed' } })
})

t.test(
  'N5: a rejection by Azure fails the job, is kept verbatim, and stops all further writes',
  async (t) => {
    const match = { method: 'PUT', pathPattern: 'managedClusters/lb-managed-ranges\\?' }
    const error = {
      code: 'PublicIPAddressCannotBeDeleted',
      message: 'Public IP address x is in use by a Service.',
    }
    await planner.simulator('POST', 'faults', [{ match, fault: { kind: 'status', status: 400, ...error } }])
    const plan = await makePlan(planner, planFor('lb-managed-ranges', 'managedNATGateway'))
    const before = await puts()
    const { id } = await execute(planner, plan)
    const job = await ended(planner, String(id))
    t.equal(await puts(), before + 1, 'one write and no further one')
    await planner.simulator('DELETE', 'faults')
    t.equal(job.status, 'Failed')
    t.match(job.error, { arm: { code: error.code, message: error.message }, remedy: /\.$/ })
  },
)

t.test('N5: a deleted outbound IP in the profile blocks the plan and is named', async (t) => {
  const gone = networkPath('publicIPAddresses', 'pip-lb-own-ips-2')
  const pathOf = (each: Loose) => String(each.id).toLowerCase()
  await onlyCluster(
    planner,
    'lb-own-ips',
    // The simulator makes good every effective address of a given cluster, as long as the cluster shows it.
    (cluster) =>
      listOf(cluster.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs).splice(1),
    (resources) => resources.filter((each) => pathOf(each) !== gone.toLowerCase()),
  )
  const plan = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway'))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'PROFILE_OUTBOUND_IP_GONE'), { severity: 'blocker', message: /pip-lb-own-ips-2/ })
})

t.test('N11: Standard to StandardV2 is a migration with steps, lost addresses and no rollback', async (t) => {
  await planner.simulator('POST', 'reset')
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

t.test('N11: accepts the former spelling and returns the canonical one', async (t) => {
  const plan = await makePlan(planner, planFor('nat-managed', 'managedNATGatewayV2'))
  t.match(plan.to, { outboundType: 'managedNATGateway', natGateway: { sku: 'StandardV2' } })
  const planned = JSON.stringify(listOf(plan.steps).map((step) => step.does))
  t.notOk(planned.includes('managedNATGatewayV2'), 'no write has the legacy value')
  t.ok(planned.includes('StandardV2'))
})

t.test('N11: writes each SKU with an API version that supports it', async (t) => {
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

t.test('N11: rejects a customer-provided Standard address for StandardV2', async (t) => {
  const outboundIpIds = [networkPath('publicIPAddresses', 'pip-natgw-nat-byo')]
  const natGateway = { sku: 'StandardV2', outboundIpIds }
  const plan = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway', { natGateway }))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'NATV2_IP_SKU'), {
    severity: 'blocker',
    facts: { resources: ['pip-natgw-nat-byo'] },
  })
})

t.test('N11: the address of the load balancer cannot move to the NAT gateway', async (t) => {
  const outboundIpIds = [networkPath('publicIPAddresses', 'pip-lb-own-ips-1')]
  const natGateway = { sku: 'StandardV2', outboundIpIds }
  const plan = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway', { natGateway }))
  t.match(findingOf(plan, 'IP_CARRY_LB_TO_NAT'), {
    severity: 'blocker',
    facts: { resources: ['pip-lb-own-ips-1'] },
  })
})

t.test(
  'N11: managed addresses of a StandardV2 gateway cannot become customer-provided addresses',
  async (t) => {
    const outboundIpIds = [networkPath('publicIPAddresses', 'pip-natgw-nat-byo')]
    const natGateway = { sku: 'StandardV2', outboundIpIds }
    const plan = await makePlan(planner, planFor('natv2-managed', 'managedNATGateway', { natGateway }))
    t.match(findingOf(plan, 'NATV2_IP_MODEL_SWITCH'), { severity: 'blocker', facts: { toOwn: true } })
  },
)

t.test(
  'N12: a cluster with artifact source Direct gets three ordered steps, and its change to none is blocked',
  async (t) => {
    const plan = await makePlan(planner, planFor(PRIVATE_CLUSTER, 'none'))
    t.equal(plan.status, 'blocked')
    const found = findingOf(plan, 'ISO_NOT_NETWORK_ISOLATED')
    const sequence = listOf(found?.facts?.sequence)
    t.strictSame(
      sequence.map((each) => String(each.step)),
      ['cache', 'reimage', 'none'],
    )
    for (const each of sequence) t.match(each, { does: /\.$/, doneWhen: /\.$/ })
    t.match(
      found?.remedy,
      /\(1\) Set .*Cache.*\(2\) Upgrade the node image.*\(3\) Create a new plan for the change to `none`/,
    )
    const before = (await writes(planner)).length
    const refused = await planner.post('/v1/jobs', {
      planId: plan.id,
      acknowledge: plan.acknowledgementsRequired,
    })
    t.match(refused.body, { status: 409, code: 'PLAN_BLOCKED' })
    t.equal((await writes(planner)).length, before, 'nothing was written')
  },
)

t.test('N12: with Cache set, a missing reimage requires the acknowledgement ISO_REIMAGE_ORDER', async (t) => {
  await prepareIsolation()
  const plan = await makePlan(planner, planFor(BALANCED_CLUSTER, 'none'))
  t.equal(plan.status, 'applicable')
  t.match(findingOf(plan, 'ISO_REIMAGE_ORDER'), {
    severity: 'acknowledge',
    facts: { pools: [{ name: 'system', nodeImageVersion: /^AKSUbuntu/ }, { name: 'user' }] },
  })
  const required = listOf(plan.acknowledgementsRequired).map(String)
  const acknowledge = required.filter((code) => code !== 'ISO_REIMAGE_ORDER')
  const refused = await planner.post('/v1/jobs', { planId: plan.id, acknowledge })
  t.match(refused.body, {
    status: 409,
    code: 'ACKNOWLEDGEMENT_MISSING',
    facts: { codes: ['ISO_REIMAGE_ORDER'] },
  })
  const { id } = await execute(planner, plan)
  t.equal((await ended(planner, String(id))).status, 'Succeeded')
})

t.test('N12: leaving isolation reports that cached artifacts stay, and requires no reimage', async (t) => {
  const plan = await makePlan(planner, planFor(BALANCED_CLUSTER, 'userDefinedRouting'))
  t.match(findingOf(plan, 'ISO_LEAVING'), { severity: 'info', message: /continues to incur costs/ })
  t.equal(findingOf(plan, 'ISO_REIMAGE_ORDER'), undefined)
})
