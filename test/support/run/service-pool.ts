import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { QUICK_FLAGS, type StartedProcess, startService } from '../processes.ts'

/** What a lease shows of its service. */
export interface LeasedService {
  url: string
  simulatorUrl: string
  pid: number
}

interface PooledService extends LeasedService {
  process: StartedProcess
  databaseUrl: string
  /** Stops the service after a long time without a lease. */
  idle: NodeJS.Timeout | undefined
}

/** How fast the simulator of a leased service runs, as the service itself was started with. */
const TIME_SCALE = 200
/** An unleased service costs 3 % of a core; its start costs as much as 80 s of that. */
const IDLE_LIMIT_MS = 30_000
/** Jobs of the former lease end within seconds; a service that takes longer is replaced. */
const CLEAN_LIMIT_MS = 20_000
const PAUSE_MS = 50
const LOG_LINES = 20

/**
 * Services that test files lease one after the other, each while its connection to `port` is open. Starting a service
 * takes longer than most files do. A lease begins with an empty database and the demo fleet. The first line that a
 * connection receives describes the service; a second line states why it ended, if it does.
 */
export async function startServicePool(createDatabase: (name: string) => Promise<string>) {
  const folder = await mkdtemp(join(tmpdir(), 'egress-planner-pool-'))
  const started = new Set<PooledService>()
  const free: PooledService[] = []
  const cleaning = new Set<Promise<void>>()
  let count = 0

  async function start(): Promise<PooledService> {
    count += 1
    const databaseUrl = await createDatabase(`pool_${count}`)
    const process = await startService(
      {
        DATA_DIR: join(folder, String(count)),
        DATABASE_URL: databaseUrl,
        SIMULATOR_TIME_SCALE: String(TIME_SCALE),
      },
      QUICK_FLAGS,
    )
    const { url, pid, simulatorUrl } = process
    const service = { url, pid, simulatorUrl: simulatorUrl ?? '', process, databaseUrl, idle: undefined }
    started.add(service)
    void process.ended.then(() => end(service))
    return service
  }

  function end(service: PooledService): void {
    started.delete(service)
    if (free.includes(service)) free.splice(free.indexOf(service), 1)
    clearTimeout(service.idle)
    void service.process.kill()
  }

  /** Waits only for services that are being cleaned, never for another lease: a file may have several. */
  async function take(): Promise<PooledService> {
    while (free.length === 0 && cleaning.size > 0) await Promise.race(cleaning)
    const service = free.pop() ?? (await start())
    clearTimeout(service.idle)
    return service
  }

  async function putBack(service: PooledService): Promise<void> {
    try {
      await clean(service)
      if (!started.has(service)) return
      free.push(service)
      service.idle = setTimeout(() => end(service), IDLE_LIMIT_MS)
    } catch {
      end(service)
    }
  }

  async function lease(socket: Socket): Promise<void> {
    socket.on('error', () => undefined).resume()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const service = await take()
    const { url, simulatorUrl, pid, process } = service
    tell(socket, { url, simulatorUrl, pid })
    void process.ended.then((code) =>
      tell(socket, { error: `ended with ${code}:\n${process.lines.slice(-LOG_LINES).join('\n')}` }),
    )
    await closed
    const cleaned = putBack(service)
    cleaning.add(cleaned)
    await cleaned
    cleaning.delete(cleaned)
  }

  const server = createServer((socket) => {
    lease(socket).catch((error: unknown) => tell(socket, { error: String(error) }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      server.close()
      const ended = [...started].map((service) => {
        end(service)
        return service.process.ended
      })
      await Promise.all(ended)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function tell(socket: Socket, line: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`)
}

/** Ends what runs, empties the database and resets the simulator; throws if the service does not come to rest. */
async function clean({ url, simulatorUrl, databaseUrl }: PooledService): Promise<void> {
  await send('POST', `${simulatorUrl}/simulator/clock`, { mode: 'auto', scale: TIME_SCALE })
  await send('DELETE', `${simulatorUrl}/simulator/faults`)
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const end = Date.now() + CLEAN_LIMIT_MS
    for (let ids = await unfinished(client); ids.length > 0; ids = await unfinished(client)) {
      if (Date.now() > end) throw new Error(`jobs have not ended: ${ids.join(', ')}`)
      for (const id of ids) await fetch(`${url}/v1/jobs/${id}/cancellation`, { method: 'POST' })
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    await client.query('set session_replication_role = replica')
    await client.query(`truncate ${(await tables(client)).join(', ')}`)
    await client.query("delete from queue.job where name in ('job-tick', 'webhook-delivery')")
  } finally {
    await client.end()
  }
  await send('POST', `${simulatorUrl}/simulator/reset`)
}

async function unfinished(client: Client): Promise<string[]> {
  const { rows } = await client.query("select id from jobs where status in ('NotStarted', 'Running')")
  return rows.map(({ id }: { id: string }) => id)
}

/** All tables whose rows come from requests. */
async function tables(client: Client): Promise<string[]> {
  const { rows } = await client.query(
    "select tablename from pg_tables where schemaname = 'public' and tablename not in ('schema_migrations', 'secrets')",
  )
  return rows.map(({ tablename }: { tablename: string }) => tablename)
}

async function send(method: string, url: string, body?: object): Promise<void> {
  const answer = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status}`)
}
