import t from 'tap'
import { shareReads } from '../../src/jobs/share-reads.ts'

t.test('those who ask for the same at the same moment share one read', async (t) => {
  const read = shareReads<number>()
  let reads = 0
  const ask = (key: string) => read(key, async () => ++reads)
  t.strictSame(await Promise.all([ask('a'), ask('a'), ask('a')]), [1, 1, 1])
  t.strictSame((await Promise.all([ask('a'), ask('b')])).toSorted(), [2, 3])
})

t.test('nobody is given an answer that is older than the question', async (t) => {
  const read = shareReads<number>()
  let present = 1
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const first = read('a', async () => {
    const seen = present
    begun.resolve()
    await gate.promise
    return seen
  })
  await begun.promise
  present = 2
  const second = read('a', async () => present)
  t.equal(await second, 2)
  gate.resolve()
  t.equal(await first, 1)
})

t.test('all hear of a fault, and the next one asks anew', async (t) => {
  const read = shareReads<number>()
  const failing = async () => {
    throw new Error('no')
  }
  const both = await Promise.allSettled([read('a', failing), read('a', failing)])
  t.strictSame(
    both.map((each) => each.status),
    ['rejected', 'rejected'],
  )
  t.equal(await read('a', async () => 7), 7)
})
