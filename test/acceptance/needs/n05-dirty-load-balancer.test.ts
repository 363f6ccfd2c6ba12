import t from 'tap'
import {
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

t.test('N5: a foreign outbound rule on the managed load balancer blocks and is named', async (t) => {
  const balancer = nodeNetworkPath('lb-managed', 'loadBalancers', 'kubernetes')
  await editByArm(planner, balancer, (body) => {
    const rules = listOf(body.properties?.outboundRules)
    const [first] = rules
    rules.push(JSON.parse(JSON.stringify(first).replaceAll('aksOutboundRule', 'egress-for-team-x')) as Loose)
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
})

t.test('N5: the load balancer of a cluster with public Services is not called dirty', async (t) => {
  const plan = await makePlan(planner, planFor('lb-services', 'userDefinedRouting'))
  t.ok(codesIn(plan).includes('INGRESS_ASYMMETRIC_ROUTING'), 'its Services are seen')
  t.notOk(codesIn(plan).includes('LB_DRIFT_MANUAL_RULES'))
})

t.test('N5: a cluster that is not Succeeded blocks', async (t) => {
  const plan = await makePlan(planner, planFor('failed', 'managedNATGateway'))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'CLUSTER_NOT_SUCCEEDED'), { facts: { provisioningState: 'Failed' } })
})

t.test(
  'N5: a refusal by Azure fails the job, is kept word for word, and nothing more is written',
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

t.test('N5: an outbound IP in the profile that does not exist any more blocks and is named', async (t) => {
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
