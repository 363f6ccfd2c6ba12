/** A header as the generator writes it into a response. */
type Header = Record<string, unknown>

interface Response {
  headers?: Record<string, Header>
}
interface OperationWithHeaders {
  responses: Record<string, Response>
}
/** The document as far as headers go. */
interface DocumentWithHeaders {
  components?: object
  paths: Record<string, Record<string, OperationWithHeaders>>
}

const text = (description: string): Header => ({ description, schema: { type: 'string' } })

/** Set on every answer of every operation. */
const COMMON_HEADERS: Record<string, Header> = {
  'Access-Control-Allow-Origin': text(
    'The origin of the page that asks, where the operator lets pages of it in (`CORS_ORIGINS`).',
  ),
}
/** Set wherever callers are counted, which probes are not. */
const RATE_LIMIT_HEADERS: Record<string, Header> = {
  'RateLimit-Policy': text('How many requests this caller may make, as `"reads";q=300000;w=60`.'),
  RateLimit: text('How many are left and for how many seconds, as `"reads";r=299999;t=60`.'),
}
/** Names that are not written with a capital for each word. */
const CANONICAL_NAMES: Record<string, string> = { etag: 'ETag' }

/**
 * Adds the headers that no operation names itself, spells all names as the registry of HTTP does, and describes each
 * header once, under `components`. `quiet` are the operations that are not counted.
 */
export function withHeaders<T extends DocumentWithHeaders>(document: T, quiet: ReadonlySet<string>): T {
  const shared: Record<string, Header> = {}
  for (const operation of Object.values(document.paths).flatMap((each) => Object.values(each))) {
    const isCounted = !quiet.has((operation as { operationId?: string }).operationId ?? '')
    for (const [status, response] of Object.entries(operation.responses)) {
      const counted = isCounted && status < '500' ? RATE_LIMIT_HEADERS : {}
      const own = Object.entries(response.headers ?? {}).map(
        ([name, header]) => [canonicalName(name), header] as const,
      )
      const all = { ...Object.fromEntries(own), ...COMMON_HEADERS, ...counted }
      response.headers = Object.fromEntries(
        Object.entries(all).map(([name, header]) => [name, referenceShared(shared, name, header)]),
      )
    }
  }
  return { ...document, components: { ...document.components, headers: shared } }
}

/** Two operations may say different things of the same header; each saying has its own name. */
function referenceShared(shared: Record<string, Header>, name: string, header: Header): { $ref: string } {
  const same = JSON.stringify(header)
  for (let number = 1; ; number++) {
    const key = number === 1 ? name : `${name}-${number}`
    const present = shared[key]
    if (present === undefined) shared[key] = header
    if (present === undefined || JSON.stringify(present) === same)
      return { $ref: `#/components/headers/${key}` }
  }
}

function canonicalName(name: string): string {
  const usual = () => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
  return CANONICAL_NAMES[name] ?? usual()
}

interface OperationWithLinks {
  operationId?: string
  responses: Record<string, { links?: Record<string, object> }>
}

const PLAN = { planId: '$response.body#/id' }
const JOB = { jobId: '$response.body#/id' }
const JOB_LINKS = {
  pollJob: { operationId: 'getJob', parameters: JOB, description: 'How the job stands.' },
  followJob: {
    operationId: 'listJobEvents',
    parameters: JOB,
    description: 'What the job has done, as it happens.',
  },
  cancelJob: { operationId: 'cancelJob', parameters: JOB, description: 'Stop before the next step.' },
  releaseJob: {
    operationId: 'releaseJob',
    parameters: JOB,
    description: 'Let a job go on that was ordered with `holdBeforeCutOver`.',
  },
  planBack: {
    operationId: 'createRollbackPlan',
    parameters: JOB,
    description: 'The way back, once the job has ended; `actions.rollbackPlan` says whether there is one.',
  },
}
const PLAN_LINKS = {
  readPlan: {
    operationId: 'getPlan',
    parameters: PLAN,
    description: 'The plan again, also as Markdown or HTML.',
  },
  readIpChanges: { operationId: 'getIpChanges', parameters: PLAN, description: 'What to tell firewalls.' },
  approvePlan: { operationId: 'approvePlan', parameters: PLAN, description: 'A second person agrees.' },
  executePlan: {
    operationId: 'createJob',
    requestBody: { planId: '$response.body#/id', acknowledge: [] },
    description:
      'Carry the plan out; name in `acknowledge` what `acknowledgementsRequired` of the plan lists.',
  },
}

