import { readFile } from 'node:fs/promises'
import t from 'tap'
import { OPENAPI_FILE, openapiText } from '../scripts/openapi.ts'
import { EXAMPLE_PLAN } from '../src/routes/examples/jobs.ts'
import { type Document, operationsOf } from './routes/support/document.ts'
import { fakeApp } from './routes/support/fakes.ts'

t.test('the checked-in document matches the routes', async (t) => {
  const made = await openapiText()
  const checkedIn = await readFile(OPENAPI_FILE, 'utf8')
  t.ok(made === checkedIn, 'openapi/openapi.json is out of date: run `npm run openapi` and commit it')
})

t.test('every operation has an id, a summary, a description and documented problems', async (t) => {
  const document: Document = JSON.parse(await openapiText())
  const operations = operationsOf(document).map(({ operation }) => operation)
  t.equal(document.openapi, '3.1.0')
  t.ok(operations.length >= 16)
  t.equal(new Set(operations.map((each) => each.operationId)).size, operations.length)
  for (const { operationId, summary, description, responses } of operations) {
    t.match({ operationId, summary, description }, { operationId: /./, summary: /./, description: /./ })
    const statuses = Object.keys(responses)
    t.ok(
      statuses.some((status) => status.startsWith('4')),
      `${operationId} documents a 4xx`,
    )
    for (const status of statuses) {
      const response = responses[status]
      t.match(response?.description, /./)
      if (status >= '400') t.strictSame(Object.keys(response?.content ?? {}), ['application/problem+json'])
    }
  }
})

t.test('every reference of the document resolves', async (t) => {
  const text = await openapiText()
  const document = JSON.parse(text)
  const references = new Set([...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path]) => path ?? ''))
  t.ok(references.size > 20)
  for (const reference of references) {
    const found = reference.split('/').reduce((at, key) => at?.[key], document)
    t.ok(found, reference)
  }
})

t.test('the document contains the examples unchanged', async (t) => {
  const document = JSON.parse(await openapiText())
  t.strictSame(document.components.examples.plan.value, EXAMPLE_PLAN)
})

t.test('serves the document and Swagger UI without external resources', async (t) => {
  const { app } = await fakeApp(t)
  const document = await app.inject('/openapi.json')
  t.equal(document.statusCode, 200)
  t.strictSame(document.json(), JSON.parse(await openapiText()))
  const root = await app.inject('/')
  t.equal(root.statusCode, 200)
  t.match(root.payload, 'href="/docs"')
  const page = await app.inject('/docs')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-security-policy'], /default-src 'none'/)
  const assets = [...page.payload.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '')
  t.ok(assets.length >= 5)
  for (const asset of assets) t.equal((await app.inject(asset)).statusCode, 200, asset)
})

t.test('every pattern accepts its examples without the unicode flag', async (t) => {
  const document = JSON.parse(await openapiText()) as unknown
  let count = 0
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { pattern, examples } = value as { pattern?: unknown; examples?: unknown }
    if (typeof pattern === 'string' && Array.isArray(examples)) {
      for (const example of examples)
        t.match(String(example), new RegExp(pattern), `${pattern} takes ${example}`)
      count++
    }
    for (const each of Object.values(value)) look(each)
  }
  look(document)
  t.ok(count > 0, 'there are patterns with examples')
})

/** Paths of the strings, numbers and lists of a request without a bound. */
function unbounded(schema: Record<string, unknown>, document: Loose, at: string): string[] {
  const { $ref, type, properties, items, anyOf, oneOf, allOf } = schema as Loose
  if (typeof $ref === 'string') return unbounded(resolved(document, $ref), document, at)
  const inner = [
    ...Object.entries((properties ?? {}) as Loose).flatMap(([name, each]) =>
      unbounded(each as Loose, document, `${at}/${name}`),
    ),
    ...(items === undefined ? [] : unbounded(items as Loose, document, `${at}/*`)),
    ...[anyOf, oneOf, allOf].flatMap((many) =>
      ((many ?? []) as Loose[]).flatMap((each) => unbounded(each, document, at)),
    ),
  ]
  const isFixed = 'enum' in schema || 'const' in schema
  if (isFixed) return inner
  const given = (...names: string[]) => names.some((name) => name in schema)
  if (type === 'string' && !given('maxLength', 'pattern', 'format')) return [at, ...inner]
  if ((type === 'integer' || type === 'number') && !(given('minimum') && given('maximum')))
    return [at, ...inner]
  if (type === 'array' && !given('maxItems')) return [at, ...inner]
  if (type === 'object' && schema.additionalProperties !== false) {
    // A map, such as labels, has a bound for its members and for each of them.
    const isMap = typeof schema.additionalProperties === 'object' && given('maxProperties')
    if (!isMap) return [`${at} allows unknown members`, ...inner]
    return [...inner, ...unbounded(schema.additionalProperties as Loose, document, `${at}/*`)]
  }
  return inner
}

type Loose = Record<string, unknown>

const resolved = (document: Loose, reference: string) =>
  reference
    .slice(2)
    .split('/')
    .reduce((value, key) => value[key] as Loose, document)

t.test('every string, number and list of a request has a bound', async (t) => {
  const document = JSON.parse(await openapiText()) as Loose
  let count = 0
  const look = (schema: Loose, at: string) => {
    count++
    t.strictSame(unbounded(schema, document, at), [], at)
  }
  for (const { method, path, operation } of operationsOf(document as unknown as Document)) {
    const { parameters = [], requestBody } = operation as unknown as {
      parameters?: { name: string; in: string; schema: Loose }[]
      requestBody?: { content: Record<string, { schema: Loose }> }
    }
    // The size of all headers together has a limit.
    for (const { name, schema } of parameters.filter((each) => each.in !== 'header'))
      look(schema, `${method} ${path} ${name}`)
    for (const { schema } of Object.values(requestBody?.content ?? {})) look(schema, `${method} ${path} body`)
  }
  t.ok(count > 30, 'there are parameters and bodies')
})

t.test('a plan links to its job, and a job links to its operations', async (t) => {
  const { paths } = JSON.parse(await openapiText())
  const { links } = paths['/v1/plans'].post.responses['201']
  t.match(links.executePlan, { operationId: 'createJob', requestBody: { planId: '$response.body#/id' } })
  t.match(paths['/v1/jobs'].post.responses['202'].links.pollJob, { operationId: 'getJob' })
})

t.test('Swagger UI prefills no request header', async (t) => {
  const document = JSON.parse(await openapiText()) as Document
  const headers = operationsOf(document).flatMap(({ operation }) => {
    const { parameters = [] } = operation as unknown as { parameters?: Loose[] }
    return parameters.filter((each) => each.in === 'header')
  })
  t.ok(headers.length > 10)
  for (const { name, schema, ...rest } of headers) {
    const filledIn = Object.keys({ ...rest, ...(schema as Loose) })
    t.notOk(
      filledIn.some((each) => ['example', 'examples', 'default', 'enum'].includes(each)),
      `${name} has no prefilled value`,
    )
  }
})
