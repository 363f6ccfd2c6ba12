import { readFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import t from 'tap'
import {
  PATTERN_DESCRIPTIONS,
  type SchemaError,
  toFieldErrors,
} from '../../../src/routes/validation/schema-errors.ts'
import { fakeApp, PLAN_ID, WEBHOOK_ID } from '../support/fakes.ts'

type Schema = Record<string, unknown>

const DOCUMENT = JSON.parse(
  await readFile(new URL('../../../openapi/openapi.json', import.meta.url), 'utf8'),
) as Schema

/** What says nothing about a value by itself. */
const SILENT = ['description', 'title', 'examples', 'default', 'properties', 'items', '$ref']

/** For each keyword, a value that it rejects. */
const REFUSED: Record<string, (schema: Schema) => unknown> = {
  type: ({ type }) => (type === 'boolean' ? 'x' : true),
  enum: () => 'not one of them',
  pattern: () => '\n\u0000',
  format: () => 'no time',
  minLength: () => '',
  maxLength: ({ maxLength }) => 'x'.repeat(Number(maxLength) + 1),
  minimum: ({ minimum }) => Number(minimum) - 1,
  maximum: ({ maximum }) => Number(maximum) + 1,
  multipleOf: ({ minimum, multipleOf }) => Number(minimum ?? 0) + Number(multipleOf) / 2,
  minItems: () => [],
  maxItems: ({ maxItems }) => Array(Number(maxItems) + 1).fill({}),
  uniqueItems: ({ items }) => Array(2).fill((items as Schema).type === 'string' ? 'twice' : {}),
  minProperties: () => ({}),
  maxProperties: ({ maxProperties }) =>
    Object.fromEntries(Array.from({ length: Number(maxProperties) + 1 }, (_, index) => [`x${index}`, 'x'])),
  required: () => ({}),
  // A schema for all names rejects values by its own keywords.
  additionalProperties: (schema) => (schema.additionalProperties === false ? { stranger: 1 } : undefined),
  anyOf: () => ({}),
}

/** There are hundreds of schemas to compile; each is used once. */
const CHEAP = { validateSchema: false, inlineRefs: false, code: { optimize: false } }
const ajv = new Ajv({ coerceTypes: false, allErrors: true, verbose: true, strict: false, ...CHEAP })
formats.default(ajv)
// Once: the validator visits all of it whenever it is part of a schema.
ajv.addSchema({ $id: 'document', components: inDocument(DOCUMENT.components) })

/** The same, with its references leading into the document. */
function inDocument<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/', '"$ref":"document#/')) as T
}

function found(ref: string): Schema {
  return ref
    .slice(2)
    .split('/')
    .reduce<Schema>((node, name) => node[name] as Schema, DOCUMENT)
}

interface Place {
  name: string
  part: 'query' | 'path' | 'body'
  schema: Schema
}

/** Every schema within, under the path that leads to it; each reference is followed once. */
function* within(place: Place, seen: Set<string>): Generator<Place> {
  const { name, part, schema } = place
  if (typeof schema.$ref === 'string') {
    if (seen.has(schema.$ref)) return
    seen.add(schema.$ref)
    yield* within({ ...place, schema: found(schema.$ref) }, seen)
    return
  }
  yield place
  for (const [member, each] of Object.entries((schema.properties ?? {}) as Record<string, Schema>))
    yield* within({ name: `${name}/${member}`, part, schema: each }, seen)
  if (schema.items !== undefined)
    yield* within({ name: `${name}/0`, part, schema: schema.items as Schema }, seen)
  // Null is reported with the choice that contains it.
  for (const each of ((schema.anyOf ?? []) as Schema[]).filter(({ type }) => type !== 'null'))
    yield* within({ ...place, schema: each }, seen)
}

function* requestSchemas(): Generator<Place> {
  const seen = new Set<string>()
  for (const [path, operations] of Object.entries(DOCUMENT.paths as Record<string, Record<string, Schema>>))
    for (const [method, operation] of Object.entries(operations)) {
      const name = `${method} ${path}`
      for (const given of (operation.parameters ?? []) as Schema[]) {
        const {
          in: part,
          schema,
          description,
        } = given as { in: string; schema: Schema; description?: string }
        // Headers are text, and read elsewhere.
        if (part !== 'query' && part !== 'path') continue
        // The document says beside the schema what the route says in it.
        const whole = description === undefined ? schema : { ...schema, description }
        yield* within({ name: `${name} ${String(given.name)}`, part, schema: whole }, seen)
      }
      const { content = {} } = (operation.requestBody ?? {}) as {
        content?: Record<string, { schema: Schema }>
      }
      for (const { schema } of Object.values(content)) yield* within({ name, part: 'body', schema }, seen)
    }
}

/** What the validator says of a value for a field, or for the body itself. */
function errorsOf(schema: Schema, value: unknown, isBody: boolean): SchemaError[] {
  const own = inDocument(schema)
  const validate = ajv.compile(isBody ? own : { type: 'object', properties: { field: own } })
  validate(isBody ? value : { field: value })
  return (validate.errors ?? []) as SchemaError[]
}

