import fc from 'fast-check'
import t from 'tap'
import { applyFieldChanges } from '../../src/azure/apply-field-changes.ts'
import { ArmFault } from '../../src/azure/arm-fault.ts'
import type { FieldChange } from '../../src/core/cluster-write.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'

const RANGES = '/properties/apiServerAccessProfile/authorizedIPRanges'
const withRanges = (authorizedIPRanges: Json): JsonObject => ({
  properties: { apiServerAccessProfile: { authorizedIPRanges } },
})
const rangesAfter = (present: Json, cidrs: string[]) => {
  const body = applyFieldChanges(withRanges(present), [{ op: 'unionCidrs', path: RANGES, cidrs }], [])
  return (body.properties as { apiServerAccessProfile: { authorizedIPRanges: Json } }).apiServerAccessProfile
    .authorizedIPRanges
}

t.test('sets, with the parents that are missing, and removes', async (t) => {
  const table: [string, JsonObject, FieldChange, JsonObject][] = [
    ['sets', { a: 1 }, { op: 'set', path: '/a', value: 2 }, { a: 2 }],
    ['makes parents', {}, { op: 'set', path: '/a/b/c', value: [1] }, { a: { b: { c: [1] } } }],
    ['makes parents in place of null', { a: null }, { op: 'set', path: '/a/b', value: 1 }, { a: { b: 1 } }],
    ['sets null', { a: 1 }, { op: 'set', path: '/a', value: null }, { a: null }],
    ['unescapes', {}, { op: 'set', path: '/a~1b/c~0d', value: 1 }, { 'a/b': { 'c~d': 1 } }],
    ['removes', { a: { b: 1, c: 2 } }, { op: 'remove', path: '/a/b' }, { a: { c: 2 } }],
    ['removes what is not there', { a: 1 }, { op: 'remove', path: '/x/y/z' }, { a: 1 }],
    ['removes below a scalar', { a: 1 }, { op: 'remove', path: '/a/y' }, { a: 1 }],
  ]
  for (const [name, body, change, expected] of table) {
    const before = structuredClone(body)
    t.strictSame(applyFieldChanges(body, [change], []), expected, name)
    t.strictSame(body, before, 'the given body is as it was')
  }
})

t.test('does not set through something that is not an object', async (t) => {
  for (const a of ['text', 7, [1]]) {
    t.throws(() => applyFieldChanges({ a }, [{ op: 'set', path: '/a/b', value: 1 }], []), ArmFault)
  }
  t.throws(() => rangesAfter('all', ['1.2.3.4/32']), ArmFault)
})

t.test('adds only the ranges that no present one covers, and takes none away', async (t) => {
  const table: [string, Json, string[], Json][] = [
    ['adds at the end', ['9.9.9.9/32'], ['1.2.3.4/32'], ['9.9.9.9/32', '1.2.3.4/32']],
    ['covered', ['1.2.0.0/16'], ['1.2.3.4/32', '1.2.4.0/24'], ['1.2.0.0/16']],
    ['wider than what is there', ['1.2.3.4/32'], ['1.2.3.0/24'], ['1.2.3.4/32', '1.2.3.0/24']],
    ['covered by one of the new', [], ['1.2.3.0/24', '1.2.3.4/32', '1.2.3.0/24'], ['1.2.3.0/24']],
    ['a present entry without a prefix', ['1.2.3.4'], ['1.2.3.4/32'], ['1.2.3.4']],
    [
      'service tags',
      ['AzureCloud', '8.8.8.8/32'],
      ['1.2.3.4/32'],
      ['AzureCloud', '8.8.8.8/32', '1.2.3.4/32'],
    ],
    ['IPv6 beside IPv4', ['0.0.0.0/0'], ['2001:db8::1/128'], ['0.0.0.0/0', '2001:db8::1/128']],
    ['no list yet', null, ['1.2.3.4/32'], ['1.2.3.4/32']],
    [
      'repeats and odd spellings stay',
      ['1.2.3.4/32', '1.2.3.4/32', '10.1.2.3/8'],
      ['5.5.5.5/32'],
      ['1.2.3.4/32', '1.2.3.4/32', '10.1.2.3/8', '5.5.5.5/32'],
    ],
  ]
  for (const [name, present, cidrs, expected] of table)
    t.strictSame(rangesAfter(present, cidrs), expected, name)
})

t.test('makes the list only when there is something to put into it', async (t) => {
  t.strictSame(applyFieldChanges({}, [{ op: 'unionCidrs', path: RANGES, cidrs: [] }], []), {})
  t.strictSame(
    applyFieldChanges({}, [{ op: 'unionCidrs', path: RANGES, cidrs: ['1.2.3.4/32'] }], []),
    withRanges(['1.2.3.4/32']),
  )
})

t.test('adds discovered addresses as ranges of one', async (t) => {
  const changed = applyFieldChanges(
    withRanges(['20.0.0.1/32']),
    [{ op: 'unionDiscoveredEgress', path: RANGES }],
    ['20.0.0.1', '20.0.0.2', '2001:db8::2'],
  )
  t.strictSame(changed, withRanges(['20.0.0.1/32', '20.0.0.2/32', '2001:db8::2/128']))
})

t.test('keeps every present entry in its place, and a second time changes nothing', async () => {
  const cidr = fc
    .tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 }))
    .map(([address, length]) => `${address}/${length}`)
  const entry = fc.oneof(cidr, fc.ipV4(), fc.constantFrom('AzureCloud', 'Sql.EastUS'))
  fc.assert(
    fc.property(fc.array(entry), fc.array(cidr), (present, wanted) => {
      const once = rangesAfter(present, wanted) as string[]
      const twice = rangesAfter(once, wanted) as string[]
      return (
        JSON.stringify(once.slice(0, present.length)) === JSON.stringify(present) &&
        once.length === twice.length
      )
    }),
  )
})
