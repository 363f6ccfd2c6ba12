import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DOCKERFILE = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8')

/** The health check as the image has it. */
function command(): string[] {
  const [, words = '[]'] = /^HEALTHCHECK [\s\S]*?CMD (\[.*\])$/m.exec(DOCKERFILE) ?? []
  return JSON.parse(words) as string[]
}

/** The settings that the image brings. */
function imageSettings(): Record<string, string> {
  const [, line = ''] = /^ENV (.*)$/m.exec(DOCKERFILE) ?? []
  return Object.fromEntries(line.split(' ').map((pair) => pair.split('=')))
}

async function check(settings: Record<string, string>): Promise<{ code: unknown; said: string }> {
  const [program, ...rest] = command()
  t.equal(program, 'node')
  const env = { ...imageSettings(), TRUSTED_NETWORK: 'true', ...settings }
  const child = spawn(process.execPath, rest, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [said, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[unknown]>,
  ])
  return { code, said: said + errors }
}

/** A server whose readiness has this status; its port. */
async function readiness(t: Test, status: number): Promise<string> {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/readyz' ? status : 404).end('database: said\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return String((server.address() as AddressInfo).port)
}

const DATABASE_URL = 'postgres://db/planner'
const NOBODY = '1'

t.test('asks the port that the role serves', async (t) => {
  const ready = await readiness(t, 200)
  const roles: Record<string, string>[] = [
    { PORT: ready, METRICS_PORT: NOBODY },
    { ROLE: 'api', DATABASE_URL, PORT: ready, METRICS_PORT: NOBODY },
    { ROLE: 'worker', DATABASE_URL, PORT: NOBODY, METRICS_PORT: ready },
    { ROLE: 'worker', DATABASE_URL, PORT: NOBODY, METRICS_PORT: ready, METRICS_HOST: '0.0.0.0' },
  ]
  for (const settings of roles)
    t.match(await check(settings), { code: 0, said: /database: said/ }, JSON.stringify(settings))
})

t.test('reports a process that is not ready or not there', async (t) => {
  const unready = await readiness(t, 503)
  t.match(await check({ PORT: unready }), { code: 1, said: /503 database: said/ })
  t.match(await check({ ROLE: 'worker', DATABASE_URL, METRICS_PORT: unready }), { code: 1 })
  t.match(await check({ PORT: NOBODY }), { code: 1 })
  const unserved = await check({ ROLE: 'worker', DATABASE_URL, METRICS_PORT: '' })
  t.match(unserved, { code: 1, said: /requires METRICS_PORT/ })
})

t.test('the image brings the port that the health check of a worker needs', async (t) => {
  t.match(imageSettings(), { METRICS_PORT: /^\d+$/ })
  t.equal(imageSettings().METRICS_HOST, undefined, 'only reachable inside the container')
})
