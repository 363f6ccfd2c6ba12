import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../../src/database/engine/database.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { startQueue } from '../../src/jobs/queue/queue.ts'
import { createWebhooks } from '../../src/webhooks/create-webhooks.ts'
import type { WebhooksDeps } from '../../src/webhooks/deps.ts'
import { generateSecret } from '../../src/webhooks/send.ts'
import { startDeliveries } from '../../src/webhooks/start-deliveries.ts'
import { type ReceiverServer, receiverServer } from '../../test/webhooks/support/receiver-server.ts'
import { type Figure, percentile } from './measure.ts'

const MESSAGES = 500
/** Of these, a few at a time wait for the slow receiver, which would take minutes. */
const SLOW_MESSAGES = 100
const SLOW_MS = 5_000
const BESIDE = 20
const BY = { name: 'bench', owner: { id: 'bench', appId: null, groups: [] } }

/** Deliveries a second of one process with the embedded database, and the wait of a fast receiver beside a slow one. */
export async function deliveries(): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack()
  const teardown = (end: () => unknown) => stack.defer(async () => void (await end()))
  const folder = await mkdtemp(join(tmpdir(), 'egress-deliveries-'))
  teardown(() => rm(folder, { recursive: true }))
  const database = await openDatabase({ dataDir: join(folder, 'database'), databaseUrl: null })
  teardown(() => database.close())
  await migrate(database)
  const logger = { debug() {}, info() {}, warn() {}, error: console.error }
  const queue = await startQueue(database, logger)
  teardown(() => queue.stop())
  const deps: WebhooksDeps = {
    database,
    deliveries: queue.deliveries,
    azure: 'simulated',
    version: 'bench',
    allowedNetworks: ['127.0.0.0/8'],
    resolve: async () => ['127.0.0.1'],
    mayRead: () => true,
    now: () => new Date(),
    newId: uuidv7,
    newSecret: generateSecret,
    random: Math.random,
    logger,
  }
  const webhooks = createWebhooks(deps)
  const [slow, fast] = [await receiverServer({ teardown }), await receiverServer({ teardown })]
  slow.answer = (response) => void setTimeout(() => response.writeHead(204).end(), SLOW_MS)
  const subscribe = async ({ url }: ReceiverServer) =>
    (await webhooks.create({ url, description: null, clusters: [] }, BY)).id
  const [slowId, fastId] = [await subscribe(slow), await subscribe(fast)]
  for (let count = 0; count < MESSAGES; count++) await webhooks.ping(fastId, BY)
  const before = process.cpuUsage()
  const started = performance.now()
  const running = await startDeliveries(deps)
  teardown(() => running.stop())
  await fast.reaches(MESSAGES)
  const perSecond = MESSAGES / ((performance.now() - started) / 1_000)
  const { user, system } = process.cpuUsage(before)
  const perProcessorSecond = MESSAGES / ((user + system) / 1_000_000)
  const alone = await waits(() => webhooks.ping(fastId, BY), fast)
  for (let count = 0; count < SLOW_MESSAGES; count++) await webhooks.ping(slowId, BY)
  const beside = await waits(() => webhooks.ping(fastId, BY), fast)
  return [
    { name: 'deliveries of a backlog to one receiver', value: perSecond, unit: 'messages/s' },
    {
      // Includes the receiver, which is in the same process. Unlike the time of a clock, it does not depend on other work.
      name: 'deliveries of a backlog in one second of processor time',
      value: perProcessorSecond,
      unit: 'messages/s',
      atLeast: 50,
    },
    { name: 'wait of a fast receiver alone, p99', value: percentile(alone, 99), unit: 'ms' },
    {
      name: `wait of a fast receiver beside ${SLOW_MESSAGES} messages to a slow one, p99`,
      value: percentile(beside, 99),
      unit: 'ms',
      // A worker of the queue waits for a slow attempt for 1 s at most.
      atMost: 2_000,
    },
  ]
}

/** From the order of a message to its arrival, one after the other. */
async function waits(send: () => Promise<unknown>, { received, reaches }: ReceiverServer): Promise<number[]> {
  const waited: number[] = []
  for (let count = 0; count < BESIDE; count++) {
    const begun = performance.now()
    const expected = received.length + 1
    await send()
    await reaches(expected)
    waited.push(performance.now() - begun)
  }
  return waited
}
