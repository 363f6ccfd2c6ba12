import t from 'tap'
import { execute, makePlan, planFor } from './support/requests.ts'
import { type Client, ended, type Loose, service, until } from './support/service.ts'

/** What a job says can be asked of it, and where; what changes the job last. */
const ASKED: [action: string, path: string, change?: object][] = [
  ['reschedule', '', { notBefore: new Date(Date.now() + 900_000).toISOString() }],
  ['reconcilePlan', '/reconcile-plan'],
  ['rollbackPlan', '/rollback-plan'],
  ['cleanUpPlan', '/clean-up-plan'],
  ['release', '/release'],
  ['cancel', '/cancellation'],
]

async function begun(planner: Client, cluster: string, rest: object = {}): Promise<Loose> {
  const plan = await makePlan(planner, planFor(cluster, 'managedNATGateway'))
  if (Object.keys(rest).length === 0) return execute(planner, plan)
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired, ...rest }
  return (await planner.post('/v1/jobs', order)).body
}

t.test('a job accepts exactly the actions that it lists, in every state', async (t) => {
  // As slow as Azure, so that a job that is to run does not end meanwhile.
  const planner = await service(t, { SIMULATOR_TIME_SCALE: '1' })
  const fast = await service(t)
  await fast.simulator('POST', 'faults', [
    {
      match: { method: 'PUT', pathPattern: 'managedClusters/lb-managed-ranges' },
      fault: { kind: 'status', status: 400, code: 'Refused' },
    },
  ])
  const running = await begun(planner, 'lb-managed')
  const isRunning = ({ status }: Loose) => String(status) === 'Running'
  await until(async () => (await planner.get(`/v1/jobs/${running.id}`)).body, isRunning)
  const waiting = await begun(planner, 'lb-own-ips', {
    notBefore: new Date(Date.now() + 600_000).toISOString(),
  })
  const done = await begun(fast, 'lb-managed')
  const failed = await begun(fast, 'lb-managed-ranges')
  const ahead = await begun(fast, 'lb-own-ips', {
    holdBeforeCutOver: true,
    notBefore: new Date(Date.now() + 600_000).toISOString(),
  })
  const canceled = await begun(planner, 'lb-managed-ranges', {
    notBefore: new Date(Date.now() + 600_000).toISOString(),
  })
  await planner.post(`/v1/jobs/${canceled.id}/cancellation`)
  const held = await begun(planner, 'lb-managed-ranges', { holdBeforeCutOver: true })
  const isHeld = ({ hold }: Loose) => String(hold?.status) === 'Held'
  await until(async () => (await planner.get(`/v1/jobs/${held.id}`)).body, isHeld)
  await Promise.all([ended(fast, String(done.id)), ended(fast, String(failed.id))])

  const jobs: [Client, Loose, status: string][] = [
    [planner, waiting, 'NotStarted'],
    [planner, running, 'Running'],
    [planner, held, 'Running'],
    [fast, ahead, 'NotStarted'],
    [fast, done, 'Succeeded'],
    [fast, failed, 'Failed'],
    [planner, canceled, 'Canceled'],
  ]
  for (const [client, { id }, status] of jobs) {
    const job = (await client.get(`/v1/jobs/${id}`)).body
    t.equal(job.status, status)
    const said = Object.entries(job.actions ?? {})
    t.strictSame(said.map(([action]) => action).toSorted(), ASKED.map(([action]) => action).toSorted())
    const taken: Record<string, boolean> = {}
    for (const [action, path, change] of ASKED) {
      const url = `/v1/jobs/${id}${path}`
      taken[action] = (await (change ? client.patch(url, change) : client.post(url))).status < 300
    }
    // A release in advance is accepted, although no button offers it.
    const inAdvance = String(job.hold?.status) === 'Ahead' ? { release: true } : {}
    t.strictSame(taken, { ...job.actions, ...inAdvance }, `${status} ${JSON.stringify(taken)}`)
  }
})
