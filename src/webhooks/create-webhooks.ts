import type { Reach } from '../core/access/reach.ts'
import type { AuditSubject, Origin } from '../core/audit/audit.ts'
import type { JsonObject } from '../core/json.ts'
import { Refusal } from '../core/refusal.ts'
import { JOB_MESSAGE_TYPES } from '../core/webhooks/webhook.ts'
import { auditAllowed } from '../database/audit-allowed.ts'
import { Cursors } from '../database/cursors.ts'
import type { Queries } from '../database/database.ts'
import { deliveryRow, listDeliveryRows } from '../database/delivery-store.ts'
import type { Witness } from '../database/idempotency.ts'
import {
  changeWebhook,
  countSubscriptions,
  deleteWebhook,
  disableWebhook,
  enableWebhook,
  insertWebhook,
  listWebhookRows,
  type StoredWebhook,
  webhookRow,
} from '../database/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { ping } from './ping.ts'
import { refuseUrl } from './refuse-url.ts'
import { replay } from './replay.ts'
import { rotateSecret } from './rotate-secret.ts'
import { asDelivery, asWebhook } from './views.ts'
import type { Subscriber, WebhookRequest, Webhooks, WebhookUpdate } from './webhooks.ts'

/** Subscriptions of one owner: more are a mistake in a loop, and would be sent to by every job. */
export const MOST_SUBSCRIPTIONS = 50

/** What routes may ask of webhooks, on the database. */
export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  return {
    async create(request, by, origin, witness) {
      await refuseUrl(deps, request.url, '/url')
      // Made here, so that the audit names it as it names those of the other operations.
      const id = deps.newId()
      const about = { webhookId: id, reason: request.description }
      return write(deps, origin, witness, about, (trx) => create(trx, deps, id, request, by))
    },
    get: async (webhookId, ownerId) => asWebhook(await owned(db, webhookId, ownerId), deps.now()),
    async list({ ownerId, ...query }) {
      const { items, next } = await cursors.page('webhooks', query, (filter) =>
        listWebhookRows(db, { ...filter, ownerId }),
      )
      return { items: items.map((each) => asWebhook(each, deps.now())), next }
    },
    async change(webhookId, change, by, origin) {
      await owned(db, webhookId, by.owner.id)
      if (change.url !== undefined) await refuseUrl(deps, change.url, '/url')
      return write(deps, origin, undefined, { webhookId }, (trx) => update(trx, deps, webhookId, change, by))
    },
    remove: (webhookId, by, origin) =>
      write(deps, origin, undefined, { webhookId }, async (trx) => {
        await owned(trx, webhookId, by.owner.id, true)
        await deleteWebhook(trx, webhookId)
      }),
    rotateSecret: (webhookId, overlapInHours, by, origin, witness) =>
      write(deps, origin, witness, { webhookId }, async (trx) =>
        rotateSecret(trx, deps, await owned(trx, webhookId, by.owner.id, true), overlapInHours),
      ),
    ping: (webhookId, by, origin, witness) =>
      write(deps, origin, witness, { webhookId }, async (trx) =>
        ping(trx, deps, await owned(trx, webhookId, by.owner.id, true)),
      ),
    async listDeliveries({ ownerId, webhookId: id, ...query }) {
      const { id: webhookId } = await owned(db, id, ownerId)
      const { items, next } = await cursors.page('deliveries', { ...query, webhookId }, (filter) =>
        listDeliveryRows(db, filter),
      )
      return { items: items.map(asDelivery), next }
    },
    async getDelivery({ webhookId, deliveryId, ownerId, reach }) {
      await owned(db, webhookId, ownerId)
      const found = await deliveryRow(db, deliveryId, { webhookId, reach: reach ?? EVERYTHING })
      if (found === null) throw new Refusal('DELIVERY_NOT_FOUND', { webhookId, deliveryId })
      return { ...asDelivery(found), payload: JSON.parse(found.body) as JsonObject }
    },
    replay: (webhookId, which, { owner, reach = EVERYTHING }, origin, witness) =>
      write(deps, origin, witness, { webhookId }, async (trx) =>
        replay(trx, deps, await owned(trx, webhookId, owner.id, true), which, reach),
      ),
  }
}

const EVERYTHING: Reach = 'everything'

/** A webhook of this owner; whose it is otherwise, is nobody's business. */
async function owned(
  db: Queries,
  webhookId: string,
  ownerId: string,
  forUpdate = false,
): Promise<StoredWebhook> {
  const found = await webhookRow(db, webhookId, { ownerId, forUpdate })
  if (found === null) throw new Refusal('WEBHOOK_NOT_FOUND', { webhookId })
  return found
}

/** The effect, what its witness writes, and the audit: one transaction. */
async function write<T>(
  deps: WebhooksDeps,
  origin: Origin | undefined,
  witness: Witness<T> | undefined,
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

async function create(trx: Queries, deps: WebhooksDeps, id: string, request: WebhookRequest, by: Subscriber) {
  if ((await countSubscriptions(trx, by.owner.id)) >= MOST_SUBSCRIPTIONS)
    throw new Refusal('WEBHOOK_LIMIT_REACHED', { limit: MOST_SUBSCRIPTIONS })
  const secret = deps.newSecret()
  const { url, description, clusters, events = [...JOB_MESSAGE_TYPES] } = request
  const createdAt = deps.now().toISOString()
  const given = { url, description, clusters, events, jobId: null, createdAt, createdBy: by.name }
  await insertWebhook(trx, { id, secret, owner: by.owner, ...given })
  return { ...asWebhook(await owned(trx, id, by.owner.id), deps.now()), secret }
}

async function update(
  trx: Queries,
  deps: WebhooksDeps,
  webhookId: string,
  { status, ...change }: WebhookUpdate,
  by: Subscriber,
) {
  const { id } = await owned(trx, webhookId, by.owner.id, true)
  await changeWebhook(trx, id, { ...change, owner: by.owner })
  if (status === 'disabled') await disableWebhook(trx, id, 'OWNER', deps.now())
  if (status === 'enabled') await enableWebhook(trx, id)
  return asWebhook(await owned(trx, id, by.owner.id), deps.now())
}
