import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StartedProcess, startService, startSimulatorProcess } from '../../test/support/processes.ts'
import { type Figure, memoryOf, percentile } from './measure.ts'
import { ask, endOf, planRequest } from './world.ts'

const STREAMS = 2_000
const LIKE = 'lb-managed'
/** Jobs that the streams follow, each the same number. */
const JOBS = 20
const OPENED_AT_ONCE = 100
/** Slow enough that every stream is open before the first job ends. */
const TIME_SCALE = '15'

interface Received {
  /** Sequence of each event, and when it arrived after it had happened, in milliseconds. */
  sequences: number[]
  delaysMs: number[]
  ended: Promise<unknown>
}

/** 2,000 streams of events in one process, from the first event to the last; Azure is simulated by another. */
export async function streams(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-streams-'))
  const started: StartedProcess[] = []
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
  try {
    const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: TIME_SCALE })
    started.push(simulator)
    await ask(`${simulator.url}/simulator/reset`, { fleet: { count: JOBS, like: LIKE } })
    const settings = { DATA_DIR: folder, ARM_ENDPOINT: simulator.url, SIMULATOR_TIME_SCALE: TIME_SCALE }
    const service = await startService(settings)
    started.push(service)
    const jobIds = await Promise.all(Array.from({ length: JOBS }, (_, index) => begin(service.url, index)))
    const before = await memoryOf(service.pid)
    const open = (index: number) => follow(`${service.url}/v1/jobs/${jobIds[index % JOBS]}/events`, agent)
    const received = await inTurns(STREAMS, open)
    const during = await memoryOf(service.pid)
    await Promise.all(received.map((each) => each.ended))
    const { peakMb } = await memoryOf(service.pid)
    const logs = await Promise.all(jobIds.map((id) => logLength(service.url, id)))
    const whole = received.filter(({ sequences }, index) =>
      isWhole(sequences, logs[index % JOBS] ?? 0),
    ).length
    const perStream = ((during.residentMb - before.residentMb) * 1024) / STREAMS
    // What had happened before a stream was opened is not late.
    const live = received.flatMap(({ delaysMs }) => delaysMs).filter((each) => each < 10_000)
    return [
      {
        name: `${STREAMS} streams at once that told their job whole`,
        value: whole,
        unit: 'streams',
        atLeast: STREAMS,
      },
      { name: 'resident memory for each stream', value: perStream, unit: 'KB', atMost: 60 },
      { name: 'peak of resident memory with all of them', value: peakMb, unit: 'MB', atMost: 600 },
      { name: 'from an event to its arrival with all of them, p50', value: percentile(live, 50), unit: 'ms' },
      { name: 'from an event to its arrival with all of them, p99', value: percentile(live, 99), unit: 'ms' },
    ]
  } finally {
    agent.destroy()
    for (const each of started.reverse()) await each.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function begin(url: string, index: number): Promise<string> {
  const name = `${LIKE}-${String(index + 1).padStart(4, '0')}`
  const plan = await ask<{ id: string; acknowledgementsRequired: string[] }>(
    `${url}/v1/plans`,
    planRequest(name, 'managedNATGateway'),
  )
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  return (await ask<{ id: string }>(`${url}/v1/jobs`, order)).id
}

async function follow(url: string, agent: Agent): Promise<Received> {
  const sent = request(url, { agent, headers: { accept: 'text/event-stream' } })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`)
  const openedAt = Date.now()
  const received: Received = { sequences: [], delaysMs: [], ended: once(answer, 'end') }
  let rest = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter((each) => each.startsWith('data: '))) {
      const { sequence, at } = JSON.parse(line.slice(6)) as { sequence: number; at: string }
      received.sequences.push(sequence)
      const happenedAt = Date.parse(at)
      if (happenedAt >= openedAt) received.delaysMs.push(Date.now() - happenedAt)
    }
  })
  return received
}

async function logLength(url: string, jobId: string): Promise<number> {
  await endOf(`${url}/v1/jobs/${jobId}`)
  return (await ask<{ items: unknown[] }>(`${url}/v1/jobs/${jobId}/events?limit=1000`)).items.length
}

function isWhole(sequences: number[], length: number): boolean {
  return sequences.length === length && sequences.every((sequence, index) => sequence === index + 1)
}

async function inTurns<T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let at = 0; at < count; at += OPENED_AT_ONCE) {
    const turn = Array.from({ length: Math.min(OPENED_AT_ONCE, count - at) }, (_, index) => act(at + index))
    results.push(...(await Promise.all(turn)))
  }
  return results
}
