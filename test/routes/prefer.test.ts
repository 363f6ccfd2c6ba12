import t from 'tap'
import { waitSeconds } from '../../src/routes/prefer.ts'

t.test('the seconds of wait are read wherever they stand, and bounded', async (t) => {
  const table: [string | string[] | undefined, number | null][] = [
    [undefined, null],
    ['', null],
    ['wait=30', 30],
    ['WAIT=30', 30],
    ['wait="30"', 30],
    ['wait = 30', 30],
    ['respond-async, wait=1', 1],
    ['foo="bar"; baz, wait=5; x=y', 5],
    ['return=minimal;wait=5', null],
    [['respond-async', 'wait=7'], 7],
    ['wait=61', 60],
    ['wait=999999999', 60],
    ['wait=5, wait=50', 5],
    ['wait=x, wait=50', null],
    ['wait', null],
    ['wait=0', null],
    ['wait=-1', null],
    ['wait=1.5', null],
    ['wait=9999999999', null],
    ['awaiting=5', null],
    [',,;=,', null],
  ]
  for (const [header, seconds] of table) t.equal(waitSeconds(header), seconds, JSON.stringify(header))
})

t.test('spaces do not matter, however many', async (t) => {
  const many = ' '.repeat(8_000)
  t.equal(waitSeconds(`${many}wait${many}=${many}7${many};${many}x`), 7)
  t.equal(waitSeconds(`${many}x${many}"`), null)
})
