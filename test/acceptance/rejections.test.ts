import t, { type Test } from 'tap'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { demoCluster, execute, makePlan, planFor } from './support/requests.ts'
import { type Answer, client, ended, type Loose, listOf, service, until, writes } from './support/service.ts'

const CLUSTERS = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.ContainerService/managedClusters`
const NETWORK = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
const egressPath = (name: string) => `/v1/clusters/${DEMO_SUBSCRIPTION}/${DEMO_GROUP}/${name}/egress`
const planner = await service(t)

/** The answer is this problem, complete with remedy. */
function isProblem(t: Test, answer: Answer, status: number, code: string, facts: object = {}): void {
  t.equal(answer.status, status, `${code}: ${answer.text.slice(0, 300)}`)
  t.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8', code)
  t.match(answer.body, { status, code, facts, title: /\S/, detail: /\.$/, remedy: /\.$/ }, code)
}

/** No cluster may have been written while these steps were made. */
async function writesNothing<T>(t: Test, steps: () => Promise<T>): Promise<T> {
  const before = (await writes(planner)).length
  const result = await steps()
  t.equal((await writes(planner)).length, before, 'nothing was written')
  return result
}

/** Every matching request of ARM goes wrong until the steps are done. */
async function withFault(match: object, fault: object, steps: () => Promise<void>): Promise<void> {
  await planner.simulator('POST', 'faults', [{ match, fault }])
  try {
    await steps()
    const faults = listOf((await planner.simulator('GET', 'faults')) as Loose)
    if (faults.every(({ strikes }) => Number(strikes) === 0)) throw new Error('The fault never struck')
  } finally {
    await planner.simulator('DELETE', 'faults')
  }
}

t.test('rejects the execution of a blocked plan and of a plan without changes', async (t) => {
  await writesNothing(t, async () => {
    const blocked = await makePlan(planner, planFor('lb-managed', 'userDefinedRouting'))
    t.match(blocked, { status: 'blocked', transition: { support: 'unsupported' }, steps: [] })
    const codes = ['TRANSITION_NOT_SUPPORTED']
    isProblem(t, await planner.post('/v1/jobs', { planId: blocked.id }), 409, 'PLAN_BLOCKED', { codes })
    const same = await makePlan(planner, planFor('nat-byo', 'userAssignedNATGateway'))
    t.equal(same.status, 'noChange')
    isProblem(t, await planner.post('/v1/jobs', { planId: same.id }), 409, 'PLAN_NO_CHANGE')
  })
})

t.test('rejects a job with a missing or unknown acknowledgement', async (t) => {
  await writesNothing(t, async () => {
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    const codes = ['EGRESS_IP_LOST']
    t.strictSame(plan.acknowledgementsRequired, codes)
    const missing = await planner.post('/v1/jobs', { planId: plan.id })
    isProblem(t, missing, 409, 'ACKNOWLEDGEMENT_MISSING', { codes })
    t.match(listOf(missing.body.errors), [{ pointer: '/acknowledge' }])
    const unknown = await planner.post('/v1/jobs', { planId: plan.id, acknowledge: [...codes, 'ALL_OF_IT'] })
    isProblem(t, unknown, 400, 'ACKNOWLEDGEMENT_UNKNOWN', { codes: ['ALL_OF_IT'], known: codes })
    t.match(listOf(unknown.body.errors), [{ pointer: '/acknowledge' }])
    t.equal((await planner.get(`/v1/plans/${plan.id}`)).body.status, 'applicable', 'the plan is still good')
  })
})

t.test('rejects a plan whose cluster changed since planning', async (t) => {
  const plan = await makePlan(planner, planFor('nat-managed', 'loadBalancer'))
  const arm = client(planner.process.simulatorUrl ?? '')
  const path = `${CLUSTERS}/nat-managed?api-version=2026-06-01`
  const { body } = await arm.get(path)
  const natGatewayProfile = { managedOutboundIPProfile: { count: 3 }, idleTimeoutInMinutes: 9 }
  Object.assign(body.properties?.networkProfile as Loose, { natGatewayProfile })
  t.equal((await arm.ask('PUT', path, body)).status, 200)
  const state = async () => String((await arm.get(path)).body.properties?.provisioningState)
  await until(state, (is) => is === 'Succeeded')
  await writesNothing(t, async () => {
    const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
    const refused = await planner.post('/v1/jobs', order)
    isProblem(t, refused, 409, 'PLAN_STALE')
    t.ok(listOf(refused.body.facts?.differences).length > 0, 'says what is different')
    t.equal((await planner.get(`/v1/plans/${plan.id}`)).body.status, 'stale')
    isProblem(t, await planner.post('/v1/jobs', order), 409, 'PLAN_STALE')
  })
})

t.test(
  'rejects a plan whose NAT gateway got another address, although no packet uses the gateway yet',
  async (t) => {
    const id = `${NETWORK}/natGateways/natgw-lb-byo-nat-ready`
    const prepare = { natGateway: { id } }
    const plan = await makePlan(planner, {
      ...planFor('lb-byo-nat-ready', 'userAssignedNATGateway'),
      prepare,
    })
    t.equal(plan.status, 'applicable')
    const arm = client(planner.process.simulatorUrl ?? '')
    const { body } = await arm.get(`${id}?api-version=2025-07-01`)
    const publicIpAddresses = [{ id: `${NETWORK}/publicIPAddresses/pip-other` }]
    const address = { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' }
    const location = body.location
    const sku = { name: 'Standard' }
    const put = (path: string, sent: object) => arm.ask('PUT', `${path}?api-version=2025-07-01`, sent)
    t.match(await put(publicIpAddresses[0]?.id ?? '', { location, sku, properties: address }), {
      status: 201,
    })
    const properties = { ...(body.properties as object), publicIpAddresses }
    t.match(await put(id, { ...body, properties }), { status: 200 })
    await writesNothing(t, async () => {
      const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
      const rejected = await planner.post('/v1/jobs', order)
      isProblem(t, rejected, 409, 'PLAN_STALE', { differences: [{ path: 'network.pathsAfter' }] })
    })
  },
)

t.test('executes a plan once, and one job at a time on a cluster', async (t) => {
  const [plan, rival] = [
    await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway')),
    await makePlan(planner, planFor('lb-own-ips', 'managedNATGatewayV2')),
  ]
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => planner.post('/v1/jobs', order)))
  const accepted = answers.filter(({ status }) => status === 202)
  t.equal(accepted.length, 1, 'of five at once one is accepted')
  const jobId = accepted[0]?.body.id
  for (const { status, body } of answers)
    if (status !== 202)
      t.match(body, { status: 409, code: /^(PLAN_ALREADY_EXECUTED|CLUSTER_LOCKED)$/ }, String(body.code))
  const locked = await planner.post('/v1/jobs', {
    planId: rival.id,
    acknowledge: rival.acknowledgementsRequired,
  })
  isProblem(t, locked, 409, 'CLUSTER_LOCKED', { holderJobId: jobId })
  t.equal((await ended(planner, String(jobId))).status, 'Succeeded')
  isProblem(t, await planner.post('/v1/jobs', order), 409, 'PLAN_ALREADY_EXECUTED', { jobId })
  isProblem(t, await planner.post(`/v1/jobs/${jobId}/cancellation`), 409, 'JOB_ALREADY_FINISHED')
  const puts = (await writes(planner)).filter(({ path }) => String(path).includes('/lb-own-ips?'))
  t.equal(puts.length, 1)
})

t.test('rejects a rollback that the support matrix does not have with 409', async (t) => {
  const plan = await makePlan(planner, planFor('dualstack-managed', 'managedNATGatewayV2'))
  t.equal(plan.rollback?.supported, false)
  const { id } = await execute(planner, plan)
  const early = await planner.post(`/v1/jobs/${id}/rollback-plan`)
  isProblem(t, early, 409, 'ROLLBACK_NOT_AVAILABLE', { jobId: id })
  await ended(planner, String(id))
  const late = await planner.post(`/v1/jobs/${id}/rollback-plan`)
  isProblem(t, late, 409, 'ROLLBACK_NOT_AVAILABLE', { jobId: id })
})

t.test("returns Azure's rejections, failures and requests to slow down", async (t) => {
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  const plans = (await planner.get('/v1/plans?limit=100')).text
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const get = { method: 'GET', pathPattern: 'managedClusters/lb-managed(\\?|/)' }
  const everyWay = async (status: number, code: string, retryAfter: string | null, facts = {}) => {
    const asked = [
      await planner.get(egressPath('lb-managed')),
      await planner.post('/v1/plans', planFor('lb-managed', 'none')),
      await planner.post('/v1/jobs', order),
    ]
    for (const answer of asked) {
      isProblem(t, answer, status, code, facts)
      t.equal(answer.headers.get('retry-after'), retryAfter, `${code}: Retry-After`)
    }
  }
  await writesNothing(t, async () => {
    await withFault(get, { kind: 'status', status: 403 }, () =>
      everyWay(403, 'AZURE_ACCESS_DENIED', null, { armCode: 'AuthorizationFailed' }),
    )
    // A 429 of other resources of AKS would hold back all plans of the subscription.
    const getCluster = { method: 'GET', pathPattern: 'managedClusters/lb-managed\\?' }
    await withFault(getCluster, { kind: 'status', status: 429, retryAfterSeconds: 17 }, () =>
      everyWay(503, 'AZURE_THROTTLED', '17', { retryAfterSeconds: 17 }),
    )
    await withFault(get, { kind: 'reset' }, () => everyWay(503, 'AZURE_UNREACHABLE', '10'))
    await withFault(get, { kind: 'status', status: 500 }, () => everyWay(503, 'AZURE_UNREACHABLE', '10'))
  })
  const throttled = { kind: 'status', status: 429, retryAfterSeconds: 17 }
  await withFault({ method: 'GET', pathPattern: '/publicIPAddresses' }, throttled, async () => {
    for (const answer of [
      await planner.get(egressPath('lb-managed')),
      await planner.post('/v1/plans', planFor('lb-managed', 'none')),
    ]) {
      isProblem(t, answer, 503, 'AZURE_THROTTLED', { retryAfterSeconds: 17 })
      t.equal(answer.headers.get('retry-after'), '17', 'not a plan that lacks what can be read soon')
    }
  })
  t.equal((await planner.get('/v1/plans?limit=100')).text, plans, 'no plan more, and none spoilt')
  const stranger = { ...demoCluster('lb-managed'), subscriptionId: '99999999-9999-9999-9999-999999999999' }
  const unknown = await planner.post('/v1/plans', { cluster: stranger, target: { outboundType: 'none' } })
  isProblem(t, unknown, 404, 'SUBSCRIPTION_NOT_FOUND', { subscriptionId: stranger.subscriptionId })
})

t.test('plans with the resources that it may read, and names the others', async (t) => {
  const network = { method: 'GET', pathPattern: 'Microsoft.Network/' }
  await withFault(network, { kind: 'status', status: 403 }, async () => {
    const { status, body } = await planner.get(egressPath('lb-byo-nat-attached'))
    t.equal(status, 200)
    t.ok(listOf(body.unread).length > 0)
    t.match(listOf(body.unread)[0], { reason: 'denied', code: 'AuthorizationFailed' })
    const planned = await planner.post('/v1/plans', planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
    t.equal(planned.status, 201)
    t.not(planned.body.status, 'applicable', 'a subnet that cannot be seen is not taken for ready')
  })
})
