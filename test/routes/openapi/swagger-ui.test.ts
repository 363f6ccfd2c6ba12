import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { fakeApp, ownApp } from '../support/fakes.ts'

type Operation = { security?: object; responses: Record<string, { description: string }> }
type Document = { paths: Record<string, Record<string, Operation>>; components: { securitySchemes?: object } }

t.test('Swagger UI shows every problem of an operation, the common ones in one response', async (t) => {
  const { app } = await fakeApp(t)
  const full: Document = (await app.inject('/openapi.json')).json()
  const shown: Document = (await app.inject('/docs/json')).json()
  const codesOf = (operation: Operation | undefined) =>
    Object.values(operation?.responses ?? {})
      .flatMap(({ description }) => description.match(/`[A-Z_]+`(?=:| \()/g) ?? [])
      .toSorted()
  for (const [path, methods] of Object.entries(full.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const short = shown.paths[path]?.[method]
      t.strictSame(codesOf(short), codesOf(operation), `${method} ${path}`)
      t.ok(short?.responses.default)
      t.notOk(short?.security, 'no locks where nobody is authenticated')
    }
  t.notOk(shown.components.securitySchemes)
  t.ok(full.components.securitySchemes, 'the contract keeps them')
  t.strictSame(Object.keys(shown.paths['/v1/plans']?.post?.responses ?? {}), ['201', '400', 'default'])
})

t.test('Swagger UI reads OpenAPI 3.0, with every null of the contract', async (t) => {
  const { app } = await fakeApp(t)
  const count = (text: string, part: string) => text.split(part).length - 1
  const [full, shown] = [(await app.inject('/openapi.json')).body, (await app.inject('/docs/json')).body]
  t.match(JSON.parse(shown), { openapi: '3.0.3' })
  t.equal(count(shown, '{"type":"null"}'), 0)
  t.equal(count(shown, '"nullable":true'), count(full, '{"type":"null"}'))
  const { schemas } = JSON.parse(shown).components
  t.match(schemas.Job.properties.error, {
    allOf: [{ $ref: '#/components/schemas/JobError' }],
    nullable: true,
  })
  t.match(schemas.Job.properties.reason, { type: 'string', nullable: true })
})

t.test('Swagger UI and the document are compressed and cached', async (t) => {
  const { app } = await ownApp(t)
  const files = ['/docs', '/docs/json', '/openapi.json', '/docs/static/swagger-ui-bundle.js']
  for (const url of files) {
    const plain = await app.inject(url)
    t.notOk(plain.headers['content-encoding'], url)
    for (let times = 0; times < 2; times++) {
      const zipped = await app.inject({ url, headers: { 'accept-encoding': 'br;q=1, gzip' } })
      t.match(zipped.headers, { 'content-encoding': 'gzip', vary: /Accept-Encoding/ }, url)
      t.equal(gunzipSync(zipped.rawPayload).toString(), plain.payload, url)
    }
    const none = await app.inject({ url, headers: { 'accept-encoding': 'gzip;q=0' } })
    t.notOk(none.headers['content-encoding'], url)
    const etag = String(plain.headers.etag)
    const again = await app.inject({ url, headers: { 'if-none-match': etag, 'accept-encoding': 'gzip' } })
    t.equal(again.statusCode, 304, url)
    t.equal(again.payload, '')
  }
  t.equal((await app.inject(files[3] ?? '')).headers['cache-control'], 'public, max-age=3600')
  const operation = await app.inject({ url: '/problems', headers: { 'accept-encoding': 'gzip' } })
  t.notOk(operation.headers['content-encoding'], 'responses of operations are not compressed')
})
