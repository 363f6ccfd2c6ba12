import { given, type ProblemText, word } from './text.ts'

const ID = '01990000-0000-7000-8000-000000000001'

/** Why a URL is refused, by the fact `reason`. */
const REASONS: Record<string, string> = {
  NOT_A_URL: 'this is not an http or https URL',
  NOT_HTTPS:
    'the URL is not https, and only receivers in networks that the operator has allowed may do without',
  CREDENTIALS: 'the URL holds a user name or a password',
  NAME_UNKNOWN: 'the name has no address',
  ADDRESS_REFUSED: 'it leads to an address that is not public, such as a private or a loopback one',
}

/** What can be wrong with webhooks and their messages. */
export const WEBHOOK_TEXTS = {
  WEBHOOK_NOT_FOUND: {
    detail: (facts) => `The caller has no webhook${given(' ', word(facts.webhookId))}.`,
    remedy: 'GET /v1/webhooks lists your webhooks; those of others are not told of.',
    example: { webhookId: ID },
  },
  DELIVERY_NOT_FOUND: {
    detail: (facts) => `The webhook has no delivery${given(' ', word(facts.deliveryId))}.`,
    remedy: "GET the webhook's deliveries lists them; they are kept for 30 days.",
    example: { webhookId: ID, deliveryId: ID },
  },
  WEBHOOK_URL_REFUSED: {
    detail: (facts) =>
      `Nothing is sent to ${word(facts.host) || 'this URL'}: ${REASONS[word(facts.reason)] ?? 'it is not one that may be sent to'}.`,
    remedy:
      'Give an https URL without credentials whose host is public. For a receiver in a private network the operator sets WEBHOOK_ALLOWED_NETWORKS.',
    example: { reason: 'ADDRESS_REFUSED', host: 'localhost' },
  },
  WEBHOOK_SECRET_INVALID: {
    detail: () => 'The secret is not whsec_ followed by 24 to 64 bytes in base64.',
    remedy: 'Make one with: echo "whsec_$(openssl rand -base64 32)".',
    example: {},
  },
  WEBHOOK_LIMIT_REACHED: {
    detail: (facts) => `The caller has ${word(facts.limit) || 'all'} webhooks, which is the most.`,
    remedy: 'Delete those that nobody needs, or let one webhook be told of more.',
    example: { limit: 50 },
  },
  WEBHOOK_DISABLED: {
    detail: (facts) =>
      `The webhook is disabled${given(': ', word(facts.because))}, so nothing is sent to it.`,
    remedy: 'Mend the receiver, then PATCH the webhook with status enabled.',
    example: { webhookId: ID, because: 'GONE' },
  },
} as const satisfies Record<string, ProblemText>
