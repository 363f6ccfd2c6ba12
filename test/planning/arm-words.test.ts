import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { connectArm } from '../../src/azure/connect/connect-arm.ts'
import type { Json } from '../../src/contract/json.ts'
import { TYPE_KEYS } from '../../src/contract/outbound-type.ts'
import { buildPlan } from '../../src/core/planner/planner.ts'
import { createTakeSnapshot, type TakeSnapshot } from '../../src/planning/snapshot/take-snapshot.ts'
import { ANY_POLICY, STAMP } from '../support/a-plan.ts'
import { DEMO_CLUSTERS, startDemo } from '../support/demo.ts'

/*
 * ARM repeats some words as the caller spelled them (`windows`, `standard`), and differently in each API version. Here
 * a proxy changes the letter case of every word that ARM returns, and no plan may change.
 */

/** Fields with names and texts of the customer, which plans repeat as they are. */
const FREE_TEXT =
  /^(name|id|tags|location|nodeResourceGroup|dnsPrefix|adminUsername|e?tag|tenantId|principalId|clientId)$/i
/** What a name contains that is not a word: the parts of ids, versions, addresses, hosts. */
const WORD = /^[A-Za-z][A-Za-z0-9]*$/

function recased(value: Json, recase: (word: string) => string, key = ''): Json {
  if ((FREE_TEXT.test(key) && !isSkuName(key, value)) || isPoints(key, value)) return value
  if (typeof value === 'string') return WORD.test(value) ? recase(value) : value
  if (Array.isArray(value)) return value.map((item) => recased(item, recase, key))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      recased(item ?? null, recase, key === 'sku' ? 'word' : name),
    ]),
  )
}

/** `sku.name` and `sku.tier` are words. */
function isSkuName(key: string, value: Json): boolean {
  return key === 'word' && typeof value === 'string'
}

/** The values of a metric: thousands of times and numbers, and no word. */
function isPoints(key: string, value: Json): boolean {
  return key === 'data' && Array.isArray(value)
}

/** A server that passes every request on, and changes the words in the answers. */
async function recasingProxy(target: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json' },
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    })
    const text = await answer.text()
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(text === '' ? '' : JSON.stringify(recased(JSON.parse(text), spellings(text.length))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

const alternating = (word: string) =>
  [...word].map((letter, index) => (index % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase())).join('')

const SPELLINGS = [(word: string) => word.toLowerCase(), (word: string) => word.toUpperCase(), alternating]

/** Each word of an answer is spelled differently from the one before, so that two words of Azure differ as well. */
function spellings(start: number): (word: string) => string {
  let next = start
  return (word) => SPELLINGS[next++ % SPELLINGS.length]?.(word) ?? word
}

const demo = await startDemo(t)

async function plansOf(takeSnapshot: TakeSnapshot, name: string): Promise<string[]> {
  const cluster = demo.ref(name)
  const snapshot = await takeSnapshot(cluster, [], { surroundings: true })
  return TYPE_KEYS.map((outboundType) => {
    const request = { cluster, target: { outboundType }, authorizedRanges: 'widen' as const, reason: null }
    return JSON.stringify(buildPlan({ ...snapshot, takenAt: '' }, request, ANY_POLICY, STAMP), null, 1)
  })
}

const asSpelledByAzure = new Map<string, string[]>()
for (const name of DEMO_CLUSTERS) asSpelledByAzure.set(name, await plansOf(demo.takeSnapshot, name))

t.test('plans do not depend on the letter case of the words in the answers', async (t) => {
  const proxy = await recasingProxy(demo.url)
  t.teardown(() => proxy.close())
  const { port } = proxy.address() as AddressInfo
  const arm = connectArm({ endpoint: `http://127.0.0.1:${port}`, simulated: true })
  const takeSnapshot = createTakeSnapshot(arm, () => new Date('2026-09-01T00:00:00Z'))
  for (const name of DEMO_CLUSTERS)
    t.strictSame(await plansOf(takeSnapshot, name), asSpelledByAzure.get(name), name)
})
