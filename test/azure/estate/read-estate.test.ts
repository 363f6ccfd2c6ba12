import t from 'tap'
import type { ArmRequests, SendOptions } from '../../../src/azure/client/arm-requests.ts'
import { BodyReader } from '../../../src/azure/client/body-reader.ts'
import { ANSWER_TOO_LARGE, ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import { toResourceBody } from '../../../src/azure/estate/graph-columns.ts'
import { createEstate } from '../../../src/azure/estate/read-estate.ts'
import { readClusterFacts } from '../../../src/azure/mapping/cluster.ts'
import { NETWORK_MAPPERS } from '../../../src/azure/reads/read-network.ts'
import type { JsonObject } from '../../../src/contract/json.ts'
import { startDemo } from '../../support/demo.ts'

const fault = (kind: ArmFault['kind'], code: string, retryAfterMs: number | null = null) =>
  new ArmFault({ kind, code, message: code, retryAfterMs })
const anAddress = (name: string) => ({
  id: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/${name}`,
  ipAddress: '20.1.2.3',
})

interface Asked {
  top: unknown
  token: unknown
}

/** An estate whose Resource Graph gives these answers in turn; what was asked, and how long was waited. */
function graph(answers: (JsonObject | ArmFault)[]) {
  const asked: Asked[] = []
  const waits: number[] = []
  const send = async (_method: string, _url: string, { body }: SendOptions = {}) => {
    const { options } = body as { options: { $top: number; $skipToken?: string } }
    asked.push({ top: options.$top, token: options.$skipToken ?? null })
    const answer = answers.shift()
    if (answer === undefined) throw new Error('no further answer')
    if (answer instanceof ArmFault) throw answer
    return { status: 200, headers: {}, bytes: 1, body: { totalRecords: 1, ...answer } }
  }
  const estate = createEstate(
    () => ({ send }) as unknown as ArmRequests,
    async (ms) => waits.push(ms),
  )
  const read = async () => {
    const pages = []
    for await (const page of estate.findNetwork('publicIPAddresses')) pages.push(page)
    return pages
  }
  return { asked, waits, read }
}

t.test('reads all pages, and waits for the budget instead of failing', async (t) => {
  const { asked, waits, read } = graph([
    { data: [anAddress('a')], $skipToken: 'one' },
    fault('throttled', 'CallBudgetSpent', 320),
    fault('throttled', 'RateLimiting', 4_000),
    fault('transient', 'ServiceUnavailable'),
    { data: [anAddress('b'), { id: 7 }] },
  ])
  t.match(await read(), [
    { items: [{ address: '20.1.2.3' }], unreadable: [] },
    { items: [{ address: '20.1.2.3' }], unreadable: [] },
  ])
  t.strictSame(waits, [320, 4_000, 1_000])
  t.strictSame(
    asked.map(({ token }) => token),
    [null, 'one', 'one', 'one', 'one'],
  )
})

t.test('reads a page that is too large again in smaller pages', async (t) => {
  const { asked, read } = graph([
    { data: [anAddress('a')], $skipToken: 'one' },
    fault('unknown', ANSWER_TOO_LARGE),
    { data: [anAddress('b')], $skipToken: 'two' },
    { data: [] },
  ])
  t.equal((await read()).length, 3)
  t.strictSame(asked, [
    { top: 1_000, token: null },
    { top: 1_000, token: 'one' },
    { top: 250, token: 'one' },
    { top: 250, token: 'two' },
  ])
})

t.test('rejects with the fault of a denied, invalid, or circular query', async (t) => {
  await t.rejects(graph([fault('denied', 'AuthorizationFailed')]).read(), { code: 'AuthorizationFailed' })
  await t.rejects(graph([{ rows: [] }]).read(), /has no data/)
  const circle = { data: [], $skipToken: 'one' }
  await t.rejects(graph([circle, circle]).read(), { code: ANSWER_TOO_LARGE })
  const down = Array.from({ length: 3 }, () => fault('transient', 'ServiceUnavailable'))
  await t.rejects(graph(down).read(), { code: 'ServiceUnavailable' })
})

t.test('asks for every member that the mappers read', async (t) => {
  const demo = await startDemo(t)
  const { resources } = (await demo.control('state')) as { resources: JsonObject[] }
  const translate = { managedClusters: readClusterFacts, ...NETWORK_MAPPERS }
  const counts = new Map<string, number>()
  for (const [type, toFacts] of Object.entries(translate) as [
    keyof typeof translate,
    (body: BodyReader) => object,
  ][])
    for (const body of resources.filter(({ type: own }) =>
      String(own).toLowerCase().endsWith(`/${type.toLowerCase()}`),
    )) {
      const properties = (body.properties ?? {}) as JsonObject
      const row = new BodyReader({ ...properties, ...body, properties: null })
      const expected = { ...toFacts(new BodyReader(body)), etag: null }
      t.strictSame({ ...toFacts(new BodyReader(toResourceBody(type, row))), etag: null }, expected)
      counts.set(type, (counts.get(type) ?? 0) + 1)
    }
  t.equal(counts.size, Object.keys(translate).length - 1, 'the demo fleet has no public IP prefix')
})
