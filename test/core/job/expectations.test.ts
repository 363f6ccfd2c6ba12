import t from 'tap'
import { type JsonObject, valueAtPointer } from '../../../src/contract/json.ts'
import type { Expectation } from '../../../src/contract/steps.ts'
import { unmetExpectations } from '../../../src/core/job/expectations.ts'

const BODY: JsonObject = {
  properties: {
    outboundType: 'LoadBalancer',
    count: 2,
    nothing: null,
    profile: { sku: 'standard' },
    ranges: ['203.0.113.0/24', '2001:db8::/64'],
  },
}
const unmet = (expectation: Expectation, discovered: string[] = []) =>
  unmetExpectations([expectation], BODY, { discovered, prepared: [] })

t.test('met expectations', async (t) => {
  const table: [string, Expectation, string[]?][] = [
    ['text without case', { path: '/properties/outboundType', equals: 'loadBalancer' }],
    ['a number', { path: '/properties/count', equals: 2 }],
    ['an object', { path: '/properties/profile', equals: { sku: 'standard' } }],
    ['what is not there', { path: '/properties/no/such', absent: true }],
    ['null is as absent', { path: '/properties/nothing', absent: true }],
    ['an address in a range', { path: '/properties/ranges', coversCidrs: ['203.0.113.7/32'] }],
    ['IPv6 in a range', { path: '/properties/ranges', coversCidrs: ['2001:db8::5/128'] }],
    [
      'a range without what was taken out',
      { path: '/properties/ranges', coversCidrs: ['203.0.113.7/32'], lacksCidrs: ['203.0.113.7/32'] },
    ],
    ['no CIDRs at all', { path: '/properties/none', coversCidrs: [] }],
    ['found addresses', { path: '/properties/ranges', coversDiscoveredEgress: true }, ['203.0.113.9']],
  ]
  for (const [name, expectation, discovered] of table) t.strictSame(unmet(expectation, discovered), [], name)
})

t.test('reports an unmet expectation with both values', async (t) => {
  const table: [Expectation, RegExp, string[]?][] = [
    [{ path: '/properties/outboundType', equals: 'none' }, /is "LoadBalancer", not "none"/],
    [{ path: '/properties/count', equals: 3 }, /is 2, not 3/],
    [{ path: '/properties/missing', equals: 'x' }, /is absent, not "x"/],
    [{ path: '/properties/count', absent: true }, /is 2, not absent/],
    [
      { path: '/properties/ranges', coversCidrs: ['203.0.113.1/32', '198.51.100.1/32'] },
      /cover 198\.51\.100\.1\/32$/,
    ],
    [
      { path: '/properties/ranges', coversCidrs: ['192.0.2.1/32'], lacksCidrs: ['203.0.113.0/24'] },
      /does not cover 192\.0\.2\.1\/32 and still contains 203\.0\.113\.0\/24$/,
    ],
    [{ path: '/properties/missing', coversCidrs: ['198.51.100.1/32'] }, /cover 198\.51\.100\.1\/32$/],
    [{ path: '/properties/ranges', coversDiscoveredEgress: true }, /198\.51\.100\.1\/32/, ['198.51.100.1']],
  ]
  for (const [expectation, words, discovered] of table) {
    const sentences = unmet(expectation, discovered)
    t.equal(sentences.length, 1)
    t.match(sentences[0], words)
  }
})

t.test('a pointer through lists, text and nothing finds nothing', async (t) => {
  for (const pointer of ['/properties/ranges/0', '/properties/outboundType/x', '/a/b/c'])
    t.equal(valueAtPointer(BODY, pointer), null, pointer)
})
