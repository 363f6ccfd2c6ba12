import { join } from 'node:path'
import type { Test } from 'tap'
import { execute, makePlan, planFor } from '../../acceptance/support/requests.ts'
import {
  client,
  ended,
  type Loose,
  listOf,
  temporaryFolder,
  until,
} from '../../acceptance/support/service.ts'
import { putDatabase } from '../../support/databases.ts'
import { type StartedProcess, startService, startSimulatorProcess } from '../../support/processes.ts'
import { assertServiceAnnounced } from '../../support/watcher.ts'

/** One request in the simulator's log; `status` is null while it has no answer. */
export interface Sent {
  method: string
  path: string
  status: number | null
  requestBody: unknown
}

/**
 * The promise of the queue: another process takes over after this time at the latest if a heartbeat is missing.
 */
const TAKEOVER_MS = 15_000
/** Fast enough for a test, and slow enough that an operation is still under way at the first poll. */
const AZURE_SCALE = '300'

/**
 * Azure and the service as two processes, so that one can die and the other remembers. The service keeps its
 * folder over every start.
 */
export class TwoProcesses {
  readonly #simulator: StartedProcess
  readonly #environment: Record<string, string>
  #service: StartedProcess

  private constructor(
    simulator: StartedProcess,
    environment: Record<string, string>,
    service: StartedProcess,
  ) {
    this.#simulator = simulator
    this.#environment = environment
    this.#service = service
  }

