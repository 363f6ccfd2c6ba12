import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { contractViolations, undocumentedProblems } from '../../support/contract-check.ts'
import { isServerTested, putEmptyDatabase, sharedServer } from '../../support/databases.ts'
import { type StartedProcess, startService } from '../../support/processes.ts'
import { assertStartedAnnounced } from '../../support/watcher.ts'

/** Any JSON, loosely: tests look into bodies by name, and an absent member shows in the comparison. */
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
  }
}

function parsed(text: string): Loose {
  try {
    return JSON.parse(text) as Loose
  } catch {
    return null as unknown as Loose
  }
}

/** A service that stands at BASE_URL, or one that is started for this test. */
export async function anyService(t: Test, environment: Record<string, string> = {}): Promise<Client> {
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
 * Starts the service as a process with simulated Azure, two hundred times as fast; stopped with the test. A test that
 * names a folder or a database means to start on it again; any other gets the engine that `TEST_ENGINE` selects.
 */
export async function service(t: Test, environment: Record<string, string> = {}): Promise<Service> {
  const { DATA_DIR: dataDir = await temporaryFolder(t) } = environment
  const database: Record<string, string> = {}
  if (environment.DATABASE_URL === undefined) {
    const server =
      environment.DATA_DIR === undefined && (await isServerTested()) ? await sharedServer() : null
    if (server === null) await putEmptyDatabase(join(dataDir, 'database'))
    else database.DATABASE_URL = await server.create(t, 'template_migrated')
  }
  const started = await startService({
    DATA_DIR: dataDir,
    SIMULATOR_TIME_SCALE: '200',
    ...database,
    ...environment,
  })
  t.teardown(async () => {
    try {
      await assertStartedAnnounced(started)
    } finally {
      await started.kill()
    }
  })
  const simulated = client(started.simulatorUrl ?? '')
  return {
    ...client(started.url),
    process: started,
    dataDir,
    storage: { DATA_DIR: dataDir, ...database },
    async simulator(method, path, body) {
      if (path === 'reset') await assertStartedAnnounced(started)
      const answer = await simulated.ask(method, `/simulator/${path}`, body)
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
      return answer.body
    },
  }
}

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
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Polls a job until it has ended, however. */
export function ended({ get }: Client, jobId: string, limitMs?: number): Promise<Loose> {
  const final = ['Succeeded', 'Failed', 'Canceled']
  return until(
    async () => (await get(`/v1/jobs/${jobId}`)).body,
    (job) => final.includes(String(job.status)),
    limitMs,
  )
}

/** What the simulator was told to change, oldest first. A query of Resource Graph is a POST that changes nothing. */
export async function writes({ simulator }: Service): Promise<Loose[]> {
  const requests = listOf(await simulator('GET', 'requests'))
  return requests.filter(
    ({ method, path }) =>
      String(method) !== 'GET' && !String(path).startsWith('/providers/Microsoft.ResourceGraph/resources?'),
  )
}
