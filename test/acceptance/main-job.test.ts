import t from 'tap'
import { DEMO_CLUSTERS, DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { demoCluster, execute, makePlan, planFor } from './support/requests.ts'
import { anyService, ended, type Loose, listOf, until } from './support/service.ts'

const egressPath = (name: string) => `/v1/clusters/${DEMO_SUBSCRIPTION}/${DEMO_GROUP}/${name}/egress`
const addresses = (of: Loose | undefined) => listOf(of).map(({ address }) => String(address))
/** The ids of a page, in its order. */
const idsOf = ({ items }: Loose) => listOf(items).map(({ id }) => String(id))
const toNat = planFor('lb-managed', 'managedNATGateway', { natGateway: { managedOutboundIpCount: 2 } })

// One service for all tests: each test uses its own cluster and reads no other cluster.
const planner = await anyService(t)

t.test('migrates a cluster from a load balancer to a NAT gateway with two addresses', async (t) => {
  const before = await planner.get(egressPath('lb-managed'))
  t.equal(before.status, 200)
  t.equal(before.body.declared?.outboundType, 'loadBalancer')
  t.equal(before.body.effective, 'loadBalancer')
  const [oldAddress = ''] = addresses(before.body.egressIps)
  t.match(oldAddress, /^\d+\.\d+\.\d+\.\d+$/)

  const planned = await planner.post('/v1/plans', toNat)
  const plan = planned.body
  t.equal(planned.status, 201)
  t.equal(planned.headers.get('location'), `/v1/plans/${plan.id}`)
  t.equal(plan.status, 'applicable')
  t.equal(plan.azure, 'simulated')
  t.match(plan.transition, {
    vnet: 'managed',
    from: 'loadBalancer',
    to: 'managedNATGateway',
    support: 'supported',
  })
  t.match(plan.to, { natGateway: { sku: 'Standard', managedOutboundIpCount: 2, idleTimeoutInMinutes: 4 } })
  t.strictSame(plan.acknowledgementsRequired, ['EGRESS_IP_LOST'])
  t.match(
    listOf(plan.egressIps).filter(({ change }) => String(change) === 'lost'),
    [{ address: oldAddress, recoverable: false }],
  )

  const accepted = await planner.post('/v1/jobs', {
    planId: plan.id,
    acknowledge: ['EGRESS_IP_LOST'],
    reason: 'CHG-1',
  })
  t.equal(accepted.status, 202)
  t.equal(accepted.headers.get('location'), `/v1/jobs/${accepted.body.id}`)
  t.equal(accepted.headers.get('operation-location'), `${planner.url}/v1/jobs/${accepted.body.id}`)
  t.ok(Number(accepted.headers.get('retry-after')) > 0, 'says when to ask again')

  const job = await ended(planner, String(accepted.body.id))
  t.match(job, { status: 'Succeeded', error: null, currentStep: null, reason: 'CHG-1', planId: plan.id })
  t.strictSame(job.progress, { done: 4, total: 4 })
  t.strictSame(
    listOf(job.steps).map(({ key, status }) => `${key} ${status}`),
    ['check-freshness', 'change-outbound-type', 'verify', 'discover-egress-ips'].map(
      (key) => `${key} Succeeded`,
    ),
  )
  const fresh = addresses(job.result?.egressIps)
  t.equal(fresh.length, 2)
  t.notOk(fresh.includes(oldAddress), 'the old address is gone')
  t.match(job.result, { outboundType: 'managedNATGateway', natGatewaySku: 'Standard' })

  const after = (await planner.get(egressPath('lb-managed'))).body
  t.equal(after.declared?.outboundType, 'managedNATGateway')
  t.equal(after.effective, 'natGateway')
  t.strictSame(addresses(after.egressIps).sort(), fresh.sort())

  const read = await planner.get(`/v1/plans/${plan.id}`)
  t.strictSame(
    read.body,
    { ...plan, status: 'executed', jobId: job.id },
    'the plan stays as it was, except its status and its job',
  )
})

t.test('lists the events of a job in order and in pages', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  const { id } = await execute(planner, plan)
  await ended(planner, String(id))
  const { items, next } = (await planner.get(`/v1/jobs/${id}/events`)).body
  const events = listOf(items)
  t.equal(next, null)
  t.strictSame(
    events.map(({ sequence }) => Number(sequence)),
    events.map((_event, at) => at + 1),
  )
  t.match(events[0], { type: 'accepted', step: null })
  t.match(events.at(-1), { type: 'ended', message: 'Job ended: Succeeded.' })
  const kinds = events.map(({ type, step }) => `${step}: ${type}`)
  for (const kind of ['writeIntended', 'writeAccepted', 'operationEnded', 'stepSucceeded'])
    t.equal(kinds.filter((each) => each === `change-outbound-type: ${kind}`).length, 1, kind)
  const page = (await planner.get(`/v1/jobs/${id}/events?after=2&limit=3`)).body
  t.strictSame(page.items, events.slice(2, 5))
  t.equal(page.next, 5)
})

