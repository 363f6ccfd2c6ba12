// The main job of an agent, done by the command line of the MCP Inspector against a service of its own.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withService } from './service.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const inspector = join(root, 'contract/node_modules/.bin/mcp-inspector')

async function inspect({ url, folder }, method, ...options) {
  const home = { ...process.env, HOME: folder, MCP_CATALOG_PATH: join(folder, 'mcp.json') }
  const args = [inspector, '--cli', `${url}/mcp`, '--transport', 'http', '--method', method, '--format', 'json', '-q']
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...options], { env: home })
  const answer = JSON.parse(stdout)
  return answer.result ?? answer
}

async function call(service, name, args, ...options) {
  const answer = await inspect(
    service,
    'tools/call',
    '--tool-name',
    name,
    '--tool-args-json',
    JSON.stringify(args),
    ...options,
  )
  assert.notEqual(answer.isError, true, JSON.stringify(answer))
  return answer.structuredContent
}

const MAX_INVENTORY_MS = 60_000

/** The names of the cluster, once the first refresh of the inventory has found it. */
async function findCluster(service, name) {
  const end = Date.now() + MAX_INVENTORY_MS
  while (Date.now() < end) {
    const { clusters } = await call(service, 'find_clusters', { name })
    const [found] = clusters.items
    if (found !== undefined) {
      const { subscriptionId, resourceGroup } = found
      return { subscriptionId, resourceGroup, name: found.name }
    }
    await setTimeout(500)
  }
  throw new Error(`The inventory has no cluster ${name} after ${MAX_INVENTORY_MS / 1_000} s.`)
}

const MODERN = ['--protocol-era', 'modern']
const MAX_FOLLOWS = 5

/** The job as soon as it has this state; each call waits for at most 40 s. */
async function follow(service, jobId, isReached) {
  for (let calls = 0; calls < MAX_FOLLOWS; calls++) {
    const { job } = await call(service, 'follow_job', { jobId, waitSeconds: 40 }, ...MODERN)
    if (isReached(job)) return job
  }
  throw new Error(`The job ${jobId} does not reach the expected state.`)
}

const isOver = ({ status }) => status !== 'NotStarted' && status !== 'Running'
const isHeld = (job) => job.hold?.status === 'Held' || isOver(job)

/** Plans, explains what must be acknowledged, and executes with a hold before the cutover. */
async function executeHeld(service, cluster) {
  const { plan } = await call(service, 'plan', { cluster, target: { outboundType: 'managedNATGateway' }, reason: 'CHG-1' })
  assert.equal(plan.status, 'applicable')
  const acknowledge = plan.acknowledgementsRequired
  const { finding } = await call(service, 'explain_finding', { code: acknowledge[0] })
  assert.equal(finding.code, acknowledge[0])
  const order = { planId: plan.id, acknowledge, reason: 'CHG-1', holdBeforeCutOver: true }
  const [{ job }, { job: again }] = [await call(service, 'execute', order), await call(service, 'execute', order)]
  assert.equal(again.id, job.id, 'a repeated execute returns the same job')
  assert.match(again.alreadyExecuted, /not applied/)
  const held = await follow(service, job.id, isHeld)
  assert.equal(held.hold.status, 'Held')
  return { planId: plan.id, jobId: job.id }
}

/** Releases the job, then restores the former egress with a rollback plan. */
async function releaseAndRollBack(service, { planId, jobId }) {
  await call(service, 'release', { jobId, reason: 'agreed' })
  assert.equal((await follow(service, jobId, isOver)).status, 'Succeeded')
  const uris = [`egress://plans/${planId}`, `egress://jobs/${jobId}`]
  for (const uri of uris) {
    const { contents } = await inspect(service, 'resources/read', '--uri', uri)
    assert.match(contents[0].text, /<data id=/)
  }
  const { plan } = await call(service, 'roll_back', { jobId })
  const { job } = await call(service, 'execute', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
    reason: 'CHG-1 back',
  })
  assert.equal((await follow(service, job.id, isOver)).status, 'Succeeded')
  const { plan: executed } = await call(service, 'read_plan', { planId: plan.id })
  assert.equal(executed.status, 'executed')
}

async function cancelHeld(service, { jobId }) {
  await call(service, 'cancel', { jobId, reason: 'not today' })
  assert.equal((await follow(service, jobId, isOver)).status, 'Canceled')
}

await withService(async (url, folder) => {
  const service = { url, folder }
  const [first, second] = [await findCluster(service, 'lb-managed'), await findCluster(service, 'lb-managed-ranges')]
  const [{ tools }, { prompts }, { comparison }] = await Promise.all([
    inspect(service, 'tools/list', '--strict'),
    inspect(service, 'prompts/list'),
    call(service, 'compare_targets', { cluster: first }, ...MODERN),
  ])
  assert.equal(tools.length, 11)
  assert.equal(prompts.length, 1)
  assert.ok(comparison.targets.length > 1)
  const { egress } = await call(service, 'read_egress', { cluster: first })
  assert.equal(egress.effective, 'loadBalancer')
  await Promise.all([
    executeHeld(service, first).then((held) => releaseAndRollBack(service, held)),
    executeHeld(service, second).then((held) => cancelHeld(service, held)),
  ])
  console.log('The MCP Inspector planned, executed, released, and rolled back a migration, and canceled another.')
})