t.test('no keyword of a request is answered in the words of the validator', async (t) => {
  const reached = new Set<string>()
  const known = new Set([...SILENT, ...Object.keys(REFUSED)])
  for (const { name, part, schema } of requestSchemas())
    for (const keyword of Object.keys(schema)) {
      if (!known.has(keyword)) t.fail(`${name}: nothing here refuses ${keyword}`)
      const refused = REFUSED[keyword]?.(schema)
      if (refused === undefined) continue
      for (const isBody of [false, part === 'body']) {
        const errors = errorsOf(schema, refused, isBody)
        for (const error of errors) reached.add(error.keyword)
        const at = `${name}: ${keyword}`
        if (!errors.some((error) => error.keyword === keyword)) t.fail(`${at} refuses it`, { errors })
        const faults = toFieldErrors(part, errors)
        if (faults.length === 0) t.fail(`${at} is told`)
        if (keyword === 'minLength' && Number(schema.minLength) > 1)
          t.match(faults, [{ message: new RegExp(`at least ${String(schema.minLength)} characters`) }], at)
        for (const { message } of faults) {
          const raw = errors.filter((error) => message.includes(String(error.message)))
          if (raw.length > 0 || /must NOT|must match|undefined|\[object|another form/.test(message))
            t.fail(`${at} is told in words: ${message}`)
          if (!/^\S.*[.`]$/s.test(message)) t.fail(`${at} is a sentence: ${message}`)
        }
      }
    }
  t.strictSame([...reached].sort(), Object.keys(REFUSED).sort(), 'each of them is used by some request')
})

t.test('describes only patterns that the schemas contain', async (t) => {
  const patterns = new Set([...requestSchemas()].map(({ schema }) => String(schema.pattern)))
  for (const pattern of Object.keys(PATTERN_DESCRIPTIONS)) t.ok(patterns.has(pattern), pattern)
})

const WEBHOOK = `/v1/webhooks/${WEBHOOK_ID}`
const SENTENCES: ['POST' | 'PATCH', string, unknown, string, string][] = [
  [
    'PATCH',
    WEBHOOK,
    {},
    'TOO_FEW',
    'The body must have at least 1 field. Allowed: url, events, clusters, description, status.',
  ],
  ['PATCH', WEBHOOK, { events: [] }, 'TOO_FEW', 'events must have at least 1 entry.'],
  ['PATCH', WEBHOOK, { description: 7 }, 'TYPE_WRONG', 'description must be a string or null.'],
  ['PATCH', WEBHOOK, { clusters: {} }, 'TYPE_WRONG', 'clusters must be a list or null.'],
  ['PATCH', WEBHOOK, { description: '' }, 'LENGTH_WRONG', 'description must not be empty.'],
  ['PATCH', WEBHOOK, [], 'TYPE_WRONG', 'The body must be a JSON object.'],
  [
    'PATCH',
    WEBHOOK,
    { description: 'two\nlines' },
    'FORMAT_INVALID',
    'description has an invalid format. Expected: text without line breaks and other control characters.',
  ],
  [
    'POST',
    `${WEBHOOK}/replays`,
    {},
    'FORMAT_INVALID',
    'The body has an invalid format. Expected: either `deliveryId`, the ID of one message, or `failedSince`, a time.',
  ],
  [
    'POST',
    '/v1/jobs',
    { planId: PLAN_ID, window: 7 },
    'TYPE_WRONG',
    'window must be a JSON object or a string.',
  ],
]

for (const [method, url, payload, code, message] of SENTENCES)
  t.test(`${method} ${url} ${JSON.stringify(payload)} returns a message in one sentence`, async (t) => {
    const { app } = await fakeApp(t)
    const answer = await app.inject({ method, url, payload: payload as object })
    t.match(answer.json().errors, [{ code, message }])
  })

t.test('an unknown field or parameter is reported with the allowed ones', async (t) => {
  const { app } = await fakeApp(t)
  const messageOf = async (method: 'GET' | 'POST', url: string, payload?: object): Promise<string> =>
    (await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })).json().errors[0]
      .message
  const cluster = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'a', name: 'b' }
  const plan = { cluster, target: { outboundType: 'none' } }
  t.match(
    await messageOf('POST', '/v1/plans', { ...plan, outbound: 1 }),
    /^outbound is not a field of this request\. Allowed: cluster, target, .*, labels\.$/,
  )
  t.match(
    await messageOf('POST', '/v1/plans', { cluster, target: { ...plan.target, 'a/b~c': 1 } }),
    /^a\/b~c is not a field of this request\. Allowed in target: outboundType, natGateway, loadBalancer\.$/,
  )
  const waves = [{}, { cont: 1 }]
  t.match(
    await messageOf('POST', '/v1/campaigns', {
      name: 'a',
      select: { ids: ['b'] },
      target: plan.target,
      waves,
    }),
    /^cont is .* Allowed in waves\/1: name, /,
  )
  t.match(await messageOf('GET', '/v1/jobs?state=Failed'), /^state is .* Allowed: .*status, /)
  t.equal(await messageOf('GET', '/v1/me?a=1'), 'a is not a parameter of this request. None is allowed.')
  const properties = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`f${index}`, {}]))
  const error = {
    keyword: 'additionalProperties',
    instancePath: '',
    schemaPath: '#/additionalProperties',
    params: { additionalProperty: 'x' },
    parentSchema: { properties },
  }
  t.match(toFieldErrors('body', [error])[0]?.message, /, f39 and 5 more\.$/, 'a bounded list')
})