t.test('lists the plans and jobs of a cluster, newest first, in pages, of one status', async (t) => {
  const made: string[] = []
  for (const target of ['none', 'loadBalancer', 'none', 'userDefinedRouting', 'none'])
    made.unshift(String((await makePlan(planner, planFor('lb-byo-udr-ready', target))).id))
  const { body: first } = await planner.get('/v1/plans?limit=5')
  t.strictSame(idsOf(first), made, 'of every cluster')
  const id = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP.toUpperCase()}/providers/Microsoft.ContainerService/managedClusters/lb-byo-udr-ready`
  const ofCluster = `cluster=${encodeURIComponent(id)}`
  const walk = async (list: string, query: string) => {
    const ids: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await planner.get(`/v1/${list}?${ofCluster}&${query}${cursor}`)
      ids.push(...idsOf(body))
      cursor = body.next === null ? null : `&cursor=${body.next}`
    }
    return ids
  }
  for (const limit of [1, 2, 5, 100])
    t.strictSame(await walk('plans', `limit=${limit}`), made, `pages of ${limit}`)
  t.strictSame(await walk('plans', 'status=noChange'), [made[3]])
  t.strictSame(await walk('plans', 'status=executed'), [])

  const plan = (await planner.get(`/v1/plans/${made[1]}`)).body
  const job = await execute(planner, plan)
  t.strictSame(await walk('plans', 'status=executed'), [made[1]])
  await ended(planner, String(job.id))
  const second = await execute(planner, await makePlan(planner, planFor('lb-byo-udr-ready', 'loadBalancer')))
  await ended(planner, String(second.id))
  t.strictSame(await walk('jobs', 'limit=1'), [second.id, job.id])
  t.strictSame(await walk('jobs', 'status=Succeeded'), [second.id, job.id])
  t.strictSame(await walk('jobs', 'status=Failed'), [])
})

t.test('plans and executes the rollback of a job', async (t) => {
  const plan = await makePlan(planner, planFor('nat-byo', 'loadBalancer'))
  const job = await execute(planner, plan)
  await ended(planner, String(job.id))
  t.match((await planner.get(`/v1/jobs/${job.id}`)).body.actions, { cancel: false, rollbackPlan: true })
  const answer = await planner.post(`/v1/jobs/${job.id}/rollback-plan`)
  t.equal(answer.status, 201)
  t.equal(answer.headers.get('location'), `/v1/plans/${answer.body.id}`)
  t.match(answer.body, { status: 'applicable', to: { outboundType: 'userAssignedNATGateway' } })
  t.match(answer.body.reason, String(job.id))
  const back = await ended(planner, String((await execute(planner, answer.body)).id))
  t.match(back, { status: 'Succeeded', result: { outboundType: 'userAssignedNATGateway' } })
  t.equal((await planner.get(egressPath('nat-byo'))).body.declared?.outboundType, 'userAssignedNATGateway')
})

t.test('cancels a job before its next step, and does not claim to undo what Azure does', async (t) => {
  const plan = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway'))
  const { id } = await execute(planner, plan)
  await until(
    async () => (await planner.get(`/v1/jobs/${id}/events`)).text,
    (events) => events.includes('writeAccepted'),
  )
  const canceled = await planner.post(`/v1/jobs/${id}/cancellation`)
  t.equal(canceled.status, 202)
  t.equal(canceled.headers.get('location'), `/v1/jobs/${id}`)
  t.match(canceled.body.timestamps?.cancelRequestedAt, /Z$/)
  const again = await planner.post(`/v1/jobs/${id}/cancellation`)
  t.equal(again.status, 202, 'asking twice is no error')
  t.strictSame(again.body.timestamps?.cancelRequestedAt, canceled.body.timestamps?.cancelRequestedAt)
  const job = await ended(planner, String(id))
  t.equal(job.status, 'Canceled')
  t.match(listOf(job.steps)[1], { key: 'change-outbound-type', status: 'Succeeded' }, 'Azure had begun it')
  t.match(listOf(job.steps)[2], { key: 'verify', status: 'Canceled' })
  t.equal((await planner.get(egressPath('lb-own-ips'))).body.declared?.outboundType, 'managedNATGateway')
  t.equal((await planner.post(`/v1/jobs/${id}/cancellation`)).body.code, 'JOB_ALREADY_FINISHED')
})

t.test('keeps a discarded plan readable and never executes it', async (t) => {
  const request = planFor('isolated', 'managedNATGatewayV2')
  const plan = await makePlan(planner, request)
  for (const time of ['once', 'twice']) {
    const { status, text } = await planner.ask('DELETE', `/v1/plans/${plan.id}`)
    t.strictSame({ status, text }, { status: 204, text: '' }, time)
  }
  t.equal((await planner.get(`/v1/plans/${plan.id}`)).body.status, 'discarded')
  const refused = await planner.post('/v1/jobs', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
  })
  t.strictSame([refused.status, String(refused.body.code)], [409, 'PLAN_DISCARDED'])
  const executed = await makePlan(planner, request)
  const job = await execute(planner, executed)
  const inUse = await planner.ask('DELETE', `/v1/plans/${executed.id}`)
  t.strictSame([inUse.status, String(inUse.body.code)], [409, 'PLAN_IN_USE'])
  t.equal(inUse.body.facts?.jobId, job.id)
})

t.test('reports that it is alive and ready, and serves its documentation', async (t) => {
  t.match((await planner.get('/healthz')).body, {
    status: 'ok',
    version: /^\d+\.\d+\.\d+/,
    azure: 'simulated',
  })
  t.match((await planner.get('/readyz')).body, {
    status: 'ready',
    checks: [{ name: 'running' }, { name: 'database', ok: true }, { name: 'queue', ok: true }],
  })
  const docs = await planner.get('/docs')
  t.equal(docs.status, 200)
  t.match(docs.headers.get('content-type'), 'text/html')
  const document = (await planner.get('/openapi.json')).body
  t.match(document.openapi, /^3\./)
  for (const path of ['/v1/plans', '/v1/jobs/{jobId}', '/v1/jobs/{jobId}/rollback-plan', '/v1/transitions'])
    t.ok(document.paths?.[path], path)
})

t.test('reads every cluster of the demo fleet, each target with a verdict', async (t) => {
  for (const name of DEMO_CLUSTERS) {
    const { status, body } = await planner.get(egressPath(name))
    t.equal(status, 200, name)
    t.match(body.cluster, demoCluster(name))
    t.equal(listOf(body.targets).length, 7, `${name}: seven types`)
  }
})
