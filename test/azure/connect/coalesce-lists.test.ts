import t from 'tap'
import type { Arm } from '../../../src/azure/arm.ts'
import { coalesceLists } from '../../../src/azure/connect/coalesce-lists.ts'

/** An Arm whose lists end when the test lets them. */
function slow() {
  const calls: { key: string; end(items: unknown[]): void; fail(error: Error): void }[] = []
  const arm = {
    listNetwork(kind: string, subscriptionId: string) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown[]>()
      calls.push({ key: `${kind} ${subscriptionId}`, end: resolve, fail: reject })
      return promise
    },
  } as unknown as Arm
  return { calls, arm: coalesceLists(arm) }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('a call during a read shares the next read, and never the read in progress', async (t) => {
  const { calls, arm } = slow()
  const first = arm.listNetwork('natGateways', 's')
  const later = [arm.listNetwork('natGateways', 's'), arm.listNetwork('natGateways', 'S')]
  t.equal(calls.length, 1, 'what is under way may be older than the question')
  calls[0]?.end([{ id: 'old' }])
  t.strictSame(await first, [{ id: 'old' }])
  await settled()
  t.equal(calls.length, 2, 'one list for both')
  calls[1]?.end([{ id: 'new' }])
  t.strictSame(await Promise.all(later), [[{ id: 'new' }], [{ id: 'new' }]])
  void arm.listNetwork('natGateways', 's')
  await settled()
  t.equal(calls.length, 3, 'nothing is kept for those who come after')
})

t.test('separates kinds and subscriptions, and rejects only callers that share a failed read', async (t) => {
  const { calls, arm } = slow()
  const failing = arm.listNetwork('natGateways', 's')
  const next = arm.listNetwork('natGateways', 's')
  void arm.listNetwork('natGateways', 'other')
  void arm.listNetwork('routeTables', 's')
  t.equal(calls.length, 3)
  calls[0]?.fail(new Error('no'))
  await t.rejects(failing, /no/)
  await settled()
  calls.at(-1)?.end([])
  t.strictSame(await next, [])
})

t.test('a call with an abort signal is not shared', async (t) => {
  const { calls, arm } = slow()
  const { signal } = new AbortController()
  void arm.listNetwork('natGateways', 's', { signal })
  void arm.listNetwork('natGateways', 's', { signal })
  t.equal(calls.length, 2)
})
