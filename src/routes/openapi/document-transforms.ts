import { EXAMPLE_MESSAGE } from '../examples/webhooks.ts'
import { exampleProblem, PROBLEM_CODES } from '../problems/problems.ts'
import { EXAMPLE_NAMES, type OperationDocument, type ResponseExample } from './operation-schema.ts'

/** The generated document, as far as it is completed here. */
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

/** Adds what the generator cannot say: webhooks, examples, optional bodies, shared headers and links. */
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

/** Puts the examples in after the schemas are converted, each once, under `components`. */
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
  // Problems before a request is assigned to an operation have no place here; `GET /problems` lists them.
  const examples = allExamples([...operations.values()], version).filter(([name]) => used.has(name))
  return { ...document, components: { ...document.components, examples: Object.fromEntries(examples) } }
}

function references(names: readonly string[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }]))
}

/** Examples by name: of successes, of request bodies, of problems. */
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

/** Adds the headers that no operation names itself, spells all as the registry of HTTP does, and describes each once. */
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

/** Adds the links of the responses; throws where one names an operation that the document does not have. */
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
