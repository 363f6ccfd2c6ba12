import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { contractViolations, undocumentedProblems } from '../../support/contract-check.ts'
import { isServerTested, putDatabase, sharedServer } from '../../support/databases.ts'
import { QUICK_FLAGS, type StartedProcess, startService } from '../../support/processes.ts'
import { leaseService } from '../../support/run/lease-service.ts'
import { assertServiceAnnounced } from '../../support/watcher.ts'

/** Any JSON, loosely typed: tests read members of bodies, and an absent member shows in the comparison. */
export interface Loose {
  [member: string]: Loose
}

/** The list behind a loose value. */
export function listOf(value: Loose | undefined): Loose[] {
  return (value ?? []) as unknown as Loose[]
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The answer as JSON; null where it is none. */
  body: Loose
}

/** The service over HTTP, and nothing else of it. */
export interface Client {
  url: string
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** The simulator's own endpoints, and those of Resource Manager that it plays. */
const NOT_OURS = /^\/(simulator|subscriptions|providers)\//i

/** Every answer is held against the OpenAPI document, unless it is the simulator's or that of another listener. */
export function client(url: string, isContract = true): Client {
  const ask: Client['ask'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method,
      ...(body === undefined
        ? { headers }
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': 'application/json', ...headers },
          }),
    })
    const text = await answer.text()
    const { status, headers: answered } = answer
    if (isContract && !NOT_OURS.test(path)) {
      const exchange = { method, path, status, contentType: answered.get('content-type'), text }
      const faults = [...contractViolations(exchange), ...undocumentedProblems(exchange)]
      if (faults.length > 0)
        throw new Error(`${method} ${path} is not answered as documented: ${faults.join('; ')}`)
    }
    return { status: answer.status, headers: answer.headers, text, body: parsed(text) }
  }
  return {
    url,
    ask,
    get: (path, headers) => ask('GET', path, undefined, headers),
    post: (path, body, headers) => ask('POST', path, body, headers),
    patch: (path, body, headers) => ask('PATCH', path, body, headers),
  }
}

function parsed(text: string): Loose {
  try {
    return JSON.parse(text) as Loose
  } catch {
    return null as unknown as Loose
  }
}

/** The service at BASE_URL, or a service that is started for this test. */
export async function anyService(t: Test, environment?: Record<string, string>): Promise<Client> {
  const base = process.env.BASE_URL
  return base === undefined ? service(t, environment) : client(base.replace(/\/$/, ''))
}

export interface Service extends Client {
  process: StartedProcess
  dataDir: string
  /** Settings with which another process starts on the same data. */
  storage: Record<string, string>
  /** One of the simulator's own endpoints. */
  simulator(method: string, path: string, body?: unknown): Promise<Loose>
}

export function temporaryFolder(t: Test): Promise<string> {
  return mkdtemp(join(tmpdir(), 'egress-planner-')).then((folder) => {
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    return folder
  })
}

/**
 * The service with simulated Azure, two hundred times as fast: one of the run's pool, with an empty database and the demo
 * fleet. Given any settings, even none, it is a process of the test's own: see `ownService`.
 */
export async function service(t: Test, environment?: Record<string, string>): Promise<Service> {
  const server = environment === undefined && (await isServerTested()) ? await sharedServer() : null
  return server === null ? ownService(t, environment) : leasedService(t, server.poolPort)
}

/**
 * Starts the service as a process that stops with the test: for tests that configure it, stop it, or read its log. A
 * test that names a folder or a database starts the service on it again. Any other test gets the engine that
 * `TEST_ENGINE` selects.
 */
export async function ownService(t: Test, environment: Record<string, string> = {}): Promise<Service> {
  const { DATA_DIR: dataDir = await temporaryFolder(t) } = environment
  const database: Record<string, string> = {}
  if (environment.DATABASE_URL === undefined) {
    const server =
      environment.DATA_DIR === undefined && (await isServerTested()) ? await sharedServer() : null
    if (server === null) await putDatabase(join(dataDir, 'database'))
    else database.DATABASE_URL = await server.create(t, 'template_migrated')
  }
  const started = await startService(
    {
      DATA_DIR: dataDir,
      SIMULATOR_TIME_SCALE: '200',
      ...database,
      ...environment,
    },
    QUICK_FLAGS,
  )
  t.teardown(() => assertedBefore(started, () => started.kill()))
  return toService(started, { DATA_DIR: dataDir, ...database })
}

/** Every suite fails on what happened to a simulated network and no plan had announced. */
async function assertedBefore(started: StartedProcess, end: () => unknown): Promise<void> {
  try {
    await assertServiceAnnounced(started)
  } finally {
    await end()
  }
}

async function leasedService(t: Test, poolPort: number): Promise<Service> {
  const lease = await leaseService(poolPort)
  t.teardown(() => assertedBefore(lease.process, lease.release))
  return toService(lease.process, {})
}

function toService(started: StartedProcess, storage: Record<string, string>): Service {
  const simulated = client(started.simulatorUrl ?? '')
  return {
    ...client(started.url),
    process: started,
    dataDir: storage.DATA_DIR ?? '',
    storage,
    async simulator(method, path, body) {
      if (path === 'reset') await assertServiceAnnounced(started)
      const answer = await simulated.ask(method, `/simulator/${path}`, body)
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
      return answer.body
    },
  }
}

const PAUSE_MS = 50

/** Asks again until the answer is as wanted; throws with the last one when it takes too long. */
export async function until<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  limitMs = 20_000,
): Promise<T> {
  const end = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
    if (Date.now() > end) throw new Error(`Not within ${limitMs} ms; last: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

const WAIT_SECONDS = 5

/**
 * Waits until a job has ended, however, by polls that the service answers as soon as there is news. Throws when there is
 * no news for too long: on a busy machine a job takes longer, but it continues.
 */
export async function ended({ get }: Client, jobId: string, limitMs = 20_000): Promise<Loose> {
  const final = ['Succeeded', 'Failed', 'Canceled']
  let end = Date.now() + limitMs
  let headers: Record<string, string> = {}
  let job: Loose = {}
  while (!final.includes(String(job.status))) {
    if (Date.now() > end) throw new Error(`Not within ${limitMs} ms; last: ${JSON.stringify(job)}`)
    const answer = await get(`/v1/jobs/${jobId}`, headers)
    const etag = answer.headers.get('etag')
    if (answer.status === 200) {
      job = answer.body
      end = Date.now() + limitMs
    }
    if (etag === null) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    else headers = { prefer: `wait=${WAIT_SECONDS}`, 'if-none-match': etag }
  }
  return job
}

/**
 * The changes that the simulator received, oldest first. A query of Resource Graph is a POST that changes nothing.
 */
export async function writes({ simulator }: Service): Promise<Loose[]> {
  const requests = listOf(await simulator('GET', 'requests'))
  return requests.filter(
    ({ method, path }) =>
      String(method) !== 'GET' && !String(path).startsWith('/providers/Microsoft.ResourceGraph/resources?'),
  )
}
