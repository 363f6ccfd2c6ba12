import t from 'tap'
import { EXAMPLE_JOB, EXAMPLE_PLAN } from '../../src/routes/examples/jobs.ts'
import { JOB_ID, ownApp } from '../routes/support/fakes.ts'
import { connect } from './support/mcp-client.ts'
import { TOOL_ROWS } from './support/tool-rows.ts'

for (const era of ['auto', 'legacy'] as const)
  t.test(`a stop completes the tool calls in flight, negotiating ${era}`, async (t) => {
    const { app, rooms } = await ownApp(t)
    rooms.job = { ...EXAMPLE_JOB, status: 'Running' }
    const watched = Promise.withResolvers<void>()
    const { watch } = rooms.changes
    rooms.changes.watch = (...given) => {
      watched.resolve()
      return watch(...given)
    }
    const asked = Promise.withResolvers<void>()
    const planned = Promise.withResolvers<void>()
    const { makePlan } = rooms.planning
    rooms.planning.makePlan = async (...given) => {
      asked.resolve()
      await planned.promise
      return makePlan(...given)
    }
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const client = await connect(t, url, era)
    const followed = client.callTool({ name: 'follow_job', arguments: { jobId: JOB_ID, waitSeconds: 50 } })
    const plan = client.callTool({ name: 'plan', arguments: { ...TOOL_ROWS.plan } })
    await Promise.all([watched.promise, asked.promise])
    const closed = app.close()
    t.match(await followed, { structuredContent: { job: { id: JOB_ID, status: 'Running' } } })
    planned.resolve()
    t.match(await plan, { structuredContent: { plan: { id: EXAMPLE_PLAN.id } } })
    await closed
  })

t.test('a tool that needs a further operation while the service stops returns what it knows', async (t) => {
  const { app, rooms } = await ownApp(t)
  rooms.job = { ...EXAMPLE_JOB, status: 'Running' }
  const client = await connect(t, await app.listen({ host: '127.0.0.1', port: 0 }))
  let closed: Promise<void> | undefined
  const { getText } = rooms.jobs
  rooms.jobs.getText = async (...given) => {
    closed ??= app.close()
    return getText(...given)
  }
  const followed = await client.callTool({
    name: 'follow_job',
    arguments: { jobId: JOB_ID, waitSeconds: 50 },
  })
  t.match(followed, { structuredContent: { job: { id: JOB_ID, status: 'Running' } } })
  await closed
})
