import { Webhook as Verifier } from 'standardwebhooks'
import type { AttemptOutcome } from '../../../src/contract/delivery.ts'
import type { Job } from '../../../src/contract/job.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import { EXAMPLE_JOB } from '../../../src/routes/examples/jobs.ts'
import { attemptDelivery } from '../../../src/webhooks/attempt-delivery.ts'
import { createWebhooks } from '../../../src/webhooks/create-webhooks.ts'
import type { WebhooksDeps } from '../../../src/webhooks/deps.ts'
import { publish } from '../../../src/webhooks/job-webhooks.ts'
import { generateSecret } from '../../../src/webhooks/send.ts'
import type { Webhooks } from '../../../src/webhooks/webhooks.ts'
import { ManualDeliveryQueue } from '../../jobs/support/hand-queue.ts'
import { anId } from '../../jobs/support/job-harness.ts'
import type { Received } from './receiver-server.ts'

export const START = new Date('2026-09-01T00:00:00.000Z')
export const CLUSTER_KEY = EXAMPLE_JOB.cluster.id.toLowerCase()

let count = 0

/** Webhooks with a manual clock and queue, and a separate owner for each test. */
export class WebhookFixture {
  readonly lane = new ManualDeliveryQueue()
  readonly deps: WebhooksDeps
  readonly webhooks: Webhooks
  readonly by = {
    name: 'tester',
    owner: { id: `owner-${++count}`, appId: null, groups: [] as string[] },
  }
  readonly outcomes: AttemptOutcome[] = []
  readonly logged: object[] = []
  #clock = START

  constructor(database: Database, other: Partial<WebhooksDeps> = {}) {
    const log = (facts: object, message: string) => void this.logged.push({ ...facts, message })
    this.deps = {
      database,
      deliveries: this.lane,
      azure: 'simulated',
      version: '0.0.0-test',
      allowedNetworks: ['127.0.0.0/8'],
      resolve: async () => ['127.0.0.1'],
      // Rooms share a database: what another one has subscribed is not sent here.
      mayRead: (owner) => owner.id === this.by.owner.id,
      now: () => this.#clock,
      newId: anId,
      newSecret: generateSecret,
      random: () => 0,
      logger: { debug: log, info: log, warn: log, error: log },
      observer: { attempted: (outcome) => void this.outcomes.push(outcome), disabled: () => {} },
      ...other,
    }
    this.webhooks = createWebhooks(this.deps)
  }

  get clock(): Date {
    return this.#clock
  }

  advance(ms: number): void {
    this.#clock = new Date(this.#clock.getTime() + ms)
  }

  subscribe(url: string, given: Partial<Parameters<Webhooks['create']>[0]> = {}) {
    return this.webhooks.create({ url, description: null, clusters: [], ...given }, this.by)
  }

  /** A job of the test cluster has come to this end. */
  async end(status: 'Succeeded' | 'Failed' | 'Canceled', job: Job = EXAMPLE_JOB): Promise<void> {
    const events = [{ type: 'ended' as const, at: this.#clock.toISOString(), status, error: null }]
    const appended = { hadStarted: true, length: 3, events, job }
    await this.deps.database.kysely
      .transaction()
      .execute((trx) => publish(trx, this.deps, CLUSTER_KEY, appended))
  }

  /** Makes the next attempt, with the clock at its time; whether there was one. */
  async step(): Promise<boolean> {
    const next = this.lane.take()
    if (next === null) return false
    if (next.at > this.#clock) this.#clock = next.at
    await attemptDelivery(this.deps, next.attempt)
    return true
  }

  /** Makes attempts until none is ordered. */
  async run(): Promise<void> {
    for (let attempts = 0; attempts < 200; attempts++) if (!(await this.step())) return
    throw new Error('the attempts do not come to an end')
  }

  deliveries(webhookId: string) {
    const query = { webhookId, ownerId: this.by.owner.id, limit: 100, cursor: null }
    return this.webhooks.listDeliveries(query).then(({ items }) => items)
  }
}

/**
 * The result of a receiver that uses the official library: the body, or a thrown error. The library compares the time
 * with the clock of the machine. It is therefore given a message of now, and the signature is checked over the time
 * that was sent.
 */
export function verified(secret: string, { headers, body }: Received): unknown {
  const verifier = new Verifier(secret)
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000)
  const expected = verifier.sign(String(headers['webhook-id']), at, body)
  if (!String(headers['webhook-signature']).split(' ').includes(expected))
    throw new Error('not signed with it')
  return JSON.parse(body)
}
