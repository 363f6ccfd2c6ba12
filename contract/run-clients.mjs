// Generates three clients from the checked-in document, compiles them under strict TypeScript, and lets each run the
// main job against a service of its own with simulated Azure. Ends with 1 where one of them does not come to its end.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const DOCUMENT = '../openapi/openapi.json'
/** A client, and the cluster of the demo fleet that it changes: jobs on one cluster would wait for each other. */
const CLIENTS = { 'clients/hey-api': 'lb-managed-ranges', 'clients/orval': 'lb-own-ips', '.generated/bot/bot': 'lb-managed' }

const run = (program, args, environment = {}) =>
  execFileSync(process.execPath, [join(HERE, 'node_modules', program), ...args], {
    cwd: HERE,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Its folder is still written to until the process has ended: who removes it earlier breaks the shutdown, and his own removal. */
async function stopService(child) {
  if (child.exitCode === null) {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  if (child.exitCode !== 0) throw new Error(`the service ended with ${child.exitCode ?? child.signalCode}`)
}

function startService(dataDir) {
  // The flags of `npm start`, without which the embedded database is compiled twice.
  const child = spawn(process.execPath, ['--liftoff-only', 'src/main.ts'], {
    cwd: join(HERE, '..'),
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: dataDir, SIMULATOR_TIME_SCALE: '200' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { url } = JSON.parse(line)
      if (url !== undefined) resolve({ url, stop: () => stopService(child) })
    })
  })
}

/** The client of docs/http-api.md, unchanged except for the address of the service. */
function writeBot(url) {
  const page = readFileSync(join(HERE, '../docs/http-api.md'), 'utf8')
  const [, code] = /<!-- bot -->\n```ts\n([\s\S]*?)```/.exec(page) ?? []
  if (code === undefined) throw new Error('docs/http-api.md shows no client')
  mkdirSync(join(HERE, '.generated/bot'), { recursive: true })
  writeFileSync(join(HERE, '.generated/bot/bot.ts'), code.replace('http://127.0.0.1:8080', url))
}

const dataDir = mkdtempSync(join(tmpdir(), 'egress-planner-clients-'))
const service = await startService(dataDir)
let failed = 0
try {
  rmSync(join(HERE, '.generated'), { recursive: true, force: true })
  writeBot(service.url)
  run('openapi-typescript/bin/cli.js', [DOCUMENT, '-o', '.generated/bot/planner.ts'])
  run('@hey-api/openapi-ts/bin/run.js', ['-i', DOCUMENT, '-o', '.generated/hey-api'])
  run('orval/dist/bin/orval.mjs', ['--config', 'orval.config.mjs'], { BASE_URL: service.url })
  run('typescript/bin/tsc', ['-p', '.'])
  for (const [name, cluster] of Object.entries(CLIENTS)) {
    const environment = { BASE_URL: service.url, CLUSTER: cluster }
    const said = run(`../.generated/js/${name}.js`, [], environment).trim()
    const isWell = said.startsWith('Succeeded') && /\d+\.\d+\.\d+\.\d+/.test(said)
    process.stdout.write(`${isWell ? 'ok' : 'not ok'} ${name}: ${said.replace(/\s+/g, ' ')}\n`)
    if (!isWell) failed++
  }
} finally {
  await service.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
process.exitCode = failed === 0 ? 0 : 1
