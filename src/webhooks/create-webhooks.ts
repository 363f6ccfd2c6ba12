import { randomBytes } from 'node:crypto'
import type { Delivery, DeliveryWithPayload, Replayed, ReplayRequest } from '../contract/delivery.ts'
import type { WebhookWithSecret } from '../contract/webhook.ts'
import { JOB_MESSAGE_TYPES, type Webhook } from '../contract/webhook.ts'
import type { ClusterScope } from '../core/access/access-policy.ts'
import type { AuditSubject, Origin } from '../core/audit/audit.ts'
import { DomainError } from '../core/lib/errors.ts'
import { SECRET_PREFIX } from '../core/webhooks/delivery-rules.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import type { Queries } from '../database/engine/database.ts'
import { Cursors } from '../database/stores/cursors.ts'
import {
  deliveryRow,
  insertDeliveries,
  listDeliveryRows,
  rescheduleDeliveries,
  type StoredDelivery,
} from '../database/stores/delivery-store.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import {
  countSubscriptions,
  deleteWebhook,
  disableWebhook,
  enableWebhook,
  insertWebhook,
  listWebhookRows,
  type StoredWebhook,
  replaceSecret as store,
  updateWebhook,
  webhookRow,
} from '../database/stores/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { resolveReceiver } from './receiver.ts'
import type { Subscriber, WebhookRequest, Webhooks, WebhookUpdate } from './webhooks.ts'

/** A webhook as its owner sees it. A former secret whose time is over is not spoken of. */
function toWebhook(stored: StoredWebhook, now: Date): Webhook {
  const {
    owner: _owner,
    secret: _secret,
    formerSecret: _former,
    deliveredAt: _deliveredAt,
    ...webhook
  } = stored
  const { formerSecretValidUntil: until } = webhook
  return { ...webhook, formerSecretValidUntil: until !== null && new Date(until) > now ? until : null }
}

/** A message as the owner of its webhook sees it. */
function toDelivery(stored: StoredDelivery): Delivery {
  const { clusterKey: _cluster, tries: _tries, round: _round, body: _body, ...delivery } = stored
  return delivery
}

/** Orders a message that tells nothing. */
async function ping(trx: Queries, deps: WebhooksDeps, webhook: StoredWebhook): Promise<Delivery> {
  assertEnabled(webhook)
  const id = deps.newId()
  const createdAt = deps.now()
  const type = 'webhook.ping' as const
  const data = { webhookId: webhook.id, azure: deps.azure }
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data })
  const { id: webhookId, jobId } = webhook
  await insertDeliveries(trx, [{ id, webhookId, type, jobId, clusterKey: null, createdAt, body }])
  await deps.deliveries.order(trx, { deliveryId: id, tries: 0 }, null)
  const stored = await deliveryRow(trx, id)
  if (stored === null) throw new Error(`delivery ${id} is gone`)
  return toDelivery(stored)
}

/** Nothing is sent to a webhook that is disabled, whoever asks. */
function assertEnabled({ id: webhookId, status, disabledBecause: because }: StoredWebhook): void {
  if (status === 'disabled') throw new DomainError('WEBHOOK_DISABLED', { webhookId, because })
}

/** Refuses a URL that nothing would be sent to now; `pointer` is where the request has it. */
export async function assertReceiverUrl(deps: WebhooksDeps, url: string, pointer: string): Promise<void> {
  const judged = await resolveReceiver(url, deps.allowedNetworks, deps.resolve)
  if (typeof judged !== 'string') return
  throw new DomainError('WEBHOOK_URL_REFUSED', { reason: judged, host: URL.parse(url)?.hostname ?? null }, [
    pointer,
  ])
}

/** Messages of one replay: more are had by asking again, once these are on their way. */
const MAX_REPLAYED = 500

/** Begins the attempts of messages anew; one that is still on its way is sent at once. */
async function replay(
  trx: Queries,
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  which: ReplayRequest,
  reach: ClusterScope,
): Promise<Replayed> {
  assertEnabled(webhook)
  const { id: webhookId } = webhook
  const chosen = 'failedSince' in which ? { failedSince: new Date(which.failedSince) } : which
  const revived = await rescheduleDeliveries(trx, webhookId, chosen, {
    now: deps.now(),
    limit: MAX_REPLAYED,
    reach,
  })
  if ('deliveryId' in which && revived.length === 0)
    throw new DomainError('DELIVERY_NOT_FOUND', { webhookId, deliveryId: which.deliveryId })
  for (const attempt of revived) await deps.deliveries.order(trx, attempt, null)
  return { replayed: revived.length }
}

/** Puts a new secret in force. A former one that is still in use gives way to the present one. */
async function rotateSecret(
  trx: Queries,
  deps: WebhooksDeps,
  { id, secret: present }: StoredWebhook,
  overlapInHours: number,
): Promise<WebhookWithSecret> {
  const secret = deps.newSecret()
  const until = new Date(deps.now().getTime() + overlapInHours * 3_600_000)
  await store(trx, id, secret, overlapInHours === 0 ? null : { secret: present, until })
  const stored = await webhookRow(trx, id)
  if (stored === null) throw new DomainError('WEBHOOK_NOT_FOUND', { webhookId: id })
  return { ...toWebhook(stored, deps.now()), secret }
}

/** Subscriptions of one owner: more are a mistake in a loop, and would be sent to by every job. */
export const MAX_SUBSCRIPTIONS = 50

