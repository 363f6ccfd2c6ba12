import type { Client } from '@modelcontextprotocol/client'
import t from 'tap'
import { connect } from '../mcp/support/mcp-client.ts'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { anyService, type Loose, listOf, until } from './support/service.ts'

const planner = await anyService(t)
await planner.post('/v1/inventory/refresh')
await until(
  () => planner.get('/v1/clusters?name=lb-managed-ranges'),
  ({ body }) => listOf(body.items).length > 0,
)

/** The data of a successful call, as the official client validated it against the schema of the tool. */
async function call(client: Client, name: string, args: object, options = {}): Promise<Loose> {
  const result = await client.callTool({ name, arguments: { ...args } }, options)
  if (result.isError === true) throw new Error(JSON.stringify(result.content))
  return result.structuredContent as unknown as Loose
}

for (const [era, name] of [
  ['auto', 'lb-managed'],
  ['legacy', 'lb-managed-ranges'],
] as const)
  t.test(`the official client migrates a cluster and plans the rollback, negotiating ${era}`, async (t) => {
    const client = await connect(t, planner.url, era)
    await client.listTools()

    const found = await call(client, 'find_clusters', { name: name.toUpperCase() })
    const clusters = listOf(found.clusters?.items)
    t.match(clusters, [{ subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, name }])
    t.equal(clusters.length, 1)
    const cluster = { subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, name }
    const egress = await call(client, 'read_egress', { cluster })
    t.match(egress.egress, { effective: 'loadBalancer' })
    const { comparison } = await call(client, 'compare_targets', { cluster })
    t.ok(listOf(comparison?.targets).some(({ target }) => String(target) === 'managedNATGateway'))
    const { plan } = await call(client, 'plan', {
      cluster,
      target: { outboundType: 'managedNATGateway' },
      reason: 'CHG-1',
    })
    t.match(plan, { status: 'applicable' })
    const codes = listOf(plan?.acknowledgementsRequired).map(String)
    for (const code of codes) t.match((await call(client, 'explain_finding', { code })).finding, { code })

    const early = await client.callTool({
      name: 'execute',
      arguments: { planId: String(plan?.id), acknowledge: [], reason: 'CHG-1' },
    })
    t.match(early, { isError: true, content: [{ text: /ACKNOWLEDGEMENT_MISSING/ }] })

    const order = { planId: plan?.id, acknowledge: codes, reason: 'CHG-1', holdBeforeCutOver: true }
    const { job } = await call(client, 'execute', order)
    const again = await call(client, 'execute', { ...order, reason: 'again' })
    t.equal(again.job?.id, job?.id, 'the same job')

    const jobId = job?.id
    const held = await call(client, 'follow_job', { jobId })
    t.match(held.job, { hold: { status: 'Held' } })
    await call(client, 'release', { jobId, reason: 'agreed' })
    const progress: number[] = []
    const onprogress = (update: { progress: number }) => progress.push(update.progress)
    const ended = await call(client, 'follow_job', { jobId, waitSeconds: 50 }, { onprogress })
    t.match(ended.job, { status: 'Succeeded', error: null })
    t.ok(progress.length > 0, 'reports progress')
    t.strictSame(
      progress,
      progress.toSorted((a, b) => a - b),
    )

    for (const uri of [`egress://plans/${plan?.id}`, `egress://jobs/${jobId}`]) {
      const { contents } = await client.readResource({ uri })
      t.match(contents, [{ mimeType: 'text/markdown', text: /<data id=/ }])
    }
    const rollback = await call(client, 'roll_back', { jobId })
    t.match(rollback.plan, { status: /applicable|blocked/ })
    const over = await client.callTool({
      name: 'cancel',
      arguments: { jobId: String(jobId), reason: 'late' },
    })
    t.match(over, { isError: true, content: [{ text: /JOB_ALREADY_FINISHED/ }] })

    const { body } = await planner.get(`/v1/audit?jobId=${jobId}`)
    const kinds = new Set(listOf(body.items).map(({ actor }) => String(actor?.kind)))
    t.strictSame([...kinds], ['agent'])
  })

t.test('the prompt leads from the cluster to the decision of the user', async (t) => {
  const client = await connect(t, planner.url, 'auto')
  const { prompts } = await client.listPrompts()
  const { messages } = await client.getPrompt({
    name: prompts[0]?.name ?? '',
    arguments: { cluster: 'lb-managed' },
  })
  t.match(messages, [{ role: 'user', content: { text: /Ask me about each code separately/ } }])
  const { resourceTemplates } = await client.listResourceTemplates()
  t.equal(resourceTemplates.length, 2)
})
