import t from 'tap'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { codesIn, findingOf, networkPath } from './support/arm-edits.ts'
import { execute, makePlan, planFor } from './support/requests.ts'
import { client, ended, type Loose, listOf, service, until, writes } from './support/service.ts'

const planner = await service(t)
const egress = async (name: string): Promise<Loose> =>
  (await planner.get(`/v1/clusters/${DEMO_SUBSCRIPTION}/${DEMO_GROUP}/${name}/egress`)).body
const keys = (plan: Loose) => listOf(plan.steps).map(({ key }) => String(key))
const changes = (plan: Loose, change: string) =>
  listOf(plan.egressIps).filter((each) => String(each.change) === change)
/** One line for each resource that the plan changes: `detach subnets nodes`. */
const rows = (plan: Loose) =>
  listOf(plan.resourceChanges).map(
    ({ action, type, name }) => `${action} ${String(type).split('/').at(-1)} ${name}`,
  )

async function cleanUpPlan(job: Loose): Promise<Loose> {
  const answer = await planner.post(`/v1/jobs/${job.id}/clean-up-plan`)
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}

t.test('removes attachments that still carry traffic after a change of type', async (t) => {
  const job = await ended(
    planner,
    String((await execute(planner, await makePlan(planner, planFor('nat-byo', 'loadBalancer')))).id),
  )
  t.match(job, { status: 'Succeeded', actions: { cleanUpPlan: true } })
  t.match(await egress('nat-byo'), { declared: { outboundType: 'loadBalancer' }, effective: 'natGateway' })
  const plan = await cleanUpPlan(job)
  t.equal(plan.status, 'applicable')
  t.ok(keys(plan).includes('clean-up-detach-1'))
  t.equal(plan.cutOver?.step, 'clean-up-detach-1')
  t.notOk(keys(plan).includes('change-outbound-type'), 'the cluster itself is as wanted')
  t.match(rows(plan), ['detach subnets nodes'])
  t.equal(changes(plan, 'lost').length, 1, 'the address of the gateway is the one that goes')
  const done = await ended(planner, String((await execute(planner, plan)).id))
  t.match(done, { status: 'Succeeded', error: null })
  t.match(await egress('nat-byo'), { effective: 'loadBalancer' })
  const again = await cleanUpPlan(job)
  t.equal(again.status, 'noChange', 'there is nothing left')
})

