import { sql } from 'kysely'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import type { Queries } from '../../../src/database/engine/database.ts'
import {
  addDueRefresh,
  claimRefresh,
  EMPTY_RESULT,
  endRefresh,
  latestRefresh,
  releaseRefresh,
  renewRefresh,
  requestRefresh,
} from '../../../src/database/stores/inventory-refreshes.ts'
import { everyEngine } from '../../support/databases.ts'

const shift = (db: Queries, column: string, seconds: number) =>
  sql`update inventory_refreshes set ${sql.ref(column)} = ${sql.ref(column)} + make_interval(secs => ${seconds})`.execute(
    db,
  )

for (const engine of await everyEngine())
  t.test(`refreshes are coordinated through ${engine.name}`, async (t) => {
    const db = (await engine.open(t)).kysely
    const [first, second] = [uuidv7(), uuidv7()]
    t.equal(await latestRefresh(db), null)
    t.equal(await claimRefresh(db, first), null, 'nothing is requested')

    const requests = await Promise.all([1, 2, 3].map(() => requestRefresh(db, uuidv7(), 'somebody')))
    const { id } = requests[0] ?? { id: '' }
    t.ok(
      requests.every((request) => request.id === id && request.status === 'pending'),
      'one request',
    )
    t.equal(await claimRefresh(db, first), id)
    t.equal(await claimRefresh(db, second), null, 'one process has it')
    t.equal((await requestRefresh(db, uuidv7(), null)).status, 'running')
    await renewRefresh(db, { id, holder: first }, { ...EMPTY_RESULT, clusters: 7 })
    t.match(await latestRefresh(db), { status: 'running', result: { clusters: 7 } })
    await t.rejects(renewRefresh(db, { id, holder: second }, EMPTY_RESULT), { name: 'RefreshLostError' })

    await shift(db, 'lease_until', -120)
    t.equal(await claimRefresh(db, second), id, 'a process that died loses it')
    await t.rejects(renewRefresh(db, { id, holder: first }, EMPTY_RESULT), { name: 'RefreshLostError' })
    await endRefresh(db, { id, holder: first }, 'failed', EMPTY_RESULT)
    t.match(await latestRefresh(db), { status: 'running', endedAt: null }, 'and cannot end it')
    await shift(db, 'lease_until', 3_600)
    t.equal(await claimRefresh(db, first), id, 'a clock that was set back keeps it from nobody')
    await releaseRefresh(db, first)
    t.match(await latestRefresh(db), { status: 'pending' })
    t.equal(await claimRefresh(db, second), id)
    await endRefresh(db, { id, holder: second }, 'succeeded', EMPTY_RESULT)

    await addDueRefresh(db, uuidv7(), 15)
    t.match(await latestRefresh(db), { id, status: 'succeeded' }, 'none is due within the interval')
    await shift(db, 'started_at', -16 * 60)
    await Promise.all([addDueRefresh(db, uuidv7(), 15), addDueRefresh(db, uuidv7(), 15)])
    const due = await latestRefresh(db)
    t.match(due, { status: 'pending', requestedBy: null })
    t.not(due?.id, id)
  })
