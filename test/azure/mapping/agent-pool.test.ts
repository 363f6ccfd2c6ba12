import { readFileSync } from 'node:fs'
import t from 'tap'
import { BodyReader } from '../../../src/azure/client/body-reader.ts'
import { toAgentPoolFacts } from '../../../src/azure/mapping/agent-pool.ts'
import type { JsonObject } from '../../../src/contract/json.ts'
import { countNodes } from '../../../src/core/snapshot/agent-pools.ts'

function bodyOf(file: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`../../data/arm-bodies/${file}`, import.meta.url), 'utf8'))
}

const poolOf = (body: JsonObject) => toAgentPoolFacts(new BodyReader({ name: 'p', ...body }))

t.test('returns an operating system in its documented spelling', async (t) => {
  const pool = toAgentPoolFacts(new BodyReader(bodyOf('windows-pool-lowercase.json')))
  t.match(pool, { name: 'npwin', osType: 'Windows', type: 'VirtualMachineScaleSets', count: 1 })
})

t.test('counts the nodes of a VirtualMachines pool in every form of its profile', async (t) => {
  const forms = Object.entries(bodyOf('virtual-machines-pools.json'))
  t.equal(forms.length, 2)
  for (const [form, body] of forms) {
    const pool = toAgentPoolFacts(new BodyReader(body as JsonObject))
    t.match(pool, { count: 40, minCount: 1, maxCount: 100, enableAutoScaling: true }, form)
    t.strictSame(countNodes([pool]), { now: 40, peak: 110, unknownPools: [] }, form)
  }
})

t.test('reads the size of a pool from every place where ARM shows it, or returns unknown', async (t) => {
  const scale = (profiles: JsonObject) => ({ virtualMachinesProfile: { scale: profiles } })
  const manual = [{ count: 2 }, { count: 3 }]
  const unknown = { now: 0, peak: 0, unknownPools: ['p'] }
  const surged = (now: number, peak = now) => ({ now, peak: peak + 1, unknownPools: [] })
  const table: [string, JsonObject, object][] = [
    ['a scale set', { count: 3 }, surged(3)],
    ['an empty pool', { count: 0 }, surged(0)],
    ['an autoscaled scale set', { count: 3, enableAutoScaling: true, maxCount: 9 }, surged(3, 9)],
    ['a leftover maximum', { count: 3, maxCount: 9 }, surged(3)],
    ['more nodes than the maximum', { count: 9, enableAutoScaling: true, maxCount: 3 }, surged(9)],
    ['a manual profile', scale({ manual }), surged(5)],
    ['a manual profile as one object', scale({ manual: { count: 4 } }), surged(4)],
    [
      'a manual profile in progress',
      { ...scale({ manual }), virtualMachineNodesStatus: [{ count: 1 }] },
      surged(5),
    ],
    [
      'a manual profile beside an autoscaled one',
      scale({ manual, autoscale: [{ maxCount: 4 }] }),
      surged(5, 9),
    ],
    ['several VM sizes', { virtualMachineNodesStatus: [{ count: 1 }, { count: 2 }] }, surged(3)],
    ['no maximum', { count: 3, enableAutoScaling: true }, { now: 3, peak: 3, unknownPools: ['p'] }],
    ['no count', {}, unknown],
    ['a profile without a count', scale({ manual: [{ size: 'a' }] }), unknown],
    [
      'a maximum without a count',
      scale({ autoscale: [{ maxCount: 4 }] }),
      { ...surged(0, 4), unknownPools: ['p'] },
    ],
    ['mode Machines', { mode: 'machines', count: 3 }, unknown],
  ]
  for (const [what, body, expected] of table)
    t.strictSame(countNodes([poolOf({ upgradeSettings: { maxSurge: '1' }, ...body })]), expected, what)
})

t.test('returns no provisioning state for a pool without one', async (t) => {
  for (const provisioningState of ['', null]) t.equal(poolOf({ provisioningState }).provisioningState, null)
  t.equal(poolOf({ provisioningState: 'failed' }).provisioningState, 'Failed')
})

t.test('reads public IP prefixes of nodes, one or several', async (t) => {
  const one = poolOf({ nodePublicIPPrefixID: '/one' })
  t.match(one, { nodePublicIpPrefixIds: ['/one'] })
  const networkProfile = { nodePublicIPPrefixIDs: ['/one', '/two'] }
  const two = poolOf({ nodePublicIPPrefixID: '/one', networkProfile })
  t.match(two, { nodePublicIpPrefixIds: ['/one', '/two'] })
  t.match(poolOf({}), { nodePublicIpPrefixIds: [] })
})