t.test(
  'deletes the default route of a route table that only the cluster uses, and can restore it',
  async (t) => {
    const job = await ended(
      planner,
      String((await execute(planner, await makePlan(planner, planFor('udr-byo', 'loadBalancer')))).id),
    )
    const plan = await cleanUpPlan(job)
    const step = listOf(plan.steps).find(({ key }) => String(key) === 'clean-up-detach-1')
    t.match(step, { does: { kind: 'deleteResource' }, undoes: [{ kind: 'putResource' }] })
    t.match(await ended(planner, String((await execute(planner, plan)).id)), { status: 'Succeeded' })
    t.match(await egress('udr-byo'), { effective: 'loadBalancer' })
    const deleted = (await writes(planner)).filter(({ method }) => String(method) === 'DELETE')
    t.equal(deleted.length, 1)
    t.match(deleted[0]?.path, /routeTables\/[^/]+\/routes\//)
  },
)

t.test('narrows the ranges by entries that only the former egress needed', async (t) => {
  const first = await makePlan(planner, planFor('lb-byo-ranges', 'userAssignedNATGateway'))
  const there = await ended(planner, String((await execute(planner, first)).id))
  t.match(there, { status: 'Succeeded' })
  // During the rollback, the gateway's address is the former address, and stays in use until the gateway is
  // detached.
  const back = await makePlan(planner, planFor('lb-byo-ranges', 'loadBalancer'))
  const job = await ended(planner, String((await execute(planner, back)).id))
  const late = await cleanUpPlan(there)
  t.match(late, { status: 'blocked', steps: [] }, 'the cluster has gone on to another type')
  t.ok(listOf(late.findings).some(({ code }) => String(code) === 'CLEAN_UP_OTHER_TYPE'))
  const plan = await cleanUpPlan(job)
  t.ok(keys(plan).includes('clean-up-detach-1'))
  const done = await ended(planner, String((await execute(planner, plan)).id))
  t.match(done, { status: 'Succeeded' })
  const report = await egress('lb-byo-ranges')
  t.match(report, { effective: 'loadBalancer' })
  t.ok(
    listOf(report.authorizedRanges?.current).map(String).includes('20.50.60.0/24'),
    'what others need stays',
  )
})

t.test('deletes resources that were created for a change without a switch', async (t) => {
  const plan = await makePlan(planner, {
    ...planFor('lb-byo', 'userAssignedNATGateway'),
    prepare: { natGateway: {} },
  })
  await planner.simulator('POST', 'faults', [
    {
      match: { method: 'PUT', pathPattern: '/subnets/' },
      fault: { kind: 'status', status: 400, code: 'Refused' },
    },
  ])
  const job = await ended(planner, String((await execute(planner, plan)).id))
  await planner.simulator('DELETE', 'faults')
  t.match(job, { status: 'Failed', actions: { cleanUpPlan: true } })
  const cleaning = await cleanUpPlan(job)
  t.strictSame(
    keys(cleaning).filter((key) => key.startsWith('clean-up')),
    ['clean-up-delete-1', 'clean-up-delete-2'],
  )
  t.match(rows(cleaning), [/^delete natGateways /, /^delete publicIPAddresses /])
  t.equal(rows(cleaning).length, 2, 'and nothing that AKS does in a migration')
  t.match(await ended(planner, String((await execute(planner, cleaning)).id)), {
    status: 'Succeeded',
    error: null,
  })
  const gone = (await writes(planner)).filter(
    ({ method, path }) =>
      String(method) === 'DELETE' && String(path).includes('lb-byo-') && String(path).includes('egress'),
  )
  t.match(
    gone.map(({ path }) => String(path)),
    [/natGateways/, /publicIPAddresses/],
    'the gateway before its address',
  )
  t.match(await egress('lb-byo'), { effective: 'loadBalancer' })
})

const refused = (pathPattern: string) => ({
  match: { method: 'PUT', pathPattern },
  fault: { kind: 'status', status: 400, code: 'Refused' },
})

/** A job that reaches this PUT, which Azure rejects. */
async function stoppedAt(pathPattern: string, request: object): Promise<Loose> {
  const plan = await makePlan(planner, request)
  await planner.simulator('POST', 'faults', [refused(pathPattern)])
  const job = await ended(planner, String((await execute(planner, plan)).id))
  await planner.simulator('DELETE', 'faults')
  return job
}

t.test(
  'deletes the default route of a job that stopped at its switch, as long as it is as the job wrote it',
  async (t) => {
    const defaultRoute = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.250.0.4' }
    const request = { ...planFor('kubenet-byo', 'userDefinedRouting'), prepare: { defaultRoute } }
    const job = await stoppedAt('/managedClusters/kubenet-byo', request)
    t.match(job, { status: 'Failed', actions: { cleanUpPlan: true } })
    t.match(await egress('kubenet-byo'), { effective: 'virtualAppliance' })
    const plan = await cleanUpPlan(job)
    t.match(rows(plan), [/^delete routes default-egress$/])
    t.ok(codesIn(plan).includes('CLEAN_UP_MOVES_TRAFFIC'))
    const route = String(listOf(plan.resourceChanges)[0]?.id)

    // Another client changes the next hop after the job has read everything and before it deletes the route.
    const arm = client(planner.process.simulatorUrl ?? '')
    const lead = (address: string) =>
      arm.ask('PUT', `${route}?api-version=2024-05-01`, {
        properties: {
          addressPrefix: '0.0.0.0/0',
          nextHopType: 'VirtualAppliance',
          nextHopIpAddress: address,
        },
      })
    const held = { match: { method: 'GET', pathPattern: '/routes/default-egress' }, fault: { kind: 'hold' } }
    await planner.simulator('POST', 'faults', [held])
    const late = await execute(planner, plan)
    const strikes = async () =>
      Number(listOf((await planner.simulator('GET', 'faults')) as Loose)[0]?.strikes)
    await until(strikes, (count) => count > 0)
    t.equal((await lead('10.250.0.5')).status < 300, true)
    await planner.simulator('DELETE', 'faults')
    t.match(await ended(planner, String(late.id)), {
      status: 'Failed',
      error: { code: 'PLAN_STALE', step: 'clean-up-detach-1' },
    })
    const kept = await cleanUpPlan(job)
    t.match(kept, { status: 'noChange', steps: [] })
    t.match(findingOf(kept, 'CLEAN_UP_OWN_ROUTE_KEPT'), {
      severity: 'warning',
      message: /because the route changed after the job created it/,
    })

    await lead('10.250.0.4')
    const again = await cleanUpPlan(job)
    t.match(await ended(planner, String((await execute(planner, again)).id)), { status: 'Succeeded' })
    t.match(await egress('kubenet-byo'), { effective: 'loadBalancer' })
    t.match(await cleanUpPlan(job), { status: 'noChange', findings: [{ code: 'CLEAN_UP_NOTHING_LEFT' }] })
  },
)

t.test('deletes unused resources of a job after another job changed the type', async (t) => {
  const prepare = { natGateway: {} }
  const failed = await stoppedAt('/subnets/', { ...planFor('lb-byo', 'userAssignedNATGateway'), prepare })
  const defaultRoute = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.250.0.4' }
  const other = { ...planFor('lb-byo', 'userDefinedRouting'), prepare: { defaultRoute } }
  const second = await execute(planner, await makePlan(planner, other))
  t.match(await ended(planner, String(second.id)), { status: 'Succeeded' })
  const plan = await cleanUpPlan(failed)
  t.match(rows(plan), [/^delete natGateways /, /^delete publicIPAddresses /])
  t.match(findingOf(plan, 'CLEAN_UP_OTHER_TYPE'), { severity: 'warning' })
  // Another client attaches the address to another gateway: the job's own gateway is free, and its address is not.
  const [gateway, address] = listOf(plan.resourceChanges).map(({ id }) => String(id))
  const arm = client(planner.process.simulatorUrl ?? '')
  const somebodys = networkPath('natGateways', 'ng-somebody')
  const body = (ids: string[]) => ({
    location: 'eastus',
    sku: { name: 'Standard' },
    properties: { publicIpAddresses: ids.map((id) => ({ id })) },
  })
  await arm.ask('PUT', `${gateway}?api-version=2024-05-01`, body([]))
  t.ok((await arm.ask('PUT', `${somebodys}?api-version=2024-05-01`, body([address ?? '']))).status < 300)
  const partly = await cleanUpPlan(failed)
  t.match(rows(partly), [/^delete natGateways /])
  t.equal(rows(partly).length, 1)
  t.match(findingOf(partly, 'CLEAN_UP_STILL_IN_USE'), {
    severity: 'warning',
    message: /used by `ng-somebody`/,
  })
  t.match(await ended(planner, String((await execute(planner, partly)).id)), { status: 'Succeeded' })
  t.match(await egress('lb-byo'), { effective: 'virtualAppliance' })
})

t.test('detaches and deletes the gateway of a change that another job reverted', async (t) => {
  const prepare = { natGateway: {} }
  const there = await makePlan(planner, { ...planFor('lb-byo-nat-ready', 'userAssignedNATGateway'), prepare })
  const job = await ended(planner, String((await execute(planner, there)).id))
  t.match(await cleanUpPlan(job), { status: 'noChange' }, 'what it has made is in use')
  const back = await execute(planner, await makePlan(planner, planFor('lb-byo-nat-ready', 'loadBalancer')))
  t.match(await ended(planner, String(back.id)), { status: 'Succeeded' })
  const plan = await cleanUpPlan(job)
  t.match(rows(plan), ['detach subnets nodes', /^delete natGateways /, /^delete publicIPAddresses /])
  t.match(await ended(planner, String((await execute(planner, plan)).id)), {
    status: 'Succeeded',
    error: null,
  })
  t.match(await egress('lb-byo-nat-ready'), { effective: 'loadBalancer' })
})

t.test('claims that the ranges are narrowed only when the cluster shows it', async (t) => {
  const job = await ended(
    planner,
    String(
      (await execute(planner, await makePlan(planner, planFor('lb-managed-ranges', 'managedNATGateway')))).id,
    ),
  )
  const plan = await cleanUpPlan(job)
  const step = listOf(plan.steps).find(({ key }) => String(key) === 'clean-up-narrow-authorized-ranges')
  t.strictSame(rows(plan), ['update managedClusters lb-managed-ranges'])
  t.strictSame(
    listOf(listOf(plan.resourceChanges)[0]?.properties).map(({ path }) => String(path)),
    ['/properties/apiServerAccessProfile/authorizedIPRanges'],
  )
  const [narrowed] = listOf(listOf(step?.does?.changes)[0]?.cidrs).map(String)
  const ranges = async () => listOf((await egress('lb-managed-ranges')).authorizedRanges?.current).map(String)
  t.ok((await ranges()).includes(narrowed ?? 'none'))
  const struck = async (kind: string, cleaning: Loose) => {
    const match = { method: 'PUT', pathPattern: '/managedClusters/lb-managed-ranges\\?', count: 1 }
    await planner.simulator('POST', 'faults', [{ match, fault: { kind } }])
    const done = await ended(planner, String((await execute(planner, cleaning)).id))
    await planner.simulator('DELETE', 'faults')
    return done
  }
  const ignored = await struck('ignoreChange', plan)
  t.match(ignored, {
    status: 'Failed',
    error: { code: 'TARGET_NOT_REACHED', step: 'clean-up-narrow-authorized-ranges' },
  })
  t.match(String(ignored.error?.message), new RegExp(`still contains ${narrowed}`))
  // The connection ends before Azure receives the request, so only a second read shows that the resource was never
  // created.
  t.match(await struck('reset', await cleanUpPlan(job)), { status: 'Succeeded', error: null })
  t.strictSame((await ranges()).includes(narrowed ?? 'none'), false)
  t.ok((await ranges()).includes('20.50.60.0/24'), 'and nothing else is gone')
})

t.test('is rejected while the job runs', async (t) => {
  const job = await execute(planner, await makePlan(planner, planFor('lb-managed', 'managedNATGateway')))
  const answer = await planner.post(`/v1/jobs/${job.id}/clean-up-plan`)
  t.equal(answer.status, 409)
  t.match(answer.body, { code: 'CLEAN_UP_NOT_AVAILABLE' })
})
