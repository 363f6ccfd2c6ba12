import { Refusal } from '../core/refusal.ts'
import type { WebhooksDeps } from './deps.ts'
import { judgeReceiver } from './receiver.ts'

/** Refuses a URL that nothing would be sent to now; `pointer` is where the request has it. */
export async function refuseUrl(deps: WebhooksDeps, url: string, pointer: string): Promise<void> {
  const judged = await judgeReceiver(url, deps.allowedNetworks, deps.resolve)
  if (typeof judged !== 'string') return
  throw new Refusal('WEBHOOK_URL_REFUSED', { reason: judged, host: URL.parse(url)?.hostname ?? null }, [
    pointer,
  ])
}
