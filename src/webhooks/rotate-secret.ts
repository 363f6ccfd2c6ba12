import { Refusal } from '../core/refusal.ts'
import type { Queries } from '../database/database.ts'
import { type StoredWebhook, rotateSecret as store, webhookRow } from '../database/webhook-store.ts'
import type { WebhooksDeps } from './deps.ts'
import { asWebhook } from './views.ts'
import type { NewSecret } from './webhooks.ts'

/** Puts a new secret in force. A former one that is still in use gives way to the present one. */
export async function rotateSecret(
  trx: Queries,
  deps: WebhooksDeps,
  { id, secret: present }: StoredWebhook,
  overlapInHours: number,
): Promise<NewSecret> {
  const secret = deps.newSecret()
  const until = new Date(deps.now().getTime() + overlapInHours * 3_600_000)
  await store(trx, id, secret, overlapInHours === 0 ? null : { secret: present, until })
  const stored = await webhookRow(trx, id)
  if (stored === null) throw new Refusal('WEBHOOK_NOT_FOUND', { webhookId: id })
  return { ...asWebhook(stored, deps.now()), secret }
}
