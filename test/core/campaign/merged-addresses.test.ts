import t from 'tap'
import type { JobResult } from '../../../src/contract/job.ts'
import type { MemberOutcome } from '../../../src/core/campaign/campaign-addresses.ts'
import { campaignIpChanges, releasedAddresses } from '../../../src/core/campaign/merged-addresses.ts'
import { actualFacts, uncertainFacts } from '../../../src/core/campaign/plan-facts.ts'
import { mergePlans } from '../../../src/core/campaign/planning-result.ts'
import { EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import { address, after, CLUSTER_ID, facts, list, quota, ready } from './plan-facts.ts'

t.test('what a job moved before a retry stays removed, also in the lists', async (t) => {
  const moved = (['lost', 'unknown', 'kept'] as const).map((item, index) =>
    address(`20.0.0.${index + 1}`, item),
  )
  const edits = [list('20.0.0.1', ['20.0.0.1'], ['20.0.0.8'])]
  const first = after([...moved, address('20.0.0.8', 'added')], edits)
  const second = facts({ addresses: [address('20.0.0.8', 'lost')] })
  const retried: MemberOutcome = {
    clusterId: CLUSTER_ID,
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
  t.strictSame(merged, { members: 1, add: ['20.0.0.2'], addLater: 0, removeLater: ['20.0.0.1'] })
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

t.test(
  'an address that is new for one member is to be allowed, also if others keep or lose it',
  async (t) => {
    const ADDRESS = '20.0.0.1'
    const gains = { ...address(ADDRESS, 'kept'), isNew: true }
    const mayBeNew = { ...address(ADDRESS, 'unknown'), isNew: true }
    const changes = [
      ['added', address(ADDRESS, 'added')],
      ['gains', gains],
      ['mayBeNew', mayBeNew],
      ['kept', address(ADDRESS, 'kept')],
      ['unknown', address(ADDRESS, 'unknown')],
      ['lost', address(ADDRESS, 'lost')],
    ] as const
    const NAMES = changes.map(([name]) => name)
    const planned = (index: number): MemberOutcome => ({
      ...ready(facts({ addresses: [changes[index]?.[1] ?? gains] })),
      clusterId: `${CLUSTER_ID}-${index}`,
    })
    const made = (index: number): MemberOutcome => ({
      ...planned(index),
      status: 'Failed',
      actual: { ...after([changes[index]?.[1] ?? gains]), stage: 'confirmed' },
    })
    const expected = {
      added: 'allow',
      gains: 'allow',
      mayBeNew: 'check',
      kept: 'keep',
      unknown: 'check',
      lost: 'remove',
    }
    for (const [first, one] of NAMES.entries())
      for (const [second, other] of NAMES.entries()) {
        // The first of the two names that occurs in the table decides.
        const word = expected[NAMES[Math.min(first, second)] ?? 'lost']
        const [both] = campaignIpChanges([planned(first), planned(second)]).items
        t.match(both?.advice, new RegExp(`^${word}(Before|After)?$`), `${one} and ${other}`)
        const fresh = [first, second].filter((index) => index < 2)
        t.strictSame(
          both?.newFor,
          fresh.length === 0
            ? undefined
            : { count: fresh.length, clusterIds: fresh.map((index) => `${CLUSTER_ID}-${index}`) },
        )
        const [half] = campaignIpChanges([planned(first), made(second)]).items
        const isUrgent = second < 2
        if (word === 'allow')
          t.equal(half?.advice, isUrgent ? 'allowNow' : 'allowBefore', `${one}, made ${other}`)
        if (word === 'remove') t.equal(half?.advice, 'removeAfter', 'one member still uses it')
      }
    const [ofSkipped] = campaignIpChanges([{ ...planned(1), status: 'Skipped' }]).items
    t.match(ofSkipped, { advice: 'keep', newFor: undefined }, 'no packets move to it')
    t.strictSame(
      campaignIpChanges([{ ...planned(2), status: 'Skipped' }]).items,
      [],
      'no packets ever used it',
    )
  },
)

t.test(
  'an address that the inventory shows in use again is to be checked, and no list removes it',
  async (t) => {
    const lists = [list('20.0.0.1', ['20.0.0.1'], []), list('20.0.0.2', ['20.0.0.2'], [])]
    const addresses = [address('20.0.0.1', 'lost'), address('20.0.0.2', 'lost')]
    const changed: MemberOutcome = {
      ...ready(facts({ addresses, allowLists: lists })),
      status: 'Succeeded',
      result: { egressIps: [] } as unknown as JobResult,
    }
    t.strictSame(releasedAddresses([changed, ready(facts({ addresses: [address('20.0.0.3', 'lost')] }))]), [
      '20.0.0.1',
      '20.0.0.2',
    ])
    const inUse = new Set(['20.0.0.1'])
    t.match(campaignIpChanges([changed], inUse).items, [{ advice: 'checkAfter' }, { advice: 'removeNow' }])
    t.match(mergePlans([changed], [], { inUse }).allowLists, [{ removeLater: ['20.0.0.2'] }])
  },
)

t.test('the data of a plan keep which addresses packets move to', async (t) => {
  const [row] = EXAMPLE_PLAN.egressIps
  t.ok(row)
  const isNewOf = (change: Partial<(typeof EXAMPLE_PLAN.egressIps)[number]>) =>
    actualFacts({
      ...EXAMPLE_PLAN,
      egressIps: [
        { ...EXAMPLE_PLAN.egressIps[0], address: '20.0.0.1', ...change } as NonNullable<typeof row>,
      ],
    }).addresses.map(({ isNew }) => isNew)
  t.strictSame(isNewOf({ change: 'kept' }), [undefined])
  t.strictSame(isNewOf({ change: 'kept', gainsTraffic: true }), [true])
  t.strictSame(isNewOf({ change: 'unknown', usedBefore: [] }), [true])
  t.strictSame(isNewOf({ change: 'lost', usedBefore: [] }), [undefined])
  const uncertain = uncertainFacts(after([address('20.0.0.1', 'added'), address('20.0.0.2', 'lost')]))
  t.match(uncertain.addresses, [
    { change: 'unknown', isNew: true },
    { change: 'unknown', isNew: undefined },
  ])
})

t.test('an address that a job before a retry put into use stays new during the whole campaign', async (t) => {
  const first = after(
    [address('20.0.0.8', 'added')],
    [list('20.0.0.1', ['20.0.0.1'], ['20.0.0.8', '20.0.0.9'])],
  )
  const retried: MemberOutcome = {
    ...ready(facts({ addresses: [address('20.0.0.8', 'kept')] })),
    status: 'Running',
    former: [first],
  }
  t.match(campaignIpChanges([retried]).items, [{ change: 'added', advice: 'allowNow', newFor: { count: 1 } }])
  t.strictSame(mergePlans([retried], []).allowLists[0]?.add, ['20.0.0.8'], 'and its lists need it')
})

t.test(
  'after a rollback, the lists keep their edits, with the addresses that the rollback brought',
  async (t) => {
    const change = after(
      [address('20.0.0.1', 'lost'), address('20.0.0.8', 'added')],
      [{ ...list('20.0.0.1', ['20.0.0.1'], ['20.0.0.8']), addLater: 0 }],
    )
    const rolledBack = (brought: string): MemberOutcome => ({
      ...ready(facts()),
      status: 'Succeeded',
      former: [change],
      actual: { ...after([address('20.0.0.8', 'lost'), address(brought, 'added')]), stage: 'confirmed' },
    })
    const results = (brought: string) => {
      const members = [rolledBack(brought)]
      const { items } = campaignIpChanges(members)
      const [{ add, removeLater } = { add: null, removeLater: null }] = mergePlans(members, []).allowLists
      return { advice: items.map((item) => `${item.address} ${item.advice}`), add, removeLater }
    }
    t.strictSame(results('20.0.0.9'), {
      advice: ['20.0.0.1 removeNow', '20.0.0.8 removeNow', '20.0.0.9 allowNow'],
      add: ['20.0.0.9'],
      removeLater: ['20.0.0.1'],
    })
    t.strictSame(results('20.0.0.1'), {
      advice: ['20.0.0.1 allowNow', '20.0.0.8 removeNow'],
      add: [],
      removeLater: [],
    })
  },
)

t.test('a quota counts the newest usage, and adds what members create after it', async (t) => {
  const planOf = (plannedAt?: string) =>
    ready(facts({ quota: quota(7, 1), ...(plannedAt === undefined ? {} : { plannedAt }) }))
  const readAt = (...times: (string | undefined)[]) =>
    mergePlans(times.map(planOf), []).publicIpQuotas.map((item) => item.readAt)
  const [first, second] = ['2026-09-01T10:00:00.000Z', '2026-09-01T11:00:00.000Z']
  t.strictSame(readAt(second, first, undefined), [second])
  t.strictSame(readAt(undefined), [undefined])
  const planned = (status: 'Ready' | 'Running' | 'Succeeded', current: number, plannedAt = first) => ({
    ...ready(facts({ quota: quota(current, 2), plannedAt })),
    status,
  })
  const changedAt = '2026-09-01T10:30:00.000Z'
  const changed = { ...planned('Succeeded', 1), changedAt }
  const again = planned('Ready', 3, second)
  const peak = (...members: MemberOutcome[]) =>
    mergePlans(members, []).publicIpQuotas.map(({ current, atPeak }) => [current, atPeak])
  t.strictSame(peak(planned('Ready', 1), changed), [[1, 5]], 'no usage was read after the change')
  t.strictSame(peak(planned('Running', 1), changed, again), [[3, 7]], 'the newest usage includes the change')
  t.strictSame(peak({ ...again, changedAt }, changed), [[3, 5]], 'a retried member creates addresses again')
  t.strictSame(
    peak(again, planned('Ready', 4, first)),
    [[3, 7]],
    'a former usage does not count, also if it is higher',
  )
})
