// The main job of an agent, done by the command line of the MCP Inspector against a service of its own.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const inspector = join(root, 'contract/node_modules/.bin/mcp-inspector')
const folder = mkdtempSync(join(tmpdir(), 'egress-inspector-'))
const service = spawn(process.execPath, ['src/main.ts'], {
  cwd: root,
  env: { ...process.env, PORT: '0', DATA_DIR: join(folder, 'data'), SIMULATOR_TIME_SCALE: '200' },
  stdio: ['ignore', 'pipe', 'inherit'],
})

/** The address of the service, from its log. */
async function listening() {
  for await (const line of createInterface({ input: service.stdout })) {
    const { url } = JSON.parse(line)
    if (typeof url === 'string') {
      service.stdout.resume()
      return url
    }
  }
  throw new Error('the service has ended')
}

async function inspect(url, method, ...options) {
  const home = { ...process.env, HOME: folder, MCP_CATALOG_PATH: join(folder, 'mcp.json') }
  const args = [inspector, '--cli', `${url}/mcp`, '--transport', 'http', '--method', method, '--format', 'json', '-q']
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...options], { env: home })
  const answer = JSON.parse(stdout)
  return answer.result ?? answer
}

async function call(url, name, args, ...options) {
  const answer = await inspect(
    url,
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
async function findCluster(url, name) {
  const end = Date.now() + MAX_INVENTORY_MS
  while (Date.now() < end) {
    const { clusters } = await call(url, 'find_clusters', { name })
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
async function follow(url, jobId, isReached) {
  for (let calls = 0; calls < MAX_FOLLOWS; calls++) {
    const { job } = await call(url, 'follow_job', { jobId, waitSeconds: 40 }, ...MODERN)
    if (isReached(job)) return job
  }
  throw new Error(`The job ${jobId} does not reach the expected state.`)
}

const isOver = ({ status }) => status !== 'NotStarted' && status !== 'Running'
const isHeld = (job) => job.hold?.status === 'Held' || isOver(job)

/** Plans, explains what must be acknowledged, and executes with a hold before the cutover. */
async function executeHeld(url, cluster) {
  const { plan } = await call(url, 'plan', { cluster, target: { outboundType: 'managedNATGateway' }, reason: 'CHG-1' })
  assert.equal(plan.status, 'applicable')
  const acknowledge = plan.acknowledgementsRequired
  const { finding } = await call(url, 'explain_finding', { code: acknowledge[0] })
  assert.equal(finding.code, acknowledge[0])
  const order = { planId: plan.id, acknowledge, reason: 'CHG-1', holdBeforeCutOver: true }
  const [{ job }, { job: again }] = [await call(url, 'execute', order), await call(url, 'execute', order)]
  assert.equal(again.id, job.id, 'a repeated execute returns the same job')
  assert.match(again.alreadyExecuted, /not applied/)
  const held = await follow(url, job.id, isHeld)
  assert.equal(held.hold.status, 'Held')
  return { planId: plan.id, jobId: job.id }
}

/** Releases the job, then restores the former egress with a rollback plan. */
async function releaseAndRollBack(url, { planId, jobId }) {
  await call(url, 'release', { jobId, reason: 'agreed' })
  assert.equal((await follow(url, jobId, isOver)).status, 'Succeeded')
  const uris = [`egress://plans/${planId}`, `egress://jobs/${jobId}`]
  for (const uri of uris) {
    const { contents } = await inspect(url, 'resources/read', '--uri', uri)
    assert.match(contents[0].text, /<data id=/)
  }
  const { plan } = await call(url, 'roll_back', { jobId })
  const { job } = await call(url, 'execute', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
    reason: 'CHG-1 back',
  })
  assert.equal((await follow(url, job.id, isOver)).status, 'Succeeded')
  const { plan: executed } = await call(url, 'read_plan', { planId: plan.id })
  assert.equal(executed.status, 'executed')
}

async function cancelHeld(url, { jobId }) {
  await call(url, 'cancel', { jobId, reason: 'not today' })
  assert.equal((await follow(url, jobId, isOver)).status, 'Canceled')
}

try {
  const url = await listening()
  const [first, second] = [await findCluster(url, 'lb-managed'), await findCluster(url, 'lb-managed-ranges')]
  const [{ tools }, { prompts }, { comparison }] = await Promise.all([
    inspect(url, 'tools/list', '--strict'),
    inspect(url, 'prompts/list'),
    call(url, 'compare_targets', { cluster: first }, ...MODERN),
  ])
  assert.equal(tools.length, 11)
  assert.equal(prompts.length, 1)
  assert.ok(comparison.targets.length > 1)
  const { egress } = await call(url, 'read_egress', { cluster: first })
  assert.equal(egress.effective, 'loadBalancer')
  await Promise.all([
    executeHeld(url, first).then((held) => releaseAndRollBack(url, held)),
    executeHeld(url, second).then((held) => cancelHeld(url, held)),
  ])
  console.log('The MCP Inspector planned, executed, released, and rolled back a migration, and canceled another.')
} finally {
  service.kill()
  rmSync(folder, { recursive: true, force: true })
}
