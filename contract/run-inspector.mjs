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

/** The names of the cluster, once the first refresh of the inventory has found it. */
async function findCluster(url, name) {
  for (;;) {
    const { clusters } = await call(url, 'find_clusters', { name })
    const [found] = clusters.items
    if (found !== undefined) {
      const { subscriptionId, resourceGroup } = found
      return { subscriptionId, resourceGroup, name: found.name }
    }
    await setTimeout(500)
  }
}

try {
  const url = await listening()
  const cluster = await findCluster(url, 'lb-managed')
  const [{ tools }, { comparison }, { plan }] = await Promise.all([
    inspect(url, 'tools/list', '--strict'),
    call(url, 'compare_targets', { cluster }, '--protocol-era', 'modern'),
    call(url, 'plan', { cluster, target: { outboundType: 'managedNATGateway' } }),
  ])
  assert.equal(tools.length, 11)
  assert.ok(comparison.targets.length > 1)
  const [code] = plan.acknowledgementsRequired
  const [{ finding }, { job }] = await Promise.all([
    call(url, 'explain_finding', { code }),
    call(url, 'execute', { planId: plan.id, acknowledge: [code], reason: 'CHG-1' }),
  ])
  assert.equal(finding.code, code)
  const ended = await call(url, 'follow_job', { jobId: job.id, waitSeconds: 40 }, '--protocol-era', 'modern')
  assert.equal(ended.job.status, 'Succeeded')
  const report = await inspect(url, 'resources/read', '--uri', `egress://jobs/${job.id}`)
  assert.match(report.contents[0].text, /lb-managed/)
  console.log('The MCP Inspector planned and executed a migration.')
} finally {
  service.kill()
  rmSync(folder, { recursive: true, force: true })
}
