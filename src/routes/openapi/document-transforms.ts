import { EXAMPLE_MESSAGE } from '../examples/webhooks.ts'
import { exampleProblem, PROBLEM_CODES } from '../problems/problems.ts'
import { EXAMPLE_NAMES, type OperationDocument, type ResponseExample } from './operation-schema.ts'

/** The generated document, limited to the members that are completed here. */
export interface GeneratedDocument {
  components: object
  paths: Record<string, Record<string, GeneratedOperation>>
  webhooks?: object
}
interface GeneratedOperation {
  operationId: string
  requestBody?: { required?: boolean; content: Record<string, Media> }
  responses: Record<string, GeneratedResponse>
}
interface GeneratedResponse {
  content?: Record<string, Media>
  headers?: Record<string, Header>
  links?: object
}
type Media = Record<string, unknown>
type Header = Record<string, unknown>
type Operations = ReadonlyMap<string, OperationDocument>

/** Adds what the generator cannot express: webhooks, examples, optional bodies, shared headers and links. */
export function completeDocument(
  document: GeneratedDocument,
  operations: readonly OperationDocument[],
  version: string,
): GeneratedDocument {
  const byId = new Map(operations.map((operation) => [operation.operationId, operation]))
  const withMessages = { ...document, webhooks: { message: MESSAGE } }
  const withValues = withExamples(withMessages, byId, version)
  for (const { operationId, requestBody } of operationsOf(withValues))
    if (requestBody !== undefined && byId.get(operationId)?.bodyOptional === true)
      requestBody.required = false
  return withLinks(withHeaders(withValues, byId), byId)
}

function operationsOf(document: GeneratedDocument): GeneratedOperation[] {
  return Object.values(document.paths).flatMap((methods) => Object.values(methods))
}

/** Adds each example once under `components`, after the schemas are converted. */
function withExamples(
  document: GeneratedDocument,
  operations: Operations,
  version: string,
): GeneratedDocument {
  for (const { operationId, requestBody, responses } of operationsOf(document)) {
    const body = requestBody?.content['application/json']
    const examples = operations.get(operationId)?.examples
    if (body !== undefined && examples !== undefined) body.examples = references(Object.keys(examples))
    for (const media of Object.values(responses).flatMap(({ content }) => Object.values(content ?? {}))) {
      media.examples = references(media[EXAMPLE_NAMES] as readonly string[])
      delete media[EXAMPLE_NAMES]
    }
  }
  const text = JSON.stringify([document.paths, document.webhooks])
  const used = new Set([...text.matchAll(/#\/components\/examples\/([^"]+)/g)].map(([, name]) => name))
  // Problems that occur before a request is assigned to an operation are omitted; `GET /problems` lists them.
  const examples = allExamples([...operations.values()], version).filter(([name]) => used.has(name))
  return { ...document, components: { ...document.components, examples: Object.fromEntries(examples) } }
}

function references(names: readonly string[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }]))
}

/** Named examples of successful responses, request bodies and problems. */
function allExamples(operations: readonly OperationDocument[], version: string): [string, object][] {
  const responses = operations
    .flatMap((operation) => Object.values(operation.responses))
    .flatMap(({ example, others = {} }) => [example ?? {}, ...Object.values(others)])
    .flatMap((example) => Object.entries(example))
  const message: ResponseExample = { webhookMessage: EXAMPLE_MESSAGE }
  const successes = [...new Map([...responses, ...Object.entries(message)])]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]): [string, object] => [
      name,
      { value: typeof value === 'function' ? value(version) : value },
    ])
  const requests = operations.flatMap(({ examples = {} }) => Object.entries(examples))
  const problems = PROBLEM_CODES.map((code): [string, object] => [code, { value: exampleProblem(code) }])
  return [...successes, ...requests, ...problems]
}

const text = (description: string): Header => ({ description, schema: { type: 'string' } })

/** Set on every response of every operation. */
const COMMON_HEADERS: Record<string, Header> = {
  'Access-Control-Allow-Origin': text(
    'The origin of the calling page, if the operator allows it in `CORS_ORIGINS`.',
  ),
}
/** Set on all operations with a rate limit; probes have none. */
const RATE_LIMIT_HEADERS: Record<string, Header> = {
  'RateLimit-Policy': text(
    'The request limit of this caller, such as `"reads";q=300000;w=60`: 300000 requests per 60 s.',
  ),
  RateLimit: text('The remaining requests and the seconds until the reset, such as `"reads";r=299999;t=60`.'),
}
/** Header names that do not start each word with a capital letter. */
const CANONICAL_NAMES: Record<string, string> = { etag: 'ETag' }

/** Adds the common headers, spells all headers as the HTTP registry does, and describes each header once. */
function withHeaders(document: GeneratedDocument, operations: Operations): GeneratedDocument {
  const shared: Record<string, Header> = {}
  for (const { operationId, responses } of operationsOf(document)) {
    const isCounted = operations.get(operationId)?.quiet !== true
    for (const [status, response] of Object.entries(responses)) {
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

/** Operations may describe the same header differently; each description gets its own name. */
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

/** Adds the links of the responses; throws if a link names an operation that the document does not contain. */
function withLinks(document: GeneratedDocument, operations: Operations): GeneratedDocument {
  const generated = operationsOf(document)
  for (const { operationId, responses } of generated)
    for (const [status, { links }] of Object.entries(operations.get(operationId)?.responses ?? {})) {
      const response = responses[status]
      if (response === undefined || links === undefined) continue
      for (const link of Object.values(links))
        if (!generated.some((operation) => operation.operationId === link.operationId))
          throw new Error(`${operationId} ${status} links to ${link.operationId}, which is no operation`)
      response.links = links
    }
  return document
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
  description: 'Any 2xx status within 15 s confirms the message. The response body is ignored.',
}

/** The request that this service sends to a webhook, for developers who generate a receiver from the document. */
const MESSAGE = {
  post: {
    operationId: 'receiveMessage',
    tags: ['Webhooks'],
    summary: 'Receive a webhook message',
    description:
      'This service sends the message to the `url` of a webhook, signed according to Standard Webhooks. Verify the signature over the raw bytes and check that the timestamp is recent, with any Standard Webhooks library. A message with the same `webhook-id` can arrive more than once. Messages of a job can arrive out of order: sort them by `sequence`. Status 410 disables the webhook. After any other status outside 2xx, the service retries after the time in `Retry-After` at the earliest. It makes at most 10 attempts over 3 days.',
    security: [],
    parameters: [
      header(
        'webhook-id',
        'The ID of the message. It is the same for all attempts.',
        '01990000-0000-7000-8000-000000000006',
      ),
      header(
        'webhook-timestamp',
        'The time of this attempt, in seconds since 1970-01-01T00:00:00Z.',
        '1788221101',
      ),
      header(
        'webhook-signature',
        '`v1,` followed by the base64 HMAC-SHA256 of `webhook-id.webhook-timestamp.body`. While a secret is rotated, the header contains two signatures, separated by a space.',
        'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      ),
    ],
    requestBody: {
      required: true,
      description: 'The event, and the state of the job or plan at that time.',
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
      '410': { description: 'The receiver no longer exists. The service disables the webhook.' },
    },
  },
}
