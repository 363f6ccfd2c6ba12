import fc from 'fast-check'
import t from 'tap'
import { assignWaves } from '../../../src/core/campaign/assign-waves.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const clusters = (count: number) =>
  Array.from({ length: count }, (_item, index) => ({
    subscriptionId: '11111111-1111-1111-1111-111111111111',
    resourceGroup: 'apps',
    name: `c${index}`,
  }))

/** The number of clusters in each wave. */
function sizes(count: number, shares: readonly (number | undefined)[]): number[] {
  const waves = shares.map((share) => (share === undefined ? {} : { share }))
  const assigned = assignWaves(clusters(count), waves, new Map())
  return waves.map((_wave, index) => assigned.filter((wave) => wave === index).length)
}

t.test('shares are rounded up together', async (t) => {
  t.strictSame(sizes(7, [20, 20, 20, 20, 20]), [2, 1, 2, 1, 1])
  t.strictSame(sizes(7, [1, 1, undefined]), [1, 1, 5])
  t.strictSame(sizes(5, [96, 1, 1, 1, 1]), [1, 1, 1, 1, 1])
  t.strictSame(sizes(10, [10, 30, undefined]), [1, 3, 6])
  t.throws(() => sizes(2, [50, 25, 25]), { code: 'CAMPAIGN_WAVES_INVALID', pointers: ['/waves/2'] })
})

t.test('shares of 100 % take every cluster, and leave no wave empty', async (t) => {
  const parts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 200 }), (list, more) => {
      const rest = 100 - list.reduce((sum, share) => sum + share, 0)
      const shares = rest === 0 ? list : [...list, rest]
      const count = shares.length + more
      const result = sizes(count, shares)
      return result.every((size) => size > 0) && result.reduce((sum, size) => sum + size, 0) === count
    }),
    { numRuns: propertyRuns() },
  )
  t.pass('for any shares')
})
