import t from 'tap'
import { clusterPath, editByArm, networkPath } from './support/arm-edits.ts'
import { execute, makePlan, planFor } from './support/requests.ts'
import {
  type Client,
  ended,
  type Loose,
  listOf,
  ownService,
  type Service,
  service,
  until,
  writes,
} from './support/service.ts'

async function order(planner: Client, made: Loose, rest: object = {}): Promise<Loose> {
  const body = { planId: made.id, acknowledge: made.acknowledgementsRequired, holdBeforeCutOver: true }
  const answer = await planner.post('/v1/jobs', { ...body, ...rest })
  if (answer.status !== 202) throw new Error(answer.text)
  return answer.body
}

const heldJob = ({ get }: Client, id: string): Promise<Loose> =>
  until(
    async () => (await get(`/v1/jobs/${id}`)).body,
    ({ hold, status }) => String(hold?.status) === 'Held' || !/NotStarted|Running/.test(String(status)),
  )

/** The writes that Azure received, as `PUT type/name`, in order. */
async function written(planner: Service): Promise<string[]> {
  return (await writes(planner)).map(({ method, path }) => {
    const [resource = ''] = String(path).split('?')
    return `${method} ${resource.split('/').slice(-2).join('/')}`
  })
}

/** A plan that makes a gateway with two addresses and attaches it. */
function gatewayPlan(planner: Client): Promise<Loose> {
  const request = planFor('lb-byo', 'userAssignedNATGateway')
  return makePlan(planner, { ...request, prepare: { natGateway: {}, publicIps: { count: 2 } } })
}

const addresses = (of: Loose | undefined) => listOf(of).map(({ address }) => String(address))
const [FIRST, SECOND] = [
  'publicIPAddresses/pip-lb-byo-nat-egress-1',
  'publicIPAddresses/pip-lb-byo-nat-egress-2',
]
const MADE = [`PUT ${FIRST}`, `PUT ${SECOND}`, 'PUT natGateways/ng-lb-byo-egress']

const planner = await service(t)

t.test('new addresses can be announced before any traffic uses them', async (t) => {
  const before = await ownService(t)
  const { id } = await order(before, await gatewayPlan(before))
  const held = await heldJob(before, String(id))
  t.match(held, {
    status: 'Running',
    currentStep: null,
    progress: { done: 4, total: 8 },
    hold: { status: 'Held', step: 'prepare-subnet-1', releasedAt: null },
    actions: { cancel: true, release: true },
  })
  const announced = addresses(held.preparedAddresses)
  t.equal(announced.length, 2)
  t.strictSame(await written(before), MADE, 'no attachment, no change of the cluster')

  await before.process.kill()
  const after = await ownService(t, before.storage)
  t.strictSame(await heldJob(after, String(id)), held, 'another process finds it as it was')
  const headers = { 'idempotency-key': 'release-1' }
  const released = await after.post(`/v1/jobs/${id}/release`, { reason: 'All are told.' }, headers)
  t.match(released, {
    status: 202,
    body: { status: 'Running', hold: { status: 'Released', releasedBy: 'anonymous' } },
  })
  t.equal(released.headers.get('location'), `/v1/jobs/${id}`)
  const again = await after.post(`/v1/jobs/${id}/release`, { reason: 'All are told.' }, headers)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  const job = await ended(after, String(id))
  t.match(job, { status: 'Succeeded', error: null, hold: { heldSince: held.hold?.heldSince } })
  t.strictSame(
    addresses(job.result?.egressIps).toSorted(),
    announced.toSorted(),
    'it leaves by what was told',
  )
  t.strictSame(
    (await written(after)).slice(-2),
    ['PUT subnets/nodes', 'PUT managedClusters/lb-byo'],
    'and only now it moved',
  )
  const types = listOf((await after.get(`/v1/jobs/${id}/events?limit=100`)).body.items).map(({ type }) =>
    String(type),
  )
  t.strictSame(
    types.filter((type) => ['held', 'released', 'rechecked'].includes(type)),
    ['held', 'released', 'rechecked'],
  )
  const { body } = await after.get(`/v1/audit?operation=releaseJob&jobId=${id}`)
  t.match(body.items, [{ outcome: 'allowed', reason: 'All are told.' }])
  const late = await after.post(`/v1/jobs/${id}/release`)
  t.match(late, { status: 409, body: { code: 'JOB_ALREADY_FINISHED' } })
})

