import type { Delivery, DeliveryWithPayload, Replayed, ReplayRequest } from '../contract/delivery.ts'
import type { WebhookWithSecret } from '../contract/webhook.ts'
import { EVENT_TYPES, type Webhook } from '../contract/webhook.ts'
import type { AuditSubject, Origin } from '../core/audit/audit.ts'
import { DomainError } from '../core/lib/errors.ts'
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
import { ClusterScopes, type VisibleClusters } from '../database/stores/visible-clusters.ts'
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
import { assertReceiverUrl } from './receiver.ts'
import type { Subscriber, WebhookRequest, Webhooks, WebhookUpdate } from './webhooks.ts'

/** A webhook as its owner sees it, without a former secret that has expired. */
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

/** Orders a message without content. */
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

function assertEnabled({ id: webhookId, status, disabledBecause: because }: StoredWebhook): void {
  if (status === 'disabled') throw new DomainError('WEBHOOK_DISABLED', { webhookId, because })
}

/** Messages of one replay; the caller repeats the request for more. */
const MAX_REPLAYED = 500

/** Restarts the attempts of messages; a message with pending attempts is sent immediately. */
async function replay(
  trx: Queries,
  deps: WebhooksDeps,
  webhook: StoredWebhook,
  which: ReplayRequest,
  visible: VisibleClusters,
): Promise<Replayed> {
  assertEnabled(webhook)
  const { id: webhookId } = webhook
  const chosen = 'failedSince' in which ? { failedSince: new Date(which.failedSince) } : which
  const attempts = await rescheduleDeliveries(trx, webhookId, chosen, {
    now: deps.now(),
    limit: MAX_REPLAYED,
    visible,
  })
  if ('deliveryId' in which && attempts.length === 0)
    throw new DomainError('DELIVERY_NOT_FOUND', { webhookId, deliveryId: which.deliveryId })
  for (const attempt of attempts) await deps.deliveries.order(trx, attempt, null)
  return { replayed: attempts.length }
}

/** Replaces the secret. The present secret becomes the former one. */
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

/** Subscriptions of one owner: every job sends a message to each of them. */
export const MAX_SUBSCRIPTIONS = 50

/** Webhooks on the database. */
export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  const scopes = new ClusterScopes(db)
  return {
    async create(request, by, origin, hook) {
      await assertReceiverUrl(deps, request.url, '/url')
      const id = deps.newId()
      const about = { webhookId: id, reason: request.description }
      return runAudited(deps, origin, hook, about, (trx) => createSubscription(trx, deps, id, request, by))
    },
    get: async (webhookId, ownerId) => toWebhook(await ownedWebhook(db, webhookId, ownerId), deps.now()),
    async list({ ownerId, ...query }) {
      const { items, next } = await cursors.page('webhooks', query, (filter) =>
        listWebhookRows(db, { ...filter, ownerId }),
      )
      return { items: items.map((webhook) => toWebhook(webhook, deps.now())), next }
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
    rotateSecret: (webhookId, overlapInHours, by, origin, hook) =>
      runAudited(deps, origin, hook, { webhookId }, async (trx) =>
        rotateSecret(trx, deps, await ownedWebhook(trx, webhookId, by.owner.id, true), overlapInHours),
      ),
    ping: (webhookId, by, origin, hook) =>
      runAudited(deps, origin, hook, { webhookId }, async (trx) =>
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
      const visible = await scopes.resolve(reach)
      const delivery = await deliveryRow(db, deliveryId, { webhookId, visible })
      if (delivery === null) throw new DomainError('DELIVERY_NOT_FOUND', { webhookId, deliveryId })
      return { ...toDelivery(delivery), payload: JSON.parse(delivery.body) as DeliveryWithPayload['payload'] }
    },
    async replay(webhookId, which, { owner, reach }, origin, hook) {
      const visible = await scopes.resolve(reach)
      return runAudited(deps, origin, hook, { webhookId }, async (trx) =>
        replay(trx, deps, await ownedWebhook(trx, webhookId, owner.id, true), which, visible),
      )
    },
  }
}

/** A webhook of this owner; the webhooks of others do not exist for them. */
async function ownedWebhook(
  db: Queries,
  webhookId: string,
  ownerId: string,
  forUpdate = false,
): Promise<StoredWebhook> {
  const webhook = await webhookRow(db, webhookId, { ownerId, forUpdate })
  if (webhook === null) throw new DomainError('WEBHOOK_NOT_FOUND', { webhookId })
  return webhook
}

/** The effect, what its hook writes, and the audit: one transaction. */
async function runAudited<T>(
  deps: WebhooksDeps,
  origin: Origin | undefined,
  hook: TransactionHook<T> | undefined,
  about: Pick<Partial<AuditSubject>, 'webhookId' | 'reason'>,
  act: (trx: Queries) => Promise<T>,
): Promise<T> {
  return deps.database.kysely.transaction().execute(async (trx) => {
    const effect = await act(trx)
    await hook?.(trx, effect)
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
  const { url, description, clusters, events = [...EVENT_TYPES] } = request
  const createdAt = deps.now().toISOString()
  const subscription = { url, description, clusters, events, jobId: null, createdAt, createdBy: by.name }
  await insertWebhook(trx, { id, secret, owner: by.owner, ...subscription })
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
