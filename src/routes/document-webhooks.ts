/** What of the document follows from the routes, as far as messages go. */
export interface DocumentWithWebhooks {
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
