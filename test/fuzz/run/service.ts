import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import selfsigned from 'selfsigned'
import type { Test } from 'tap'
import { AUDIENCE, startIssuer, TENANT, unsigned } from '../../routes/support/issuer.ts'
import { isServerTested, putDatabase, sharedServer } from '../../support/databases.ts'
import { DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import { QUICK_FLAGS, type StartedProcess, startService } from '../../support/processes.ts'
import { receiverServer } from '../../webhooks/support/receiver-server.ts'
import { PEOPLE, policyOf } from '../callers.ts'

/** The header `Authorization` of each caller; absent for an anonymous caller. */
export type Tokens = ReadonlyMap<string, string>

/** An issuer on loopback, and a token of everybody who calls. */
async function issueTokens(t: Test, tls: { key: string; cert: string }) {
  const issuer = await startIssuer(t, tls)
  const sign = await issuer.addKey('one')
  const bearer = async (claims: object, expires: string | number = '5h') =>
    `Bearer ${await sign({ ...claims }, expires)}`
  const people = PEOPLE.map(async ({ name, oid, grants }) => {
    const claims = { oid, scp: grants.join(' '), preferred_username: `${name}@example.com` }
    return [name, await bearer(claims)] as const
  })
  const tokens: Tokens = new Map([
    ...(await Promise.all(people)),
    ['expired', await bearer({ scp: 'Egress.Read' }, 1_700_000_000)],
    ['unsigned', `Bearer ${unsigned({ scp: 'Egress.Read' })}`],
    ['garbled', 'Bearer a.b.c'],
  ])
  return { authority: issuer.authority, tokens }
}

export interface Memory {
  heapUsed: number
  rss: number
}

/** The whole service as its own process, with simulated Azure and without rate limits. */
export interface FuzzedService {
  url: string
  tokens: Tokens
  /** Where messages are taken. */
  receiver: string
  /** What is in use after the garbage is collected. */
  memory(): Promise<Memory>
  /** The demo fleet as it is at the beginning. */
  resetFleet(): Promise<void>
  /** Lines of the log so far that report an error, and lines that are not log lines. */
  faults(): string[]
  stop(): Promise<number | string>
}

const TELL_MEMORY = fileURLToPath(new URL('tell-memory.ts', import.meta.url))
/** Of pino: error and fatal. */
const ERROR = 50
const LIMIT_MS = 20_000

/**
 * Starts it with callers who have to prove themselves, and an access policy. `isShort` is a run that needs no more of the
 * database than `TEST_ENGINE` selects; a long one holds the memory of the service with the embedded engine.
 */
export async function startFuzzed(t: Test, isShort: boolean): Promise<FuzzedService> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-fuzz-'))
  const { private: key, cert } = await selfsigned.generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  await writeFile(join(folder, 'ca.pem'), cert)
  await writeFile(join(folder, 'access.json'), JSON.stringify(policyOf(DEMO_SUBSCRIPTION)))
  const { authority, tokens } = await issueTokens(t, { key, cert })
  const receiver = await shortLivedReceiver(t)
  const server = isShort && (await isServerTested()) ? await sharedServer() : null
  if (server === null) await putDatabase(join(folder, 'data/database'))
  const environment = {
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    DATA_DIR: join(folder, 'data'),
    ...(server === null ? {} : { DATABASE_URL: await server.create(t, 'template_migrated') }),
    AUTH_MODE: 'entra',
    ENTRA_TENANT_ID: TENANT,
    ENTRA_AUDIENCE: AUDIENCE,
    ENTRA_AUTHORITY: authority,
    ACCESS_POLICY_FILE: join(folder, 'access.json'),
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    SIMULATOR_TIME_SCALE: '2000',
    RATE_LIMIT_READS: '0',
    RATE_LIMIT_WRITES: '0',
  }
  const flags = ['--expose-gc', '--import', TELL_MEMORY, ...(isShort ? QUICK_FLAGS : [])]
  const started = await startService(environment, flags)
  t.teardown(async () => {
    await started.kill()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    url: started.url,
    tokens,
    receiver,
    memory: () => memoryOf(started),
    async resetFleet() {
      const answer = await fetch(`${started.simulatorUrl}/simulator/reset`, { method: 'POST' })
      if (!answer.ok) throw new Error(`the fleet could not be reset: ${answer.status}`)
    },
    faults: faultsIn(started.lines),
    stop: () => started.stop(),
  }
}

/**
 * Accepts some messages and rejects others with 410, which disables their webhooks. Otherwise, after an hour every
 * job event would be sent to a hundred webhooks.
 */
async function shortLivedReceiver(t: Test): Promise<string> {
  const server = await receiverServer(t)
  server.answer = (response, { headers }) => {
    server.received.length = 0
    response.writeHead(/[0-3]$/.test(String(headers['webhook-id'])) ? 204 : 410).end()
  }
  return server.url
}

async function memoryOf(started: StartedProcess): Promise<Memory> {
  const { lines, pid } = started
  const isMemory = (line: string) => line.startsWith('{"level":30,"memory"')
  const before = lines.filter(isMemory).length
  process.kill(pid, 'SIGUSR2')
  for (let waited = 0; waited < LIMIT_MS; waited += 20) {
    const told = lines.filter(isMemory)
    if (told.length > before) return (JSON.parse(told.at(-1) ?? '') as { memory: Memory }).memory
    await pause(20)
  }
  throw new Error('the service does not tell its memory')
}

/** Looks at each line once: there are several of them for each request. */
function faultsIn(lines: string[]): () => string[] {
  const found: string[] = []
  let looked = 0
  return () => {
    for (; looked < lines.length; looked++) {
      const line = lines[looked] ?? ''
      if (isFault(line)) found.push(line)
    }
    return found
  }
}

function isFault(line: string): boolean {
  try {
    return Number((JSON.parse(line) as { level?: unknown }).level) >= ERROR
  } catch {
    return true
  }
}

interface Job {
  id: string
  status: string
  schedule: unknown
  hold: { status: string } | null
}

const UNFINISHED = ['NotStarted', 'Running']
const JOB_LIMIT_MS = 60_000
const PAUSE_MS = 50

/** Cancels jobs that wait for a scheduled time, which may be days ahead, and releases held jobs. */
export async function cancelWaiting(service: FuzzedService, ids: string[]): Promise<void> {
  for (const id of ids) {
    const job = await read(service, id)
    if (job?.status === 'NotStarted' && job.schedule !== null)
      await ask(service, `/v1/jobs/${id}/cancellation`, 'POST')
    else if (job?.hold !== null && job?.hold.status !== 'Released')
      await ask(service, `/v1/jobs/${id}/release`, 'POST')
  }
}

/** Waits until jobs have ended by themselves. */
export async function endOfJobs(service: FuzzedService, ids: Iterable<string>): Promise<void> {
  const end = Date.now() + JOB_LIMIT_MS
  for (const id of ids)
    for (
      let job = await read(service, id);
      UNFINISHED.includes(job?.status ?? '');
      job = await read(service, id)
    ) {
      if (Date.now() > end) throw new Error(`the job ${id} has not ended: ${JSON.stringify(job)}`)
      await pause(PAUSE_MS)
    }
}

/** Ids of jobs that have not ended. */
export async function unfinishedJobs(service: FuzzedService): Promise<string[]> {
  const lists = await Promise.all(
    UNFINISHED.map((status) => ask(service, `/v1/jobs?status=${status}&limit=100`)),
  )
  const bodies = await Promise.all(lists.map((each) => each.json() as Promise<{ items: Job[] }>))
  return bodies.flatMap(({ items }) => items.map(({ id }) => id))
}

async function read(service: FuzzedService, id: string): Promise<Job | null> {
  const answer = await ask(service, `/v1/jobs/${id}`)
  return answer.ok ? ((await answer.json()) as Job) : null
}

function ask({ url, tokens }: FuzzedService, path: string, method = 'GET'): Promise<Response> {
  return fetch(url + path, { method, headers: { authorization: tokens.get('maker') ?? '' } })
}
