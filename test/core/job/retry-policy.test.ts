import t from 'tap'
import { decideRetry, type FaultSituation } from '../../../src/core/job/retry-policy.ts'

const MINUTE = 60_000

const on = (given: Partial<FaultSituation>) =>
  decideRetry({
    kind: 'transient',
    code: 'Any',
    count: 0,
    elapsedMs: 0,
    totalMs: 0,
    retryAfterMs: null,
    random: 1,
    ...given,
  })
const retry = (afterMs: number) => ({ kind: 'retry', afterMs })
const failed = (code: string) => ({ kind: 'fail', code })

t.test('the table', async (t) => {
  const table: [string, Partial<FaultSituation>, object][] = [
    [
      'throttled: exactly what ARM asks',
      { kind: 'throttled', retryAfterMs: 17_000, random: 0 },
      retry(17_000),
    ],
    [
      'throttled with no time at all: never in a tight loop',
      { kind: 'throttled', retryAfterMs: 0 },
      retry(1_000),
    ],
    ['throttled without a time', { kind: 'throttled' }, retry(30_000)],
    [
      'throttled for an hour',
      { kind: 'throttled', elapsedMs: 60 * MINUTE, retryAfterMs: 1_000 },
      failed('ARM_UNAVAILABLE'),
    ],
    ['transient, first', {}, retry(1_000)],
    ['transient, least jitter', { random: 0 }, retry(500)],
    ['transient, fourth', { count: 3 }, retry(8_000)],
    ['transient, hundredth', { count: 99 }, retry(60_000)],
    ['transient: never before ARM asks', { retryAfterMs: 90_000 }, retry(90_000)],
    ['transient, too long', { elapsedMs: 15 * MINUTE }, failed('ARM_UNAVAILABLE')],
    ['unknown is as transient', { kind: 'unknown' }, retry(1_000)],
    ['conflict waits', { kind: 'conflict' }, retry(15_000)],
    ['conflict with a time', { kind: 'conflict', retryAfterMs: 4_000 }, retry(4_000)],
    ['conflict, too long', { kind: 'conflict', elapsedMs: 45 * MINUTE }, failed('CLUSTER_BUSY')],
    ['conflict that lasts', { kind: 'conflict', code: 'ScopeLocked' }, failed('ARM_REFUSED')],
    ['precondition-failed: again, freshness is checked then', { kind: 'precondition-failed' }, retry(1_000)],
    ['unauthenticated, at first', { kind: 'unauthenticated' }, retry(1_000)],
    [
      'unauthenticated, too long',
      { kind: 'unauthenticated', elapsedMs: 5 * MINUTE },
      failed('ARM_ACCESS_DENIED'),
    ],
    ['denied', { kind: 'denied' }, failed('ARM_ACCESS_DENIED')],
    ['not-found', { kind: 'not-found' }, failed('CLUSTER_GONE')],
    ['not-found of a resource group', { kind: 'not-found', isOther: true }, failed('ARM_REFUSED')],
    ['refused', { kind: 'refused' }, failed('ARM_REFUSED')],
    ['internal, at first', { kind: 'internal' }, retry(1_000)],
    ['internal, too long', { kind: 'internal', elapsedMs: 10 * MINUTE }, failed('INTERNAL')],
    ['kinds in turn, too long together', { totalMs: 90 * MINUTE }, failed('ARM_UNAVAILABLE')],
  ]
  for (const [name, situation, verdict] of table) t.strictSame(on(situation), verdict, name)
})

t.test('every wait is finite and none is shorter than ARM asks', async (t) => {
  const kinds = [
    'throttled',
    'transient',
    'unknown',
    'conflict',
    'precondition-failed',
    'unauthenticated',
  ] as const
  for (const kind of kinds)
    for (let count = 0; count < 40; count++)
      for (const random of [0, 0.5, 1]) {
        const verdict = on({ kind, count, random, retryAfterMs: 20_000 })
        t.ok(verdict.kind === 'retry' && verdict.afterMs >= 20_000 && verdict.afterMs <= 60_000, kind)
      }
})
