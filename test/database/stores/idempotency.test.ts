import { randomUUID } from 'node:crypto'
import t from 'tap'
import {
  ClaimLostError,
  claimKey,
  createIdempotency,
  type KeyedRequest,
  releaseKey,
  storeResponse,
} from '../../../src/database/stores/idempotency.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'

const NOW = new Date('2026-09-01T00:00:00Z')
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000)
const ANSWER = { status: 202, headers: { location: '/v1/jobs/1' }, body: '{"id":"1"}' }

let count = 0
function aRequest(given: Partial<KeyedRequest> = {}): KeyedRequest {
  return { scope: 'user:ada', key: `key-${++count}`, fingerprint: 'f', ...given }
}

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const db = database.kysely
    const claim = (request: KeyedRequest, now = NOW) => claimKey(db, request, randomUUID(), now)
    /** Claims as the first one does. */
    const begin = async (request: KeyedRequest, now = NOW): Promise<string> => {
      const found = await claim(request, now)
      if (found.kind !== 'begin') throw new Error(found.kind)
      return found.claim
    }
    const keep = (request: KeyedRequest, token: string) =>
      db.transaction().execute((trx) => storeResponse(trx, request, token, ANSWER))

    t.test('a repeated request gets the first response', async (t) => {
      const request = aRequest()
      await keep(request, await begin(request))
      t.strictSame(await claim(request, later(86_000)), { kind: 'replay', answer: ANSWER })
      t.strictSame(await claim({ ...request, fingerprint: 'g' }), { kind: 'other' })
      t.match(await claim({ ...request, scope: 'user:bob' }), { kind: 'begin' }, 'keys of others are others')
    })

    t.test('one of many simultaneous requests begins, and the others are reported as busy', async (t) => {
      const request = aRequest()
      const kinds = (await Promise.all(Array.from({ length: 8 }, () => claim(request)))).map(
        ({ kind }) => kind,
      )
      t.strictSame(kinds.toSorted(), ['begin', ...Array(7).fill('busy')])
    })

    t.test('a rejected request does not consume its key, and an answered request does', async (t) => {
      const refused = aRequest()
      await releaseKey(db, refused, await begin(refused))
      t.match(await claim({ ...refused, fingerprint: 'mended' }), { kind: 'begin' })
      const done = aRequest()
      const token = await begin(done)
      await keep(done, token)
      await releaseKey(db, done, token)
      t.match(await claim(done), { kind: 'replay' })
    })

    t.test('takes over the key of a dead process and rolls back its late writes', async (t) => {
      const request = aRequest()
      const dead = await begin(request)
      t.strictSame(await claim(request, later(59)), { kind: 'busy' })
      const [one, two] = await Promise.all([claim(request, later(60)), claim(request, later(60))])
      t.strictSame([one.kind, two.kind].toSorted(), ['begin', 'busy'])
      await t.rejects(keep(request, dead), ClaimLostError)
      await releaseKey(db, request, dead)
      t.strictSame(await claim(request, later(61)), { kind: 'busy' }, 'and it gives nothing back')
      const alive = [one, two].find((each) => each.kind === 'begin')
      await keep(request, alive?.kind === 'begin' ? alive.claim : '')
      t.match(await claim(request, later(62)), { kind: 'replay' })
    })

    t.test('an answer is kept when its effect is, and not otherwise', async (t) => {
      const request = aRequest()
      const token = await begin(request)
      const failing = db.transaction().execute(async (trx) => {
        await storeResponse(trx, request, token, ANSWER)
        throw new Error('no')
      })
      await t.rejects(failing, { message: 'no' })
      t.strictSame(await claim(request), { kind: 'busy' })
    })

    t.test('responses are deleted after a day', async (t) => {
      const clock = { now: NOW }
      const keys = createIdempotency({ database, now: () => clock.now, newId: randomUUID })
      const request = aRequest()
      await keep(request, await begin(request))
      clock.now = later(86_000)
      t.match(await keys.claim(request), { kind: 'replay' })
      clock.now = later(86_400 + 601)
      t.match(await keys.claim(request), { kind: 'begin' })
    })

    t.test('a single process takes over all earlier claims', async (t) => {
      const request = aRequest()
      await begin(request)
      const next = createIdempotency({ database, now: () => later(1), newId: randomUUID })
      const claims = await Promise.all([next.claim(request), next.claim(request)])
      const kinds = claims.map(({ kind }) => kind).toSorted()
      t.strictSame(kinds, database.engine === 'embedded' ? ['begin', 'busy'] : ['busy', 'busy'])
    })
  })
}
