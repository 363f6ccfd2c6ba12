import type { Test } from 'tap'
import { type Loose, listOf, until } from '../../acceptance/support/service.ts'
import { isFree, outboundTypeOf, rangesOf, type TwoProcesses } from './two-processes.ts'

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
  /** In words: what the service has just asked for. */
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

/** The end of the job, one switch in Azure's log, no range lost at any time, and nobody locked out. */
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

/** The PUT took effect although nobody waits for its answer any more. */
function allAnswered(world: TwoProcesses, { cluster }: Migration): Promise<unknown> {
  return until(
    () => world.puts(cluster),
    (puts) => puts.length > 0 && puts.every(({ status }) => status === 200 || status === 201),
  )
}
