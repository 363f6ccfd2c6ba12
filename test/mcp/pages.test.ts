import fc from 'fast-check'
import t from 'tap'
import type { InventoryCluster } from '../../src/contract/inventory.ts'
import { countTokens } from '../../src/mcp/results.ts'
import { isPage } from '../../src/mcp/schemas.ts'
import { ALL_TOOLS } from '../../src/mcp/tools/all-tools.ts'
import { EXAMPLE_CLUSTER } from '../../src/routes/examples/inventory.ts'
import { ownApp } from '../routes/support/fakes.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { callTool } from './support/mcp-client.ts'

const { app, rooms } = await ownApp(t)

const encode = (text: string) => Buffer.from(text).toString('base64url')
const decode = (cursor: string | null) => Buffer.from(cursor ?? '', 'base64url').toString()

/** An inventory of these clusters, with the name of the last cluster of a page as its cursor. */
function serve(clusters: readonly InventoryCluster[]): void {
  rooms.inventory.list = async ({ limit, cursor }) => {
    const start = clusters.findIndex(({ name }) => name === decode(cursor)) + 1
    const items = clusters.slice(start, start + limit)
    return { items, next: start + limit < clusters.length ? encode(items.at(-1)?.name ?? '') : null }
  }
}

/** The names on all pages, in order, as an agent collects them that follows `next`. */
async function collect(args: object): Promise<string[]> {
  const names: string[] = []
  let cursor: unknown
  do {
    const page = cursor === undefined ? args : { ...args, cursor }
    const { result } = await callTool(app, 'find_clusters', page)
    if (result?.isError === true) throw new Error(result.content[0]?.text)
    const { clusters, cut } = (result?.structuredContent ?? {}) as unknown as {
      clusters: { items: { name: string }[]; next: string | null }
      cut: { field: string }[]
    }
    if (!Object.hasOwn(clusters, 'next')) throw new Error('a page without next')
    if (cut.some(({ field }) => field === 'items')) throw new Error('a cut page')
    const limit = (args as { maxTokens?: number }).maxTokens ?? 8_000
    const tokens =
      countTokens(result?.content[0]?.text ?? '') + countTokens(JSON.stringify(result?.structuredContent))
    if (tokens > limit) throw new Error(`${tokens} tokens`)
    names.push(...clusters.items.map(({ name }) => name))
    cursor = clusters.next
  } while (cursor !== null)
  return names
}

/** Clusters of different sizes: every `every`th one has this many addresses. */
function fleet(count: number, every: number, addresses: number): InventoryCluster[] {
  const [address] = EXAMPLE_CLUSTER.addresses
  return Array.from({ length: count }, (_none, index) => ({
    ...EXAMPLE_CLUSTER,
    id: `${EXAMPLE_CLUSTER.id}-${index}`,
    name: `aks-${index}`,
    addresses: index % every === 0 ? Array.from({ length: addresses }, () => address as never) : [],
  }))
}

t.test('following `next` shows each of 300 clusters exactly once', async (t) => {
  const clusters = fleet(300, 7, 40)
  serve(clusters)
  const names = clusters.map(({ name }) => name)
  for (const args of [
    {},
    { limit: 100 },
    { limit: 100, maxTokens: 3_000 },
    { limit: 100, fields: ['items'] },
    { limit: 100, fields: ['next'], maxTokens: 60_000 },
  ])
    t.strictSame(await collect(args), names, JSON.stringify(args))
})

t.test('any page size, result size, and fleet shows each cluster exactly once', async () => {
  const args = fc.record({
    limit: fc.integer({ min: 1, max: 100 }),
    maxTokens: fc.integer({ min: 3_000, max: 20_000 }),
    fields: fc.option(fc.subarray(['items', 'next'], { minLength: 1 }), { nil: undefined }),
  })
  const fleets = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.nat(600))
  await fc.assert(
    fc.asyncProperty(args, fleets, async (given, [count, every, addresses]) => {
      const clusters = fleet(count, every, addresses)
      serve(clusters)
      const names = await collect(given)
      return JSON.stringify(names) === JSON.stringify(clusters.map(({ name }) => name))
    }),
    { numRuns: propertyRuns(0.1) },
  )
})

t.test('a cluster that alone is too large loses members, and the result states it', async (t) => {
  serve(fleet(2, 1, 2_000))
  const { result } = await callTool(app, 'find_clusters', {})
  t.match(result?.structuredContent, {
    clusters: { items: [{ name: 'aks-0' }], next: encode('aks-0') },
    cut: [{ field: 'items/0' }],
  })
})

t.test('every tool with pages accepts `limit`, and always returns `next` and `items`', async (t) => {
  const paged = ALL_TOOLS.filter(({ view }) => isPage(view))
  t.strictSame(
    paged.map(({ name }) => name),
    ['find_clusters'],
  )
  for (const { input, view } of paged) {
    t.ok(Object.hasOwn(input.properties, 'limit') && Object.hasOwn(input.properties, 'cursor'))
    t.strictSame(view.always, ['next', 'items'])
  }
})
