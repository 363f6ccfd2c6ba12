import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { grantWaitMs, leaseOrder } from '../../../src/core/lib/token-lease.ts'
import { createBudgetLedger, deleteFullBuckets } from '../../../src/database/stores/call-budgets.ts'
import { ModelLedger } from '../../support/budget-ledger.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'

/** Slow enough that nothing refills while the test runs. */
const SIZE = { burst: 40, refill: 1 / 3_600 }

for (const engine of await everyEngine())
  t.test(`processes share the buckets of call budgets on ${engine.name}`, async (t) => {
    const { kysely: db } = await openMigrated(engine.open(t))
    const ledger = createBudgetLedger(db)
    const granted = async (bucket: string, share: number, wanted: number) =>
      (await ledger.lease([leaseOrder(bucket, SIZE, share, wanted)]))[0]?.granted

    await t.test('grants what is left, in any order of orders', async () => {
      const orders = fc.array(
        fc.record({ bucket: fc.constantFrom('a', 'b'), share: fc.constantFrom(1, 0.5), wanted: fc.nat(15) }),
        { minLength: 1, maxLength: 12 },
      )
      let run = 0
      await fc.assert(
        fc.asyncProperty(orders, async (list) => {
          run++
          const model = new ModelLedger()
          for (const { bucket, share, wanted } of list) {
            const order = leaseOrder(`${bucket} ${run}`, SIZE, share, wanted)
            const expected = model.lease(order, 0)
            const [grant] = await ledger.lease([order])
            if (grant?.granted !== expected.granted)
              throw new Error(`granted ${grant?.granted} instead of ${expected.granted}`)
            if (Math.abs(grant.fullInMs - expected.fullInMs) > 60_000)
              throw new Error(`full in ${grant.fullInMs} ms instead of ${expected.fullInMs} ms`)
          }
        }),
        { numRuns: 20 },
      )
    })

    await t.test('grants no token twice to orders at the same time', async (t) => {
      const grants = await Promise.all(
        Array.from({ length: 20 }, () =>
          ledger.lease([leaseOrder('x', SIZE, 1, 3), leaseOrder('y', SIZE, 1, 1)]),
        ),
      )
      const sum = (bucket: string) =>
        grants.flat().reduce((total, grant) => total + (grant.bucket === bucket ? grant.granted : 0), 0)
      t.strictSame([sum('x'), sum('y')], [39, 20])
    })

    await t.test('keeps the rest of a bucket from those with a smaller share', async (t) => {
      t.equal(await granted('s', 0.5, 100), 19)
      t.equal(await granted('s', 0.5, 1), 0)
      t.equal(await granted('s', 1, 100), 20)
    })

    await t.test('a blocked bucket grants nothing to anybody until its time', async (t) => {
      const size = { burst: 40, refill: 1 }
      const order = leaseOrder('z', size, 1, 1)
      await ledger.block(order, 60_000)
      const [grant] = await ledger.lease([order])
      t.equal(grant?.granted, 0)
      const waitMs = grant === undefined ? 0 : grantWaitMs(order, grant)
      t.ok(waitMs > 50_000 && waitMs <= 60_000, `${waitMs} ms`)
      await ledger.block(order, 1_000)
      t.equal((await ledger.lease([order]))[0]?.granted, 0, 'a shorter block does not end a longer one')
    })

    await t.test('forgets buckets that have been full for a day', async (t) => {
      await sql`update call_budgets set full_at = 0 where bucket <> 'z'`.execute(db)
      await deleteFullBuckets(db)
      const { rows } = await sql`select bucket from call_budgets`.execute(db)
      t.strictSame(rows, [{ bucket: 'z' }])
    })
  })
