import { mkdir, readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { TYPE_KEYS } from '../src/contract/outbound-type.ts'
import { buildPlan } from '../src/core/planner/planner.ts'
import { ANY_POLICY, STAMP } from './support/a-plan.ts'
import { DEMO_CLUSTERS, startDemo } from './support/demo.ts'
import { planText } from './support/plan-text.ts'

/**
 * What the planner says of every demo cluster and every target, as text that was read by a person once. A change of
 * the planner shows here line by line; `GOLDEN=write npm test -- test/golden-plans.test.ts` takes it over.
 */
const FOLDER = new URL('./golden/', import.meta.url)
const isWriting = process.env.GOLDEN === 'write'

const demo = await startDemo(t)

for (const name of DEMO_CLUSTERS)
  t.test(`${name} to every target, as it was read and found right`, async (t) => {
    const snapshot = await demo.takeSnapshot(demo.ref(name), [], { surroundings: true })
    const plans = TYPE_KEYS.map((outboundType) => {
      const request = {
        cluster: demo.ref(name),
        target: { outboundType },
        authorizedRanges: 'widen' as const,
        reason: null,
      }
      return buildPlan(snapshot, request, ANY_POLICY, STAMP)
    })
    const text = `# ${name}\n\n${plans.map(planText).join('\n')}`
    const file = new URL(`${name}.txt`, FOLDER)
    if (isWriting) {
      await mkdir(FOLDER, { recursive: true })
      await writeFile(file, text)
    }
    t.equal(text, await readFile(file, 'utf8').catch(() => ''))
  })

t.test('planning only reads, and repeated plans are equal', async (t) => {
  const before = (await demo.requests()).length
  const texts = async () => {
    const snapshot = await demo.takeSnapshot(demo.ref('lb-byo-ranges'), [], { surroundings: true })
    const request = {
      cluster: demo.ref('lb-byo-ranges'),
      target: { outboundType: 'userAssignedNATGateway' as const },
      authorizedRanges: 'widen' as const,
      reason: null,
    }
    return JSON.stringify(buildPlan(snapshot, request, ANY_POLICY, STAMP))
  }
  t.equal(await texts(), await texts())
  const asked = (await demo.requests()).slice(before)
  t.ok(asked.length > 0)
  const isRead = ({ method, path }: { method: string; path: string }) =>
    method === 'GET' ||
    (method === 'POST' && path.toLowerCase().startsWith('/providers/microsoft.resourcegraph/'))
  t.strictSame(
    asked.filter((each) => !isRead(each)).map(({ method, path }) => `${method} ${path}`),
    [],
  )
})
