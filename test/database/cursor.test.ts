import t from 'tap'
import { pageOf, readCursor, writeCursor } from '../../src/database/cursor.ts'

const ID = '01990000-0000-7000-8000-000000000001'
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

t.test('a cursor comes back', async (t) => {
  t.equal(readCursor(writeCursor(ID)), ID)
})

t.test('anything else is refused, and never becomes part of a query', async (t) => {
  const others = [
    '',
    'x',
    '%%%',
    'a'.repeat(10_000),
    encoded(null),
    encoded([]),
    encoded({ v: 2, after: ID }),
    encoded({ v: 1 }),
    encoded({ v: 1, after: 7 }),
    encoded({ v: 1, after: "' or 1 = 1 --" }),
    encoded({ v: 1, after: `${ID} ` }),
  ]
  for (const text of others)
    t.throws(() => readCursor(text), { code: 'CURSOR_INVALID', pointers: ['/cursor'] })
})

t.test('a page says where the next one begins, and the last says nothing', async (t) => {
  const rows = ['a', 'b', 'c'].map((id) => ({ id }))
  t.match(pageOf(rows, 2), { items: [{ id: 'a' }, { id: 'b' }], next: writeCursor('b') })
  t.equal(pageOf(rows, 3).next, null)
  t.strictSame(pageOf([], 3), { items: [], next: null })
})
