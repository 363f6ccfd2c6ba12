import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import t from 'tap'
import { openapiText } from '../../scripts/openapi.ts'
import { arbitraryOf } from './document/arbitrary-of.ts'
import { OPERATIONS, operationAt, parametersIn, type Schema } from './document/operations.ts'
import { filled, type Template } from './document/template.ts'
import { aLane } from './requests/lane.ts'
import { BYTE_CHANGES } from './requests/mutations.ts'
import { goodRequest } from './requests/step.ts'
import { Ledger } from './run/ledger.ts'
import { wireOf } from './run/resolve.ts'

const RUN = { seed: 20_260_901, numRuns: 300 }
const ID = '01990000-0000-7000-8000-000000000001'

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
ajv.addSchema(JSON.parse(await openapiText()), 'openapi')
const text = (value: Template) =>
  filled(value, (name, of) => {
    if (name === '$now') return '2026-09-01T00:00:00.000Z'
    return String(of).endsWith('Id') ? ID : []
  })

for (const operation of OPERATIONS)
  t.test(`good requests of ${operation.id} are what the document allows`, async (t) => {
    const { schema } = operation.body ?? {}
    const isAllowed = ajv.compile(schema?.$ref === undefined ? {} : { $ref: `openapi${schema.$ref}` })
    const names = operation.path.match(/\{/g)?.length ?? 0
    fc.assert(
      fc.property(goodRequest(operation), ({ body, path, twists }) => {
        if (body !== undefined && !isAllowed(text(body))) throw new Error(ajv.errorsText(isAllowed.errors))
        return Object.keys(path).length === names && twists.length === 0
      }),
      RUN,
    )
    t.pass('all of them')
  })

t.test('rejects a keyword or type that the generator does not support', async (t) => {
  const make = (schema: Schema) => () => arbitraryOf(schema, 'x')
  t.throws(make({ type: 'object', patternProperties: {} }), /does not know patternProperties/)
  t.throws(make({ type: 'tuple' }), /does not know the type tuple/)
  t.throws(make({ type: 'string', format: 'idn-email' }), /give a hint/)
  t.throws(make({ type: 'string', pattern: '^(?=x)' }), /give a hint/)
})

t.test('an address is always on this machine, regardless of the example in the document', async (t) => {
  const uri = arbitraryOf({ type: 'string', format: 'uri', examples: ['https://portal.example/hook'] }, 'url')
  for (const each of fc.sample(uri, RUN)) t.match(each, /^https:\/\/(127\.0\.0\.1|localhost):9\//)
})

t.test('the same seed makes the same lanes', async (t) => {
  const sample = (seed: number) => JSON.stringify(fc.sample(aLane(), { seed, numRuns: 20 }))
  t.equal(sample(7), sample(7))
  t.not(sample(7), sample(8))
})

t.test('lanes reach every operation, go wrong in every way, and never lead off the machine', async (t) => {
  const lanes = fc.sample(aLane(), { seed: 1, numRuns: 1_500 })
  const asked = lanes.flat().flatMap((step) => (step.kind === 'ask' ? [step] : []))
  for (const { id } of OPERATIONS) t.ok(asked.filter(({ operation }) => operation === id).length > 20, id)
  const changes = new Set(
    asked.flatMap(({ twists }) => twists.map((each) => (each.kind === 'bytes' ? each.change : each.kind))),
  )
  for (const change of Object.keys(BYTE_CHANGES)) t.ok(changes.has(change), change)
  const ledger = new Ledger('test')
  for (const step of asked) {
    const body = wireOf(step, ledger).body?.toString('utf8') ?? ''
    // What no parser reads leads nowhere, and nor does what is no host.
    if (!isJson(body)) continue
    const addresses = [...body.matchAll(/https?:\/\/([^/"]*)/g)].map(([, host]) => host ?? '')
    for (const host of addresses.filter((each) => URL.canParse(`http://${each}`)))
      t.match(host, /^(127\.0\.0\.1|localhost):9$/)
  }
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

t.test('paths are found as the router finds them', async (t) => {
  t.equal(operationAt('HEAD', '/v1/plans/x')?.id, 'getPlan')
  t.equal(operationAt('GET', '/v1/plans/'), undefined)
  t.equal(operationAt('PUT', '/v1/plans'), undefined)
  t.strictSame(parametersIn('/a/{b}/c/{d}', '/a/1/c/2'), { b: '1', d: '2' })
})
