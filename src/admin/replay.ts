import { rescheduleDeliveries } from '../database/stores/delivery-store.ts'
import { AdminError, auditCommand, type Session } from './session.ts'

/** Messages of one run. */
const MAX_MESSAGES = 1_000
/** The service searches for attempts that are this late, every 30 s. */
const LATE_MS = 60_000

/** Makes failed messages of a webhook pending again; the service sends them within half a minute, or at its next start. */
export async function replayDeliveries(
  session: Session,
  { webhookId, since }: { webhookId: string; since: Date },
): Promise<void> {
  const count = await session.database.kysely.transaction().execute(async (trx) => {
    const webhook = await trx
      .selectFrom('webhooks')
      .select('status')
      .where('id', '=', webhookId)
      .executeTakeFirst()
    if (webhook === undefined) throw new AdminError(`No webhook has the ID ${webhookId}.`)
    if (webhook.status === 'disabled')
      throw new AdminError(`Webhook ${webhookId} is disabled. Its owner must enable it first.`)
    const attempts = await rescheduleDeliveries(
      trx,
      webhookId,
      { failedSince: since },
      { now: new Date(session.now().getTime() - LATE_MS), limit: MAX_MESSAGES, visible: 'everything' },
    )
    await auditCommand(trx, session, 'adminReplayDeliveries', { webhookId })
    return attempts.length
  })
  const more = count === MAX_MESSAGES ? ' More failed messages may exist: repeat the command.' : ''
  session.print(`${count} message${count === 1 ? '' : 's'} will be sent again.${more}`)
}
