import t from 'tap'
import { Cursors } from '../../../src/database/stores/cursors.ts'
import type { PageQuery, RowQuery } from '../../../src/database/stores/list-query.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'

const id = (n: number) => `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`
/** Five rows, newest first. */
const ROWS = [5, 4, 3, 2, 1].map((n) => ({ id: id(n) }))
const rowsAfter = async ({ after, limit }: RowQuery<PageQuery>) =>
  ROWS.filter((row) => after === null || row.id < after).slice(0, limit + 1)

interface Query extends PageQuery {
  status?: string | undefined
  createdAfter?: Date | undefined
}

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const cursors = new Cursors(database.kysely)
    const page = (query: Partial<Query>, from = cursors, list: 'plans' | 'jobs' = 'plans') =>
      from.page(list, { limit: 2, cursor: null, ...query }, rowsAfter)
    const refused = { code: 'CURSOR_INVALID', pointers: ['/cursor'] }

    t.test('cursors lead through the list, and the last page has none', async (t) => {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const { items, next }: Awaited<ReturnType<typeof page>> = await page({ cursor })
        seen.push(...items.map((each) => each.id))
        cursor = next
      } while (cursor !== null)
      t.strictSame(
        seen,
        ROWS.map((row) => row.id),
      )
      t.equal((await page({ limit: 5 })).next, null)
    })

    t.test('a cursor holds for its list with its filters, and the size of a page may change', async (t) => {
      const filters = { status: 'Running', createdAfter: new Date(0) }
      const { next } = await page(filters)
      const [cursor, limit] = [next, 4]
      const rest = await page({ createdAfter: new Date(0), status: 'Running', cursor, limit, reach: [] })
      t.strictSame(rest.items, ROWS.slice(2))
      await t.rejects(page({ ...filters, status: 'Failed', cursor }), refused)
      await t.rejects(page({ ...filters, createdAfter: new Date(1), cursor }), refused)
      await t.rejects(page({ status: 'Running', cursor }), refused)
      await t.rejects(page({ ...filters, cursor }, cursors, 'jobs'), refused)
    })

    t.test('another process on the same database accepts a cursor', async (t) => {
      const { next } = await page({})
      t.strictSame((await page({ cursor: next }, new Cursors(database.kysely))).items, ROWS.slice(2, 4))
    })

    t.test('rejects every forged or altered cursor', async (t) => {
      const cursor = String((await page({})).next)
      t.match(cursor, /^[\w-]{43}$/)
      const altered = Array.from(cursor, (letter, at) => {
        const other = letter === 'A' ? 'B' : 'A'
        return `${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`
      })
      const others = [
        '',
        'x',
        '%%%',
        `${cursor}=`,
        `${cursor}A`,
        ` ${cursor}`,
        cursor.slice(1),
        'A'.repeat(10_000),
      ]
      for (const text of [...altered, ...others]) await t.rejects(page({ cursor: text }), refused, text)
    })
  })
}

t.test('each database has its own secret', async (t) => {
  const [one] = await everyEngine()
  const open = () => openMigrated(one!.open(t, 'template_empty'))
  const databases = [await open(), await open()] as const
  const [mine, other] = databases.map((each) => new Cursors(each.kysely))
  const { next } = await mine!.page('plans', { limit: 1, cursor: null }, rowsAfter)
  await t.rejects(other!.page('plans', { limit: 1, cursor: next }, rowsAfter), { code: 'CURSOR_INVALID' })
})