/** What routes may ask of webhooks, on the database. */
export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  return {
    async create(request, by, origin, witness) {
      await assertReceiverUrl(deps, request.url, '/url')
      // Made here, so that the audit names it as it names those of the other operations.
      const id = deps.newId()
      const about = { webhookId: id, reason: request.description }
      return runAudited(deps, origin, witness, about, (trx) => createSubscription(trx, deps, id, request, by))
    },
    get: async (webhookId, ownerId) => toWebhook(await ownedWebhook(db, webhookId, ownerId), deps.now()),
    async list({ ownerId, ...query }) {
      const { items, next } = await cursors.page('webhooks', query, (filter) =>
        listWebhookRows(db, { ...filter, ownerId }),
      )
      return { items: items.map((each) => toWebhook(each, deps.now())), next }
    },
    async change(webhookId, change, by, origin) {
      await ownedWebhook(db, webhookId, by.owner.id)
      if (change.url !== undefined) await assertReceiverUrl(deps, change.url, '/url')
      return runAudited(deps, origin, undefined, { webhookId }, (trx) =>
        updateSubscription(trx, deps, webhookId, change, by),
      )
    },
    remove: (webhookId, by, origin) =>
      runAudited(deps, origin, undefined, { webhookId }, async (trx) => {
        await ownedWebhook(trx, webhookId, by.owner.id, true)
        await deleteWebhook(trx, webhookId)
      }),
    rotateSecret: (webhookId, overlapInHours, by, origin, witness) =>
      runAudited(deps, origin, witness, { webhookId }, async (trx) =>
        rotateSecret(trx, deps, await ownedWebhook(trx, webhookId, by.owner.id, true), overlapInHours),
      ),
    ping: (webhookId, by, origin, witness) =>
      runAudited(deps, origin, witness, { webhookId }, async (trx) =>
        ping(trx, deps, await ownedWebhook(trx, webhookId, by.owner.id, true)),
      ),
    async listDeliveries({ ownerId, webhookId: id, ...query }) {
      const { id: webhookId } = await ownedWebhook(db, id, ownerId)
      const { items, next } = await cursors.page('deliveries', { ...query, webhookId }, (filter) =>
        listDeliveryRows(db, filter),
      )
      return { items: items.map(toDelivery), next }
    },
    async getDelivery({ webhookId, deliveryId, ownerId, reach }) {
      await ownedWebhook(db, webhookId, ownerId)
      const found = await deliveryRow(db, deliveryId, { webhookId, reach: reach ?? EVERYTHING })
      if (found === null) throw new DomainError('DELIVERY_NOT_FOUND', { webhookId, deliveryId })
      return { ...toDelivery(found), payload: JSON.parse(found.body) as DeliveryWithPayload['payload'] }
    },
    replay: (webhookId, which, { owner, reach = EVERYTHING }, origin, witness) =>
      runAudited(deps, origin, witness, { webhookId }, async (trx) =>
        replay(trx, deps, await ownedWebhook(trx, webhookId, owner.id, true), which, reach),
      ),
  }
}

const EVERYTHING: ClusterScope = 'everything'

/** A webhook of this owner; whose it is otherwise, is nobody's business. */
async function ownedWebhook(
  db: Queries,
  webhookId: string,
  ownerId: string,
  forUpdate = false,
): Promise<StoredWebhook> {
  const found = await webhookRow(db, webhookId, { ownerId, forUpdate })
  if (found === null) throw new DomainError('WEBHOOK_NOT_FOUND', { webhookId })
  return found
}

/** The effect, what its witness writes, and the audit: one transaction. */
async function runAudited<T>(
  deps: WebhooksDeps,
  origin: Origin | undefined,
  witness: TransactionHook<T> | undefined,
  about: Pick<Partial<AuditSubject>, 'webhookId' | 'reason'>,
  act: (trx: Queries) => Promise<T>,
): Promise<T> {
  return deps.database.kysely.transaction().execute(async (trx) => {
    const effect = await act(trx)
    await witness?.(trx, effect)
    await auditAllowed(trx, deps, origin, about)
    return effect
  })
}

async function createSubscription(
  trx: Queries,
  deps: WebhooksDeps,
  id: string,
  request: WebhookRequest,
  by: Subscriber,
) {
  if ((await countSubscriptions(trx, by.owner.id)) >= MAX_SUBSCRIPTIONS)
    throw new DomainError('WEBHOOK_LIMIT_REACHED', { limit: MAX_SUBSCRIPTIONS })
  const secret = deps.newSecret()
  const { url, description, clusters, events = [...JOB_MESSAGE_TYPES] } = request
  const createdAt = deps.now().toISOString()
  const given = { url, description, clusters, events, jobId: null, createdAt, createdBy: by.name }
  await insertWebhook(trx, { id, secret, owner: by.owner, ...given })
  return { ...toWebhook(await ownedWebhook(trx, id, by.owner.id), deps.now()), secret }
}

async function updateSubscription(
  trx: Queries,
  deps: WebhooksDeps,
  webhookId: string,
  { status, ...change }: WebhookUpdate,
  by: Subscriber,
) {
  const { id } = await ownedWebhook(trx, webhookId, by.owner.id, true)
  await updateWebhook(trx, id, { ...change, owner: by.owner })
  if (status === 'disabled') await disableWebhook(trx, id, 'OWNER', deps.now())
  if (status === 'enabled') await enableWebhook(trx, id)
  return toWebhook(await ownedWebhook(trx, id, by.owner.id), deps.now())
}

const BYTES = 32

/** A signing secret by chance. */
export function generateSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(BYTES).toString('base64')}`
}
