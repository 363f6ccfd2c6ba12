import t from 'tap'
import { openapiText } from '../../scripts/openapi.ts'
import { makePlan, planFor } from './support/requests.ts'
import { type Answer, anyService, type Loose, listOf, until } from './support/service.ts'

/*
 * A user copies an example of the document, replaces the IDs that it contains with IDs of their own, and sends it. This
 * must succeed for every example of a request body.
 */

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, { examples?: Record<string, { $ref: string }> }> }
}

const document = JSON.parse(await openapiText()) as {
  paths: Record<string, Record<string, Operation>>
  components: { examples: Record<string, { value: Record<string, unknown> }> }
}
const documented = Object.values(document.paths)
  .flatMap((path) => Object.values(path))
  .flatMap(({ operationId, requestBody }) =>
    Object.entries(requestBody?.content['application/json']?.examples ?? {}).map(([name, { $ref }]) => ({
      key: `${operationId} ${name}`,
      body: document.components.examples[$ref.split('/').at(-1) ?? '']?.value ?? {},
    })),
  )
const bodies = new Map(documented.map(({ key, body }) => [key, body]))
const sent = new Set<string>()

/** A receiver of this machine, instead of a portal that does not exist. */
const RECEIVER = { url: 'https://127.0.0.1:9/hook' }
const planner = await anyService(t, { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' })

function example(key: string): Record<string, unknown> {
  sent.add(key)
  const body = bodies.get(key)
  if (body === undefined) throw new Error(`the document has no example ${key}`)
  return body
}

/** Sends an example with some members replaced. */
async function send(
  key: string,
  path: string,
  own: object = {},
  method: 'post' | 'patch' = 'post',
): Promise<Answer> {
  const body = { ...example(key), ...own }
  const answer = await planner[method](path, body)
  t.match(answer.status, /^20\d$/, `${key}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`)
  return answer
}

/** Sends an example of a job request for a new plan of a cluster of its own. */
async function execute(name: string, cluster: string, target: string, more = {}): Promise<Loose> {
  const plan = await makePlan(planner, planFor(cluster, target))
  const own = { planId: plan.id, acknowledge: plan.acknowledgementsRequired, ...more }
  return (await send(`createJob ${name}`, '/v1/jobs', own)).body
}

t.test('plan requests', async (t) => {
  for (const name of ['userAssignedNatGateway', 'managedNatGateway', 'userDefinedRouting'])
    await send(`createPlan ${name}`, '/v1/plans')
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  await send('createPlanShareLink eightHours', `/v1/plans/${plan.id}/share-links`)
  // Without sign-in, every caller is the author of the plan, whom the service does not accept as its approver.
  const approval = await planner.post(`/v1/plans/${plan.id}/approvals`, example('approvePlan changeNumber'))
  t.equal(approval.body.code, 'APPROVAL_NOT_INDEPENDENT')
})

t.test('a campaign by filters of the inventory', async () => {
  await planner.post('/v1/inventory/refresh')
  await until(
    () => planner.get('/v1/inventory/refreshes/latest'),
    ({ body }) => String(body.status) === 'succeeded',
  )
  // The tags of the example are those of its reader.
  const { body: campaign } = await send('createCampaign byFilter', '/v1/campaigns', {
    select: { filter: { outboundType: 'loadBalancer', name: 'lb-*' } },
    waves: [{ where: { name: 'lb-own-ips' } }, { share: 20 }, { gate: 'manual' }],
  })
  await planner.post(`/v1/campaigns/${campaign.id}/actions`, { action: 'cancel' })
})

t.test('job requests', async () => {
  await execute('plain', 'nat-byo', 'loadBalancer')
  await execute('acknowledged', 'lb-managed', 'managedNATGateway')
  const held = await execute('held', 'lb-byo-udr-ready', 'userDefinedRouting')
  await send('createJobShareLink eightHours', `/v1/jobs/${held.id}/share-links`)
  await execute('told', 'lb-managed-ranges', 'managedNATGateway', {
    webhook: { ...(example('createJob told').webhook as object), ...RECEIVER },
  })
  const scheduled = await execute('scheduled', 'nat-managed', 'loadBalancer')
  for (const name of ['later', 'clusterWindow', 'now'])
    await send(`rescheduleJob ${name}`, `/v1/jobs/${scheduled.id}`, {}, 'patch')
})

t.test('probes, campaigns and webhooks', async (t) => {
  await send('createProbe probeRequest', '/v1/probes')
  const campaign = (await send('createCampaign canary', '/v1/campaigns')).body
  const path = `/v1/campaigns/${campaign.id}`
  await until(
    () => planner.get(path),
    ({ body }) => String(body.status) === 'Planned',
  )
  const [member] = listOf((await planner.get(`${path}/members`)).body.items)
  await send('actOnCampaign skip', `${path}/actions`, { members: [member?.id] })
  for (const name of ['start', 'releaseGate']) await send(`actOnCampaign ${name}`, `${path}/actions`)
  // Its members do not hold before the cutover, so none can be released.
  const release = await planner.post(`${path}/actions`, example('actOnCampaign release'))
  t.equal(release.body.code, 'CAMPAIGN_ACTION_NOT_POSSIBLE')
  await send('createWebhook webhookOfEnds', '/v1/webhooks', RECEIVER)
  const { body: made } = await send('createWebhook webhookOfEverything', '/v1/webhooks', RECEIVER)
  const webhook = `/v1/webhooks/${made.id}`
  for (const name of ['enableWebhook', 'everything'])
    await send(`updateWebhook ${name}`, webhook, {}, 'patch')
  await send('rotateWebhookSecret twoDays', `${webhook}/secret-rotation`)
  await send('replayDeliveries allThatFailed', `${webhook}/replays`)
  await planner.post(`${webhook}/ping`)
  const [delivery] = listOf((await planner.get(`${webhook}/deliveries`)).body.items)
  await send('replayDeliveries oneMessage', `${webhook}/replays`, { deliveryId: delivery?.id })
})

t.test('every example of a request body is sent by a test of this file', async (t) => {
  t.ok(bodies.size > 20)
  t.strictSame([...bodies.keys()].filter((key) => !sent.has(key)).sort(), [])
})
