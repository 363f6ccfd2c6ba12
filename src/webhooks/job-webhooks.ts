import { Refusal } from '../core/refusal.ts'
import { isSecret } from '../core/webhooks/secret.ts'
import { JOB_MESSAGE_TYPES } from '../core/webhooks/webhook.ts'
import { insertWebhook } from '../database/webhook-store.ts'
import type { JobWebhooks } from '../jobs/job-webhooks.ts'
import type { WebhooksDeps } from './deps.ts'
import { publish } from './publish.ts'
import { refuseUrl } from './refuse-url.ts'

/** What jobs are given, so that others hear of them. */
export function createJobWebhooks(deps: WebhooksDeps): JobWebhooks {
  return {
    async check({ url, secret }) {
      if (!isSecret(secret)) throw new Refusal('WEBHOOK_SECRET_INVALID', {}, ['/webhook/secret'])
      await refuseUrl(deps, url, '/webhook/url')
    },
    async add(trx, jobId, by, { url, secret, owner, events = [...JOB_MESSAGE_TYPES] }) {
      const createdAt = deps.now().toISOString()
      const given = { url, description: null, events, clusters: [], jobId, createdAt, createdBy: by }
      await insertWebhook(trx, { id: deps.newId(), secret, owner, ...given })
    },
    publish: (trx, clusterKey, appended) => publish(trx, deps, clusterKey, appended),
  }
}
