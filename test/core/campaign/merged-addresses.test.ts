import t from 'tap'
import type { JobResult } from '../../../src/contract/job.ts'
import { campaignIpChanges, type MemberOutcome } from '../../../src/core/campaign/campaign-addresses.ts'
import { mergePlans } from '../../../src/core/campaign/planning-result.ts'
import { address, after, facts, list, quota, ready } from './plan-facts.ts'

t.test('what a job moved before a retry stays removed, also in the lists', async (t) => {
  const moved = (['lost', 'unknown', 'kept'] as const).map((item, index) =>
    address(`20.0.0.${index + 1}`, item),
  )
  const edits = [list('20.0.0.1', ['20.0.0.1'], ['20.0.0.8'])]
  const first = after([...moved, address('20.0.0.8', 'added')], edits)
  const second = facts({ addresses: [address('20.0.0.8', 'lost')] })
  const retried: MemberOutcome = {
    status: 'Succeeded',
    facts: second,
    result: { egressIps: [{ address: '20.0.0.2' }] } as unknown as JobResult,
    former: [first],
  }
  const advice = (members: MemberOutcome[]) =>
    campaignIpChanges(members).items.map((item) => [item.address, item.advice])
  t.strictSame(advice([retried]), [
    ['20.0.0.1', 'removeNow'],
    ['20.0.0.2', 'allowNow'],
    ['20.0.0.8', 'removeNow'],
  ])
  const [{ resourceId, type, ...merged } = {}] = mergePlans([retried], []).allowLists
  t.strictSame(merged, { members: 1, add: [], addLater: 0, removeLater: ['20.0.0.1'] })
  const other = ready(facts({ addresses: [address('20.0.0.1', 'unknown')] }))
  t.strictSame(mergePlans([retried, other], []).allowLists[0]?.removeLater, [], 'another member may use it')
})

t.test('an address that others may use is to be checked, whether the change is made or not', async (t) => {
  const shared = { ...address('20.0.0.1', 'lost'), isOfOthers: true }
  const own = address('20.0.0.2', 'lost')
  const planned = ready(facts({ addresses: [shared, own] }))
  const changed: MemberOutcome = {
    ...planned,
    status: 'Succeeded',
    result: { egressIps: [] } as unknown as JobResult,
  }
  const advice = (...members: MemberOutcome[]) => campaignIpChanges(members).items.map((item) => item.advice)
  t.strictSame(advice(planned), ['checkAfter', 'removeAfter'])
  t.strictSame(advice(changed), ['checkAfter', 'removeNow'])
  t.strictSame(advice(ready(facts({ addresses: [address('20.0.0.1', 'lost'), own] })), changed), [
    'checkAfter',
    'removeAfter',
  ])
  const { addresses } = mergePlans([changed], [])
  t.strictSame(
    addresses.map((item) => item.advice),
    ['checkAfter', 'removeNow'],
    'also in the result of planning',
  )
})

t.test('a quota says when its oldest usage was read', async (t) => {
  const planOf = (plannedAt?: string) =>
    ready(facts({ quota: quota(7, 1), ...(plannedAt === undefined ? {} : { plannedAt }) }))
  const readAt = (...times: (string | undefined)[]) =>
    mergePlans(times.map(planOf), []).publicIpQuotas.map((item) => item.readAt)
  const [first, second] = ['2026-09-01T10:00:00.000Z', '2026-09-01T11:00:00.000Z']
  t.strictSame(readAt(second, first, undefined), [first])
  t.strictSame(readAt(undefined), [undefined])
})