t.test('during the hold, new addresses are authorized and the outbound type is unchanged', async (t) => {
  const made = await makePlan(planner, {
    ...planFor('lb-managed-ranges', 'loadBalancer'),
    prepare: { publicIpPrefix: { length: 30 } },
  })
  const { id } = await order(planner, made)
  const held = await heldJob(planner, String(id))
  t.match(held, { hold: { status: 'Held', step: 'change-outbound-type' } })
  const [prefix = ''] = addresses(held.preparedAddresses)
  const puts = (await writes(planner)).filter(({ path }) => String(path).includes('managedClusters'))
  t.equal(puts.length, 1, 'the widening, and nothing else of the cluster')
  const { apiServerAccessProfile: access, networkProfile } = puts[0]?.requestBody?.properties ?? {}
  t.ok(listOf(access?.authorizedIPRanges).map(String).includes(prefix))
  t.equal(networkProfile?.loadBalancerProfile?.outboundIPPrefixes, undefined)

  t.equal((await planner.post(`/v1/jobs/${id}/release`)).status, 202)
  t.match(await ended(planner, String(id)), { status: 'Succeeded', error: null })
})

t.test('a plan that is stale after the hold moves no traffic and can be cleaned up', async (t) => {
  const releasedAfter = async (path: string, edit: (body: Loose) => void) => {
    // With a rollback ordered too: if nothing has moved, no rollback runs.
    const { id } = await order(planner, await gatewayPlan(planner), { onFailure: 'rollBack' })
    await heldJob(planner, String(id))
    await editByArm(planner, path, edit)
    t.equal((await planner.post(`/v1/jobs/${id}/release`)).status, 202)
    return ended(planner, String(id))
  }
  const admitted = { authorizedIPRanges: ['192.0.2.0/24'] } as unknown as Loose
  const changes: [string, (body: Loose) => void, RegExp][] = [
    [
      clusterPath('lb-byo'),
      ({ properties }) => Object.assign(properties ?? {}, { apiServerAccessProfile: admitted }),
      /cluster\.authorizedIPRanges/,
    ],
    [
      networkPath('natGateways', 'ng-lb-byo-egress'),
      ({ properties }) => {
        if (properties !== undefined)
          properties.publicIpAddresses = listOf(properties.publicIpAddresses).slice(0, 1) as unknown as Loose
      },
      /ng-lb-byo-egress has changed since the job created it/,
    ],
  ]
  for (const [path, edit, message] of changes) {
    const before = (await written(planner)).length
    const job = await releasedAfter(path, edit)
    t.match(job, {
      status: 'Failed',
      rollback: null,
      error: { code: 'PLAN_STALE', step: 'prepare-subnet-1', message },
      hold: { status: 'Released' },
      actions: { cleanUpPlan: true, rollbackPlan: false },
    })
    t.equal(listOf(job.preparedAddresses).length, 2, 'what was made stays')
    const [own, others] = [(await written(planner)).slice(before), await written(planner)]
    t.strictSame(own.slice(0, 3), MADE)
    t.notOk(
      others.some((each) => each.startsWith('PUT subnets/')),
      'nothing was attached',
    )
    const cleaning = await planner.post(`/v1/jobs/${job.id}/clean-up-plan`)
    const cleaned = await ended(planner, String((await execute(planner, cleaning.body)).id))
    t.match(cleaned, { status: 'Succeeded', error: null })
    const deleted = (await written(planner)).filter((each) => each.startsWith('DELETE')).slice(-3)
    t.strictSame(deleted.toSorted(), [
      'DELETE natGateways/ng-lb-byo-egress',
      `DELETE ${FIRST}`,
      `DELETE ${SECOND}`,
    ])
  }
})

t.test('a job that is canceled while held keeps its resources and offers a cleanup plan', async (t) => {
  const { id } = await order(planner, await gatewayPlan(planner))
  await heldJob(planner, String(id))
  const canceled = await planner.post(`/v1/jobs/${id}/cancellation`)
  t.match(canceled, {
    status: 202,
    body: {
      status: 'Canceled',
      warnings: [/did not revert its completed steps/],
      actions: { cleanUpPlan: true },
    },
  })
  const before = (await written(planner)).length
  const cleaning = (await planner.post(`/v1/jobs/${id}/clean-up-plan`)).body
  t.match(await ended(planner, String((await execute(planner, cleaning)).id)), { status: 'Succeeded' })
  const after = (await written(planner)).slice(before)
  t.equal(after.filter((each) => each.startsWith('DELETE')).length, 3)
})

t.test('rejects a hold for a plan that moves no traffic', async (t) => {
  const made = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.equal(made.cutOver?.step, null)
  const answer = await planner.post('/v1/jobs', { planId: made.id, holdBeforeCutOver: true })
  t.match(answer, {
    status: 409,
    body: { code: 'HOLD_NOT_POSSIBLE', errors: [{ pointer: '/holdBeforeCutOver' }] },
  })
  t.match(answer.body.detail, String(made.cutOver?.because).replace(/\.$/, ''))
  t.match(await order(planner, made, { holdBeforeCutOver: false }), { hold: null })
})
