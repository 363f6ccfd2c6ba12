import { readFileSync } from 'node:fs'
import t from 'tap'
import manifest from '../package.json' with { type: 'json' }
import { openapiText } from '../scripts/openapi.ts'
import { fakeApp } from './routes/support/fakes.ts'

const { version } = manifest

t.test('package.json is the only place of the version number', async (t) => {
  const document = JSON.parse(await openapiText())
  t.equal(document.info.version, version, 'OpenAPI document')
  t.equal(document.components.examples.health.value.version, version, 'example of GET /healthz')
  const { app } = await fakeApp(t)
  t.equal((await app.inject('/healthz')).json().version, version, 'GET /healthz')
})

t.test('the changelog describes the version of package.json', async (t) => {
  const changelog = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8')
  const [latest] = [...changelog.matchAll(/^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$/gm)]
  t.equal(latest?.[1], version)
})