const WEBHOOK = { webhookId: '$response.body#/id' }
const WEBHOOK_LINKS = {
  readWebhook: { operationId: 'getWebhook', parameters: WEBHOOK, description: 'Whether it is enabled.' },
  pingWebhook: {
    operationId: 'pingWebhook',
    parameters: WEBHOOK,
    description: 'See whether messages arrive.',
  },
  readDeliveries: {
    operationId: 'listDeliveries',
    parameters: WEBHOOK,
    description: 'What was sent, and what came of it.',
  },
}
const DELIVERY_LINKS = {
  readDelivery: {
    operationId: 'getDelivery',
    parameters: { webhookId: '$response.body#/webhookId', deliveryId: '$response.body#/id' },
    description: 'Whether the message has arrived.',
  },
}

/** Where an answer leads: from a plan to its job, and from a job to what can be done with it. */
const LINKS_BY_RESPONSE: Record<string, Record<string, object>> = {
  'createPlan 201': PLAN_LINKS,
  'createRollbackPlan 201': PLAN_LINKS,
  'createCleanUpPlan 201': PLAN_LINKS,
  'createJob 202': JOB_LINKS,
  'createWebhook 201': WEBHOOK_LINKS,
  'pingWebhook 202': DELIVERY_LINKS,
}

/** Puts the links of the contract into the finished document; throws where they name what it does not have. */
export function withLinks<T extends { paths: Record<string, Record<string, OperationWithLinks>> }>(
  document: T,
): T {
  const operations = Object.values(document.paths).flatMap((each) => Object.values(each))
  const byId = new Map(operations.map((each) => [each.operationId ?? '', each]))
  for (const [place, links] of Object.entries(LINKS_BY_RESPONSE)) {
    const [operationId = '', status = ''] = place.split(' ')
    const response = byId.get(operationId)?.responses[status]
    if (response === undefined) throw new Error(`no answer ${place} to link from`)
    for (const link of Object.values(links) as { operationId: string }[])
      if (!byId.has(link.operationId))
        throw new Error(`${place} links to ${link.operationId}, which is no operation`)
    response.links = links
  }
  return document
}

/** What of the document follows from the routes, as far as messages go. */
interface DocumentWithWebhooks {
  webhooks?: object
}

const header = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string', maxLength: 1_000, pattern: '^[\\x20-\\x7e]+$' },
  example,
})

const taken = {
  description: 'Any status of 2xx within 15 seconds: the message is taken. The body is not read.',
}

/** The request that this service sends to a webhook, for whoever generates a receiver from the document. */
const MESSAGE = {
  post: {
    operationId: 'receiveMessage',
    tags: ['Webhooks'],
    summary: 'A message to a webhook',
    description:
      'Sent to the `url` of a webhook, signed as Standard Webhooks has it: check the signature over the bytes that came, and that the time is of the last minutes, with any library for it. The same `webhook-id` may come more than once, and messages of one job in another order: `sequence` tells theirs. 410 disables the webhook; anything else but 2xx is tried again, after `Retry-After` at the earliest, ten times over three days.',
    security: [],
    parameters: [
      header('webhook-id', 'The message: the same at every attempt.', '01990000-0000-7000-8000-000000000006'),
      header('webhook-timestamp', 'When this attempt was made, in seconds since 1970.', '1788221101'),
      header(
        'webhook-signature',
        '`v1,` and the HMAC-SHA256 in base64 over `webhook-id.webhook-timestamp.body`; two of them, with a space between, while a secret is changed.',
        'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      ),
    ],
    requestBody: {
      required: true,
      description: 'What happened, and the job as it was then.',
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/WebhookMessage' },
          examples: { webhookMessage: { $ref: '#/components/examples/webhookMessage' } },
        },
      },
    },
    responses: {
      '200': taken,
      '204': taken,
      '410': { description: 'Nobody listens here any more: the webhook is disabled.' },
    },
  },
}

/** Puts what is sent beside what is answered. */
export function withWebhooks<T extends DocumentWithWebhooks>(document: T): T {
  return { ...document, webhooks: { message: MESSAGE } }
}