  /** `waitScale` divides what the service waits of its own accord. */
  static async start(
    t: Test,
    waitScale = '40',
    settings: Record<string, string> = {},
  ): Promise<TwoProcesses> {
    const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: AZURE_SCALE })
    t.teardown(() => simulator.kill())
    const folder = await temporaryFolder(t)
    if (settings.DATABASE_URL === undefined) await putDatabase(join(folder, 'database'))
    const environment = {
      AZURE_MODE: 'simulated',
      ARM_ENDPOINT: simulator.url,
      DATA_DIR: folder,
      SIMULATOR_TIME_SCALE: waitScale,
      ...settings,
    }
    const world = new TwoProcesses(simulator, environment, await startService(environment))
    t.teardown(() => world.announcedAll().finally(() => world.kill()))
    return world
  }

  /** Fails on incidents of nodes and addresses that no executed plan announced. Jobs are read only if there are any. */
  announcedAll(): Promise<void> {
    return assertServiceAnnounced(this.#service, this.#simulator.url)
  }

  get service() {
    return client(this.#service.url)
  }

  /** SIGKILL, and gone when this resolves. */
  async kill(): Promise<number | string> {
    return this.#service.kill()
  }

  async restart(): Promise<void> {
    this.#service = await startService(this.#environment)
  }

  async control(method: string, path: string, body?: unknown): Promise<Loose> {
    if (path === 'reset') await this.announcedAll()
    const answer = await client(this.#simulator.url).ask(method, `/simulator/${path}`, body)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  /** A fleet as new, without faults, and an empty log. */
  async reset(): Promise<void> {
    await this.control('DELETE', 'faults')
    await this.control('POST', 'reset', {})
  }

  async sent(): Promise<Sent[]> {
    return (await this.control('GET', 'requests')) as unknown as Sent[]
  }

  async puts(cluster: string): Promise<Sent[]> {
    const sent = await this.sent()
    return sent.filter(
      ({ method, path }) => method === 'PUT' && path.includes(`/managedClusters/${cluster}?`),
    )
  }

  /** Waits until every fault that was set has struck. */
  async struck(): Promise<void> {
    await until(
      async () => listOf(await this.control('GET', 'faults')),
      (rules) => rules.length > 0 && rules.every(({ strikes }) => Number(strikes) > 0),
    )
  }

  /** Waits until as many rules of this kind (and of those that begin so) have struck. */
  async struckAll(kind: string, count: number): Promise<void> {
    const isStruck = ({ given, strikes }: Loose) =>
      String(given?.fault?.kind).startsWith(kind) && Number(strikes) > 0
    await until(
      async () => listOf(await this.control('GET', 'faults')).filter(isStruck).length,
      (struck) => struck >= count,
      60_000,
    )
  }

  async begin(cluster: string, outboundType: string): Promise<string> {
    const plan = await makePlan(this.service, planFor(cluster, outboundType))
    return String((await execute(this.service, plan)).id)
  }

  async job(id: string): Promise<Loose> {
    return (await this.service.get(`/v1/jobs/${id}`)).body
  }

  /** A tick that died with its worker is taken over after 15 s, and the job continues from there. */
  end(id: string): Promise<Loose> {
    return ended(this.service, id, TAKEOVER_MS + 30_000)
  }
}

export function outboundTypeOf({ requestBody }: Sent): string {
  return String(profile(requestBody, 'networkProfile').outboundType)
}

export function rangesOf({ requestBody }: Sent): string[] {
  return (profile(requestBody, 'apiServerAccessProfile').authorizedIPRanges as string[] | undefined) ?? []
}

function profile(body: unknown, name: string): Record<string, unknown> {
  const { properties } = body as { properties: Record<string, Record<string, unknown> | undefined> }
  return properties[name] ?? {}
}

/** Asserts that no job holds the lock of the cluster any more: another job on it is accepted. */
async function isFree(t: Test, world: TwoProcesses, cluster: string, back: string): Promise<void> {
  const plan = await makePlan(world.service, planFor(cluster, back))
  const answer = await world.service.post('/v1/jobs', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
  })
  t.match(answer, { status: 202, body: { status: 'NotStarted' } }, 'the cluster is free')
  const id = String(answer.body.id)
  await world.service.post(`/v1/jobs/${id}/cancellation`)
  await world.end(id)
}

/** A migration whose steps are known, so that a test can name the moment at which it kills. */
export interface Migration {
  cluster: string
  /** From which type, and so to which a later job may go back. */
  from: string
  to: string
  steps: string[]
  /** Which PUT changes the outbound type, and how many there are. */
  switchPut: number
  puts: number
  ranges: number
}

/** A request that is held back until after the kill. */
export interface Hold {
  /** The step that is under way then. */
  during: string
  /** The last request of the service, as text. */
  what: string
  request: 'read' | 'put' | 'poll'
  /** Counted from the order of the job, its acceptance included. */
  nth: number
}

const LONGER_THAN_THE_TEST_MS = 120_000
/** Long enough to kill the sender meanwhile. */
const ON_ITS_WAY_MS = 1_500

/** Kills the service while the request is unanswered, starts it again, and holds what must be true at the end. */
export async function killWhile(t: Test, world: TwoProcesses, on: Migration, hold: Hold): Promise<void> {
  await world.reset()
  await world.control('POST', 'faults', [held(on, hold)])
  const id = await world.begin(on.cluster, on.to)
  await world.struck()
  const before = await world.job(id)
  t.equal(nowAt(before), hold.during, 'the step that was to be interrupted is under way')
  t.equal(await world.kill(), 'SIGKILL')
  if (hold.request === 'put') await allAnswered(world, on)
  await world.restart()
  await endsAsUndisturbed(t, world, on, id)
}

/** The end of the job, one switch in Azure's log, no range lost at any time, and no node locked out. */
export async function endsAsUndisturbed(
  t: Test,
  world: TwoProcesses,
  on: Migration,
  id: string,
): Promise<void> {
  const job = await world.end(id)
  t.match(job, { status: 'Succeeded', error: null, result: { outboundType: on.to } })
  t.strictSame(
    listOf(job.steps).map(({ key, status }) => `${key} ${status}`),
    on.steps.map((key) => `${key} Succeeded`),
  )
  const addresses = listOf(job.result?.egressIps).map(({ address }) => String(address))
  t.ok(addresses.length > 0, 'the addresses are known')
  const puts = await world.puts(on.cluster)
  t.equal(puts.length, on.puts)
  t.strictSame(
    puts.map((put, index) => index + 1 === on.switchPut && outboundTypeOf(put) !== on.from),
    puts.map((_put, index) => index + 1 === on.switchPut),
    'one PUT changes the outbound type',
  )
  const switched = puts.filter((put, index) => outboundTypeOf(put) !== outboundTypeOf(puts[index - 1] ?? put))
  t.ok(switched.length <= 1, 'and it is never changed back')
  holdsRanges(t, puts.map(rangesOf), on, addresses, listOf(job.result?.authorizedIPRanges).map(String))
  await isFree(t, world, on.cluster, on.from)
}

function holdsRanges(t: Test, sent: string[][], on: Migration, addresses: string[], now: string[]): void {
  const [first = []] = sent
  t.ok(first.length >= on.ranges)
  for (const ranges of sent) t.strictSame(ranges.slice(0, on.ranges), first.slice(0, on.ranges), 'merged')
  if (on.ranges > 0) for (const address of addresses) t.ok(now.includes(`${address}/32`), 'authorized')
}

function held(on: Migration, { request, nth }: Hold): object {
  const cluster = `/managedClusters/${on.cluster}\\?`
  switch (request) {
    case 'read':
      return {
        match: { method: 'GET', pathPattern: cluster, nth },
        fault: { kind: 'delay', ms: LONGER_THAN_THE_TEST_MS },
      }
    case 'put':
      return {
        match: { method: 'PUT', pathPattern: cluster, nth },
        fault: { kind: 'delay', ms: ON_ITS_WAY_MS },
      }
    case 'poll':
      return {
        match: { method: 'GET', pathPattern: '/locations/[^/]+/operations/', nth },
        fault: { kind: 'delay', ms: LONGER_THAN_THE_TEST_MS },
      }
  }
}

function nowAt(job: Loose): string | undefined {
  return listOf(job.steps)
    .filter(({ status }) => ['Pending', 'Running'].includes(String(status)))
    .map(({ key }) => String(key))[0]
}

/** The PUT took effect although no client waits for its response any more. */
function allAnswered(world: TwoProcesses, { cluster }: Migration): Promise<unknown> {
  return until(
    () => world.puts(cluster),
    (puts) => puts.length > 0 && puts.every(({ status }) => status === 200 || status === 201),
  )
}
