import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgresServer } from '../../test/support/postgres-server.ts'
import { type StartedProcess, startService, startSimulatorProcess } from '../../test/support/processes.ts'
import { ask } from './world.ts'

/** The service as one process on one of the engines, with Azure simulated by another process. */
export interface Engine {
  name: string
  kind: 'embedded' | 'server'
  service: StartedProcess
  simulator: StartedProcess
}

/** A subscription has a thousand public addresses, and of much else, unless it asks for more. */
const USAGES =
  '/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Network/locations/eastus/usages'
const LIMITED = [
  'PublicIPAddresses',
  'StaticPublicIPAddresses',
  'StandardSkuPublicIpAddresses',
  'VirtualNetworks',
  'NatGateways',
  'LoadBalancers',
]
const ROOM = LIMITED.map((name) => ({ id: `${USAGES}/${name}`, limit: 100_000 }))

interface Wanted {
  timeScale: number
  /** Without it, the demo clusters. */
  fleet?: { count: number; like: string }
}

/** The service on its embedded database. */
export function separateProcesses(wanted: Wanted): AsyncGenerator<Engine> {
  return started('embedded database', 'embedded', wanted, null)
}

/** Each engine in turn, with the next one started when the one before has stopped; without a server only the first. */
export async function* engines(wanted: Wanted): AsyncGenerator<Engine> {
  const only = process.env.ENGINE
  if (only !== 'server') yield* separateProcesses(wanted)
  if (only === 'embedded') return
  const ends: (() => unknown)[] = []
  const server = await startPostgresServer({
    comment: (...words: unknown[]) => console.log(...words),
    teardown: (end) => ends.push(end),
  })
  try {
    if (server !== null) yield* started('PostgreSQL', 'server', wanted, server.url)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

async function* started(
  name: string,
  kind: Engine['kind'],
  { timeScale, fleet }: Wanted,
  databaseUrl: string | null,
): AsyncGenerator<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-bench-'))
  const running: StartedProcess[] = []
  try {
    const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: String(timeScale) })
    running.push(simulator)
    if (fleet !== undefined) await ask(`${simulator.url}/simulator/reset`, { fleet })
    await ask(`${simulator.url}/simulator/resources`, { put: ROOM })
    const settings = {
      DATA_DIR: folder,
      ARM_ENDPOINT: simulator.url,
      SIMULATOR_TIME_SCALE: String(timeScale),
      ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    }
    const service = await startService(settings)
    running.push(service)
    yield { name, kind, service, simulator }
  } finally {
    for (const each of running.reverse()) await each.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
