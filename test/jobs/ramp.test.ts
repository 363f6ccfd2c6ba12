import t from 'tap'
import { Ramp } from '../../src/jobs/ramp.ts'

t.test('begins with one, doubles as batches are done, and goes no further than it may', async (t) => {
  const added: number[] = []
  const ramp = new Ramp(6, async (count) => added.push(count))
  t.teardown(() => ramp.stop())
  ramp.grow()
  t.strictSame(added, [], 'nothing is taken before it is started')
  await ramp.start()
  for (let batch = 0; batch < 5; batch++) ramp.grow()
  t.strictSame(added, [1, 1, 2, 2])
})

t.test(
  'grows without a batch that is done, so that one that waits for Azure does not keep it small',
  async (t) => {
    const grown = Promise.withResolvers<number>()
    let count = 0
    const ramp = new Ramp(2, async (more) => {
      count += more
      if (count === 2) grown.resolve(count)
    })
    t.teardown(() => ramp.stop())
    // Its own timer keeps no process alive.
    const alive = setInterval(() => {}, 1_000)
    t.teardown(() => clearInterval(alive))
    await ramp.start()
    t.equal(await grown.promise, 2)
  },
)

t.test('takers that the queue did not give are asked for again', async (t) => {
  const asked: number[] = []
  const ramp = new Ramp(2, async (count) => {
    asked.push(count)
    if (asked.length === 2) throw new Error('the queue is about to stop')
  })
  t.teardown(() => ramp.stop())
  await ramp.start()
  ramp.grow()
  await new Promise(setImmediate)
  ramp.grow()
  t.strictSame(asked, [1, 1, 1])
})
