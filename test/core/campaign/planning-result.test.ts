import t from 'tap'
import type { JobResult, JobStep } from '../../../src/contract/job.ts'
import type { MemberOutcome } from '../../../src/core/campaign/campaign-addresses.ts'
import { initialMember, type MemberState } from '../../../src/core/campaign/campaign-state.ts'
import { estimateDuration } from '../../../src/core/campaign/duration-estimate.ts'
import { jobEnded, planned, planningFailed, startFailed } from '../../../src/core/campaign/member-outcomes.ts'
import { campaignIpChanges } from '../../../src/core/campaign/merged-addresses.ts'
import { type PlanFacts, planFacts, uncertainFacts } from '../../../src/core/campaign/plan-facts.ts'
import { mergePlans } from '../../../src/core/campaign/planning-result.ts'
import { EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import { address, after, CLUSTER_ID, digestOf, facts, LIST, list, quota, ready } from './plan-facts.ts'

const anError = (code: string) => ({ code, message: '', retryAfterMs: null })

t.test('merges the plans of several members into one result', async (t) => {
  const result = mergePlans(
    [
      facts({
        addresses: [address('20.0.0.1', 'lost'), address('20.0.0.2', 'lost'), address('20.0.0.9', 'added')],
        allowLists: [list('20.0.0.1', ['20.0.0.1'], ['20.0.0.9']), list('20.0.0.2', ['20.0.0.2'], [])],
        acknowledgements: ['EGRESS_IP_LOST'],
        quota: quota(7, 2),
      }),
      facts({
        addresses: [address('20.0.0.2', 'kept'), address('20.0.0.9', 'added')],
        allowLists: [{ ...list('20.0.0.1', ['20.0.0.1'], ['20.0.0.9']), resourceId: LIST.toUpperCase() }],
        acknowledgements: ['EGRESS_IP_LOST', 'NODES_REPLACED'],
        quota: quota(8, 1),
      }),
      facts({ verdict: 'blocked', blockers: ['CLUSTER_STOPPED'], missingPermissions: ['a/write'] }),
    ].map(ready),
    ['EGRESS_IP_LOST'],
  )
  t.strictSame(result.verdicts, { applicable: 2, blocked: 1, noChange: 0 })
  t.strictSame(
    result.addresses.map(({ address, change, members }) => [address, change, members]),
    [
      ['20.0.0.1', 'lost', 1],
      ['20.0.0.2', 'kept', 2],
      ['20.0.0.9', 'added', 2],
    ],
    'an address that one member keeps is not lost',
  )
  t.strictSame(result.allowLists, [
    {
      resourceId: LIST,
      type: 'Microsoft.Storage/storageAccounts',
      members: 2,
      add: ['20.0.0.9'],
      addLater: 2,
      removeLater: ['20.0.0.1'],
    },
  ])
  t.strictSame(
    result.publicIpQuotas.map(({ current, atPeak, exceeded }) => [current, atPeak, exceeded]),
    [[8, 11, true]],
  )
  t.strictSame(result.acknowledgements, [
    { code: 'EGRESS_IP_LOST', members: 2, acknowledged: true },
    { code: 'NODES_REPLACED', members: 1, acknowledged: false },
  ])
})

t.test('a member that does not change keeps its addresses and asks for no edit', async (t) => {
  const plan = facts({
    addresses: [address('20.0.0.1', 'lost'), address('20.0.0.9', 'added')],
    allowLists: [list('20.0.0.1', ['20.0.0.1'], ['20.0.0.9'])],
    quota: quota(7, 2),
    acknowledgements: ['EGRESS_IP_LOST'],
    addressesKnownLater: 1,
    cost: {
      currency: 'USD',
      before: 1,
      after: 2,
      priceSource: 'list',
      pricesAsOf: '2026-08-01',
      assumptions: [],
    },
  })
  for (const status of ['Skipped', 'Canceled', 'Blocked', 'NoChange'] as const) {
    const member: MemberOutcome = { clusterId: CLUSTER_ID, status, facts: plan, result: null }
    const changes = campaignIpChanges([member])
    t.match(changes.items, [{ address: '20.0.0.1', change: 'kept', advice: 'keep' }], status)
    t.strictSame([changes.items.length, changes.addressesKnownLater], [1, 0], status)
    const merged = mergePlans([member], [])
    t.strictSame([merged.allowLists, merged.publicIpQuotas, merged.cost.sums], [[], [], []], status)
    const isLeftOut = status === 'Skipped' || status === 'Canceled'
    t.strictSame([merged.leftOut, merged.members], isLeftOut ? [1, 0] : [0, 1], status)
  }
  const failed: MemberOutcome = {
    clusterId: CLUSTER_ID,
    status: 'Failed',
    facts: plan,
    result: null,
    actual: { ...after([address('20.0.0.1', 'unknown')]), stage: 'unconfirmed' },
  }
  t.match(campaignIpChanges([failed]).items, [{ address: '20.0.0.1', advice: 'checkAfter' }])
  t.strictSame(mergePlans([failed], []).allowLists, [], 'nobody removes an address that may be in use')
  // Another member uses what the skipped one keeps.
  const both = campaignIpChanges([
    { clusterId: CLUSTER_ID, status: 'Skipped', facts: plan, result: null },
    ready(plan),
  ])
  t.match(both.items, [
    { address: '20.0.0.1', change: 'kept' },
    { address: '20.0.0.9', change: 'added' },
  ])
})

t.test('a member that is planned again keeps what its failed job has put into use', async (t) => {
  const plan = facts({ addresses: [address('20.0.0.1', 'lost'), address('20.0.0.9', 'added')] })
  const found = [address('20.0.0.1', 'unknown'), address('20.0.0.8', 'added'), address('20.0.0.7', 'lost')]
  const actual = { ...after(found), stage: 'unconfirmed' as const }
  const adviceIn = (member: MemberOutcome) =>
    campaignIpChanges([member]).items.map((item) => `${item.address} ${item.advice}`)
  for (const status of ['Blocked', 'NoChange', 'Skipped'] as const)
    t.strictSame(
      adviceIn({ clusterId: CLUSTER_ID, status, facts: plan, result: null, actual }),
      ['20.0.0.1 checkAfter', '20.0.0.7 removeNow', '20.0.0.8 allowNow'],
      status,
    )
  const next = facts({ addresses: [address('20.0.0.7', 'kept'), address('20.0.0.9', 'added')] })
  for (const status of ['Planning', 'Ready', 'NeedsDecision', 'Starting'] as const)
    t.strictSame(
      adviceIn({ clusterId: CLUSTER_ID, status, facts: next, result: null, actual }),
      ['20.0.0.1 checkAfter', '20.0.0.7 keep', '20.0.0.8 allowNow', '20.0.0.9 allowBefore'],
      status,
    )
})

t.test(
  'nothing is allowed or removed for a failed job after which another job changed the egress',
  async (t) => {
    const found = after(
      [address('20.0.0.1', 'lost'), address('20.0.0.8', 'added')],
      [list('20.0.0.1', [], [])],
    )
    const actual = { ...uncertainFacts(found), stage: 'confirmed' as const }
    const member: MemberOutcome = {
      clusterId: CLUSTER_ID,
      status: 'Failed',
      facts: facts(),
      result: null,
      actual,
    }
    t.match(campaignIpChanges([member]).items, [{ advice: 'checkAfter' }, { advice: 'checkAfter' }])
    t.strictSame(mergePlans([member], []).allowLists, [])
  },
)

t.test('a held member shows the addresses that its job has prepared', async (t) => {
  const plan = facts({
    addresses: [address('20.0.0.1', 'lost')],
    addressesKnownLater: 1,
    allowLists: [list('20.0.0.1', ['20.0.0.1'], [])],
  })
  const found = [address('20.0.0.1', 'lost'), address('20.0.0.9', 'added')]
  const edits = [{ ...list('20.0.0.1', ['20.0.0.1'], ['20.0.0.9']), addLater: 0 }]
  const held: MemberOutcome = {
    clusterId: CLUSTER_ID,
    status: 'Running',
    facts: plan,
    result: null,
    actual: { ...after(found, edits), stage: 'prepared' },
  }
  const { items, addressesKnownLater } = campaignIpChanges([held])
  t.match(items, [{ advice: 'removeAfter' }, { address: '20.0.0.9', advice: 'allowBefore' }])
  t.equal(addressesKnownLater, 0)
  const merged = mergePlans([held], [])
  t.equal(merged.addressesKnownLater, 0)
  t.match(merged.allowLists, [{ add: ['20.0.0.9'], addLater: 0, removeLater: ['20.0.0.1'] }])
})

t.test(
  'the lists of members that have changed contain the addresses that their jobs have read',
  async (t) => {
    const plan = facts({
      addresses: [address('20.0.0.1', 'lost')],
      addressesKnownLater: 2,
      allowLists: [
        list('20.0.0.1', ['20.0.0.1'], []),
        { ...list('20.0.0.2', [], []), resourceId: 'b', addLater: 0 },
      ],
    })
    const egressIps = ['20.0.0.9', '2603::9'].map((text) => ({ address: text, resourceId: null }))
    const result = { egressIps } as unknown as JobResult
    const merged = mergePlans([{ clusterId: CLUSTER_ID, status: 'Succeeded', facts: plan, result }], [])
    t.equal(merged.addressesKnownLater, 0)
    t.strictSame(
      merged.allowLists.map(({ add, addLater }) => [add, addLater]),
      [
        [['20.0.0.9'], 0],
        [[], 0],
      ],
    )
    const failed: MemberOutcome = {
      clusterId: CLUSTER_ID,
      status: 'Failed',
      facts: plan,
      result: null,
      actual: {
        ...after([address('20.0.0.9', 'added')], [list('20.0.0.1', [], ['20.0.0.9'])]),
        stage: 'confirmed',
      },
    }
    t.match(mergePlans([failed], []).allowLists, [{ add: ['20.0.0.9'] }], 'also after a failed job')
  },
)

t.test('a code is acknowledged when each member with an applicable plan has accepted it', async (t) => {
  const plan = facts({ acknowledgements: ['EGRESS_IP_LOST'] })
  const accepted: MemberOutcome = { ...ready(plan), acceptedCodes: ['EGRESS_IP_LOST'] }
  const blocked = ready({ ...plan, verdict: 'blocked' })
  const isAcknowledged = (...members: MemberOutcome[]) =>
    mergePlans(members, []).acknowledgements.map(({ acknowledged }) => acknowledged)
  t.strictSame(isAcknowledged(accepted, accepted), [true])
  t.strictSame(isAcknowledged(accepted, blocked), [true], 'a blocked plan is not executed')
  t.strictSame(isAcknowledged(accepted, ready(plan)), [false])
  t.strictSame(isAcknowledged(blocked), [], 'and requires nothing')
})

t.test('counts members that could not be planned as blocked, with their errors', async (t) => {
  const members: MemberOutcome[] = [
    ready(facts()),
    { clusterId: CLUSTER_ID, status: 'Blocked', facts: null, result: null, code: 'CLUSTER_NOT_FOUND' },
    {
      clusterId: CLUSTER_ID,
      status: 'Blocked',
      facts: facts({ verdict: 'blocked', blockers: ['A'] }),
      result: null,
      code: 'PLAN_BLOCKED',
    },
    {
      clusterId: CLUSTER_ID,
      status: 'Blocked',
      facts: facts({ acknowledgements: ['B'] }),
      result: null,
      code: 'A',
    },
    { clusterId: CLUSTER_ID, status: 'Planning', facts: null, result: null, code: 'AZURE_THROTTLED' },
  ]
  const { members: count, verdicts, blockers } = mergePlans(members, [])
  t.strictSame([count, verdicts], [4, { applicable: 1, blocked: 3, noChange: 0 }])
  t.strictSame(blockers, [
    { code: 'A', members: 2 },
    { code: 'CLUSTER_NOT_FOUND', members: 1 },
  ])
})

t.test(
  'keeps an address that moves between members, and removes it only after all members have changed',
  async (t) => {
    const result = {
      egressIps: [{ address: '20.0.0.8', family: 'IPv4', resourceId: null }],
    } as unknown as JobResult
    const changed: MemberOutcome = {
      clusterId: CLUSTER_ID,
      status: 'Succeeded',
      facts: facts({ addresses: [address('20.0.0.1', 'lost'), address('20.0.0.3', 'lost')] }),
      result,
    }
    const waiting: MemberOutcome = {
      clusterId: CLUSTER_ID,
      status: 'Ready',
      facts: facts({ addresses: [address('20.0.0.1', 'lost'), address('20.0.0.8', 'lost')] }),
      result: null,
    }
    const { items } = campaignIpChanges([changed, waiting])
    t.strictSame(
      items.map(({ address, change, advice }) => [address, change, advice]),
      [
        ['20.0.0.1', 'lost', 'removeAfter'],
        ['20.0.0.3', 'lost', 'removeNow'],
        ['20.0.0.8', 'added', 'allowNow'],
      ],
    )
  },
)

t.test(
  'the estimate packs measured members into the lanes of their waves, and names the steps without measures',
  async (t) => {
    const step = (minutes: number): JobStep => ({
      key: 'change-outbound-type',
      title: '',
      status: 'Succeeded',
      startedAt: '2026-09-01T00:00:00Z',
      finishedAt: new Date(Date.parse('2026-09-01T00:00:00Z') + minutes * 60_000).toISOString(),
      attempts: 1,
    })
    const jobs = [4, 5, 6, 10].map((minutes) => ({ steps: [step(minutes)] }))
    const members = [0, 1, 1, 1].map((wave) => ({ wave, steps: ['change-outbound-type'], shares: ['own'] }))
    const apart = members.map((member, index) => ({ ...member, shares: [`gateway-${index}`] }))
    const waves = [
      { settings: { soakMinutes: 30 }, startedAt: null },
      { settings: { maxConcurrent: 2, soakMinutes: 99 }, startedAt: null },
    ]
    const { total } = estimateDuration(waves, apart, jobs)
    t.strictSame(total, { p50Minutes: 5 + 30 + 10, p90Minutes: 10 + 30 + 20 })
    const sharing = estimateDuration(waves, members, jobs)
    t.equal(
      sharing.total?.p50Minutes,
      5 + 30 + 15,
      'members that share a resource change one after the other',
    )
    const later = estimateDuration(
      waves.map((wave) => ({ ...wave, startedAt: '2026-09-01T00:00:00Z' })),
      apart.slice(1),
      jobs,
    )
    t.equal(later.total?.p50Minutes, 10, 'a soak time that is over does not count')
    const unchanged = estimateDuration(waves, apart.slice(1), jobs)
    t.equal(unchanged.total?.p50Minutes, 10, 'a wave without a change has no soak time')
    const soaking = estimateDuration(waves, apart.slice(1), jobs, (wave) => wave === 0)
    t.equal(soaking.total?.p50Minutes, 30 + 10, 'the soak time of a wave that has ended')
    const [first] = apart
    const alone = estimateDuration(waves, first === undefined ? [] : [first], jobs)
    t.equal(alone.total?.p50Minutes, 5, 'no soak time before a wave in which no member can start')
    const verify = { wave: 0, steps: ['verify'], shares: [] }
    const unmeasured = estimateDuration(waves, [verify], jobs)
    t.match(unmeasured, { total: null, because: /no estimate yet/, unmeasured: [{ step: 'verify' }] })
    const partly = estimateDuration(waves, [...apart, verify], jobs)
    t.strictSame(partly.total, total, 'one step without a measure does not hide the others')
    t.strictSame(partly.unmeasured, [{ step: 'verify', members: 1 }])
    t.match(partly.because, /It does not include 1 step of `unmeasured`/)
    t.match(estimateDuration(waves, [], jobs), { total: null, because: /no member/i })
  },
)

t.test('a member continues with an equal new plan, and waits for a decision otherwise', async (t) => {
  const member = initialMember('m', 0, 0)
  const now = new Date('2026-09-01T00:00:00Z')
  const terms = { acknowledge: ['A'], acceptedCodes: [], rollBack: true }
  const after = (plan: Partial<PlanFacts>, former: Partial<PlanFacts> | null = null) => {
    const { status, waitsFor } = planned(
      member,
      'p',
      facts(plan),
      terms,
      former === null ? null : facts(former),
    )
    return [status, waitsFor?.code]
  }
  t.strictSame(after({ acknowledgements: ['A'] }), ['Ready', undefined])
  t.strictSame(after({ acknowledgements: ['A', 'B'] }), ['NeedsDecision', 'ACKNOWLEDGEMENT_MISSING'])
  t.strictSame(after({ canRollBack: false }), ['NeedsDecision', 'ROLLBACK_NOT_AVAILABLE'])
  t.strictSame(after({}, {}), ['Ready', undefined])
  t.strictSame(after({ digest: digestOf({ steps: ['b'] }) }, {}), ['NeedsDecision', 'PLAN_CHANGED'])
  t.strictSame(after({ verdict: 'noChange', digest: digestOf({ steps: ['b'] }) }, {}), [
    'NoChange',
    undefined,
  ])
  const former = facts({ digest: digestOf({ steps: ['a', 'b'], addresses: ['20.1.0.1 kept'] }) })
  const changed = facts({ digest: digestOf({ steps: ['b', 'c'], addresses: ['20.1.0.1 lost'] }) })
  t.equal(
    planned({ ...member, planId: 'old' }, 'p', changed, terms, former).waitsFor?.message,
    'The cluster has changed, and its new plan differs from the former plan old: steps (now c and without a); addresses (now 20.1.0.1 lost and without 20.1.0.1 kept).',
  )
  t.strictSame(after({ verdict: 'blocked', blockers: ['X'] }), ['Blocked', 'PLAN_BLOCKED'])

  const starting = { ...member, status: 'Starting' as const }
  const failing = (code: string, attempts = 0) => startFailed({ ...starting, attempts }, anError(code), now)
  t.equal(failing('PLAN_STALE').status, 'Planning')
  t.strictSame([failing('APPROVAL_MISSING').status, failing('APPROVAL_MISSING').attempts], ['Ready', 0])
  t.ok((failing('AZURE_THROTTLED').notBefore ?? now) > now, 'a throttled member waits')
  t.equal(failing('AZURE_UNREACHABLE', 9).status, 'NeedsDecision', 'ten attempts are enough')
  t.equal(failing('CLUSTER_NOT_FOUND').status, 'Blocked')

  const error = { code: 'PLAN_STALE', message: 'Stale.', step: null, arm: null, remedy: '' } as const
  t.equal(jobEnded(member, { status: 'Failed', error })?.status, 'Planning', 'nothing was written')
  t.equal(jobEnded(member, { status: 'Failed', error: { ...error, code: 'ARM_REFUSED' } })?.status, 'Failed')
  t.equal(jobEnded(member, { status: 'Running', error: null }), null)
})

t.test('the facts of a plan name the shared resources and the required decisions', async (t) => {
  const { shares, verdict, digest, steps } = planFacts(EXAMPLE_PLAN)
  t.equal(verdict, 'applicable')
  t.ok(steps.includes('change-outbound-type'))
  for (const key of shares) t.match(key, /\/(natgateways|routetables|subnets)\//)
  t.ok(shares.length > 0)
  t.equal(digest, planFacts({ ...EXAMPLE_PLAN, id: 'another', createdAt: '2030-01-01T00:00:00Z' }).digest)
  const [first, ...rest] = EXAMPLE_PLAN.egressIps
  t.ok(first)
  t.not(digest, planFacts({ ...EXAMPLE_PLAN, egressIps: rest }).digest)
})

t.test(
  'a member waits for the calls to Azure of its subscription, however often they are used up',
  async (t) => {
    const now = new Date('2026-09-01T00:00:00Z')
    const member: MemberState = { ...initialMember('a', 0, 0), attempts: 9 }
    for (const fail of [planningFailed, startFailed]) {
      const waiting = fail(member, anError('AZURE_THROTTLED'), now)
      t.match(waiting, { attempts: 9, notBefore: new Date(now.getTime() + 60_000) }, fail.name)
      t.notMatch(waiting.status, /Blocked|NeedsDecision/, fail.name)
      const soon = fail(member, { ...anError('AZURE_THROTTLED'), retryAfterMs: 7_000 }, now)
      t.match(soon, { notBefore: new Date(now.getTime() + 7_000) }, 'or as long as the budget names')
    }
    t.equal(
      planningFailed(member, anError('AZURE_UNREACHABLE'), now).status,
      'Blocked',
      'other errors are limited',
    )
  },
)

t.test(
  'sums the monthly cost by currency, with its date and assumptions, and counts what is unknown',
  async (t) => {
    const cost = (currency: string, before: number, after: number, pricesAsOf = '2026-08-01') => ({
      cost: { currency, before, after, priceSource: 'list', pricesAsOf, assumptions: ['730 hours.'] },
    })
    const { cost: merged } = mergePlans(
      [
        facts(cost('USD', 10.1, 20.2)),
        facts(cost('USD', 0.2, 0.1, '2026-07-01')),
        facts(cost('EUR', 5, 3)),
        facts({ cost: null }),
        facts(),
        facts({ ...cost('USD', 100, 100), verdict: 'blocked' }),
      ].map(ready),
      [],
    )
    t.equal(merged.unknownMembers, 2)
    t.match(merged.sums, [
      { currency: 'EUR', members: 1, before: 5, after: 3, difference: -2, pricesAsOf: '2026-08-01' },
      { currency: 'USD', members: 2, before: 10.3, after: 20.3, difference: 10, pricesAsOf: '2026-07-01' },
    ])
    for (const { assumptions, priceSources } of merged.sums) {
      t.match(assumptions, ['730 hours.', /share/, /earlier version/])
      t.strictSame(priceSources, ['list'])
    }
    t.strictSame(mergePlans([], []).cost, { unknownMembers: 0, sums: [] })
    const side = (monthly: number | null) => ({ monthly, knownMonthly: 1, lines: [], unknown: [] })
    const plan = (before: number | null, pricesAsOf: string | null) =>
      planFacts({
        ...EXAMPLE_PLAN,
        cost: {
          currency: 'USD',
          region: 'eastus',
          priceSource: 'list',
          pricesAsOf,
          gigabytesPerMonth: null,
          before: side(before),
          after: side(2),
          difference: null,
          assumptions: [],
        },
      })
    t.match(plan(1, '2026-08-01').cost, { before: 1, after: 2 })
    t.equal(plan(null, '2026-08-01').cost, null, 'a lower limit is no sum')
    t.equal(plan(1, null).cost, null, 'no figure without a date')
  },
)

t.test('counts a resource that several members share once, and names these members', async (t) => {
  const member = (clusterId: string, before: number, after: number, resources: [string, number, number][]) =>
    facts({
      cost: {
        currency: 'USD',
        before,
        after,
        priceSource: 'list',
        pricesAsOf: '2026-08-01',
        assumptions: [],
        clusterId,
        resources: resources.map(([id, before, after]) => ({ id, before, after })),
      },
    })
  const { sums } = mergePlans(
    [
      member('one', 920, 915, [
        ['/hub/fw', 912.5, 912.5],
        ['/own/nat', 3, 0],
      ]),
      member('two', 930, 940, [
        ['/HUB/fw', 912.5, 912.5],
        ['/nat/shared', 10, 0],
      ]),
      member('three', 20, 20, [['/nat/shared', 10, 10]]),
    ].map(ready),
    [],
  ).cost
  // 920 + 930 + 20 - 912.5 - 10; afterwards, the member `three` still uses the shared gateway.
  t.match(sums, [{ before: 947.5, after: 962.5, difference: 15 }])
  t.strictSame(sums[0]?.shared, [
    { resourceId: '/hub/fw', clusterIds: ['one', 'two'] },
    { resourceId: '/nat/shared', clusterIds: ['two', 'three'] },
  ])
  t.notMatch(sums[0]?.assumptions.join(), /earlier version/)
})
