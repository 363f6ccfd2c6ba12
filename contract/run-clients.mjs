// Generates three clients from the checked-in document, compiles them under strict TypeScript, and lets each run the
// main job against a service of its own with simulated Azure. Ends with 1 if one of them does not complete the job.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withService } from './service.mjs'

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

/** The client of docs/http-api.md, unchanged except for the address of the service. */
function writeBot(url) {
  const page = readFileSync(join(HERE, '../docs/http-api.md'), 'utf8')
  const [, code] = /<!-- bot -->\n```ts\n([\s\S]*?)```/.exec(page) ?? []
  if (code === undefined) throw new Error('docs/http-api.md shows no client')
  mkdirSync(join(HERE, '.generated/bot'), { recursive: true })
  writeFileSync(join(HERE, '.generated/bot/bot.ts'), code.replace('http://127.0.0.1:8080', url))
}

let failed = 0
await withService((url) => {
  rmSync(join(HERE, '.generated'), { recursive: true, force: true })
  writeBot(url)
  run('openapi-typescript/bin/cli.js', [DOCUMENT, '-o', '.generated/bot/planner.ts'])
  run('@hey-api/openapi-ts/bin/run.js', ['-i', DOCUMENT, '-o', '.generated/hey-api'])
  run('orval/dist/bin/orval.mjs', ['--config', 'orval.config.mjs'], { BASE_URL: url })
  run('typescript/bin/tsc', ['-p', '.'])
  for (const [name, cluster] of Object.entries(CLIENTS)) {
    const output = run(`../.generated/js/${name}.js`, [], { BASE_URL: url, CLUSTER: cluster }).trim()
    const isCorrect = output.startsWith('Succeeded') && /\d+\.\d+\.\d+\.\d+/.test(output)
    process.stdout.write(`${isCorrect ? 'ok' : 'not ok'} ${name}: ${output.replace(/\s+/g, ' ')}\n`)
    if (!isCorrect) failed++
  }
})
process.exitCode = failed === 0 ? 0 : 1
