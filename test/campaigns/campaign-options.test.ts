import t from 'tap'
import { campaignVersion } from '../../src/campaigns/campaigns.ts'
import { advanceCampaign } from '../../src/campaigns/change-campaign.ts'
import { DomainError } from '../../src/core/lib/errors.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { CampaignWorld, codeOf } from './campaign-world.ts'

const world = await CampaignWorld.start(t, await openMigrated(openEmptyDatabase(t)))

t.test('jobs of a campaign hold before the cutover, and a message says which member waits', async (t) => {
  const told: string[] = []
  world.deps.announce = async (_trx, keys, messages) => {
    for (const { type } of messages) told.push(`${type} ${keys.map((key) => key.split('/').at(-1))}`)
  }
  await world.fillInventory({ 'lb-byo': {} })
  const { id } = await world.create(['lb-byo'], {
    target: { outboundType: 'userAssignedNATGateway' },
    prepare: { natGateway: {} },
    holdBeforeCutOver: true,
    waves: [{}],
  })
  await world.run()
  const seen = await world.campaigns.get(id)
  await world.act(id, { action: 'start' })
  const stale = world.campaigns.act(
    id,
    { action: 'pause' },
    {
      ...world.call,
      precondition: (version) => {
        if (version !== campaignVersion(seen)) throw new DomainError('CAMPAIGN_NOT_FOUND')
      },
    },
  )
  t.equal(await codeOf(stale), 'CAMPAIGN_NOT_FOUND ', 'the campaign is another than the caller has read')
  await world.act(id, { action: 'retry', membersWhere: { waitsFor: 'ACKNOWLEDGEMENT_MISSING' } })
  await world.run()
  t.strictSame(
    told.filter((message) => message.startsWith('campaign.member')).toSorted(),
    ['campaign.member.waiting lb-byo'],
    'only of a running campaign',
  )
  const query = { campaignId: id, limit: 10, cursor: null }
  const waiting = await world.campaigns.listMembers({ ...query, waitsFor: 'ACKNOWLEDGEMENT_MISSING' })
  t.equal(waiting.items.length, 1)
  t.strictSame((await world.campaigns.listMembers({ ...query, waitsFor: 'PLAN_CHANGED' })).items, [])
  const codes = waiting.items.flatMap(({ waitsFor }) => waitsFor?.message.match(/[A-Z]+(_[A-Z]+)+/g) ?? [])
  const membersWhere = { status: 'NeedsDecision' as const, wave: 1 }
  await world.act(id, { action: 'accept', membersWhere, acknowledge: [...new Set(codes)] })
  t.equal(
    await codeOf(world.act(id, { action: 'skip', membersWhere })),
    'CAMPAIGN_ACTION_NOT_POSSIBLE /membersWhere',
  )
  t.match(
    await world.act(id, { action: 'release' }),
    {
      status: 'Running',
      effect: { action: 'release', changed: false, changedMembers: 0, message: /^No job/ },
    },
    'no job is held yet, and none is kept from its hold',
  )
  const waits = async () => (await world.campaigns.get(id)).waiting
  await world.run(async () => (await waits())?.[0]?.code === 'HELD')
  t.match(await world.members(id), [{ status: 'Running', waitsFor: { code: 'HELD' } }])
  t.match((await world.campaigns.get(id)).waitsFor, { code: 'MEMBERS', message: /1 held before the cutover/ })
  const announced = await world.campaigns.ipChanges(id)
  const added = announced.items.filter(({ change }) => change === 'added')
  t.match(added, [{ address: String, advice: 'allowBefore' }], 'the job has created its address')
  const planning = await world.campaigns.planning(id)
  t.strictSame([announced.addressesKnownLater, planning.addressesKnownLater], [0, 0])
  t.ok(planning.addresses.some(({ address }) => address === added[0]?.address))
  t.ok(planning.acknowledgements.length > 0)
  t.ok(planning.acknowledgements.every(({ acknowledged }) => acknowledged))
  t.equal(told.filter((message) => message === 'campaign.member.waiting lb-byo').length, 2, 'held, too')
  t.equal(
    await codeOf(world.act(id, { action: 'release', membersWhere: { wave: 2 } })),
    'CAMPAIGN_ACTION_NOT_POSSIBLE /membersWhere',
  )
  const outdated = world.campaigns.act(
    id,
    { action: 'release' },
    {
      ...world.call,
      precondition: () => {
        throw new DomainError('CAMPAIGN_NOT_FOUND')
      },
    },
  )
  t.equal(await codeOf(outdated), 'CAMPAIGN_NOT_FOUND ')
  t.match(await waits(), [{ code: 'HELD', members: 1 }])
  const { items: stillHeld } = await world.jobs.list({ limit: 1, cursor: null, hold: 'Held' })
  t.equal(stillHeld.length, 1, 'a rejected action releases no job')
  await world.act(id, { action: 'cancel' })
  await advanceCampaign(world.deps, id)
  t.match(
    await world.campaigns.get(id),
    { status: 'Canceling', waitsFor: { code: 'MEMBERS', message: /held/ } },
    'a canceled campaign says that a held job keeps it from its end',
  )
  t.match(await world.act(id, { action: 'release' }), {
    waiting: undefined,
    effect: { changed: true, changedMembers: 1, message: 'The action `release` changed 1 member.' },
  })
  const [job] = (await world.jobs.list({ limit: 1, cursor: null })).items
  t.match(job?.hold, { status: 'Released', releasedBy: 'tester' })
  t.match(await world.act(id, { action: 'release' }), { effect: { changed: false } })
  t.equal((await world.campaigns.get(id)).effect, undefined, 'only the response of an action has it')
  await world.run()
  t.match(await world.campaigns.get(id), { status: 'Canceled', members: { Succeeded: 1 } })
  t.strictSame(await world.statuses(id), { 'lb-byo': 'Succeeded' })
  t.match(
    (await world.inventory.list({ limit: 9, cursor: null })).items,
    [{ name: 'lb-byo', declared: { outboundType: 'userAssignedNATGateway' }, effective: 'natGateway' }],
    'the inventory shows the new type before its next refresh',
  )
  delete world.deps.announce
})

t.test(
  'a job holds before it attaches a NAT gateway that carries only the packets of one route',
  async (t) => {
    const request = {
      cluster: world.demo.ref('lb-byo-udr-ready'),
      target: { outboundType: 'userAssignedNATGateway' as const },
      prepare: { natGateway: {} },
      authorizedRanges: 'widen' as const,
      reason: null,
    }
    const plan = await world.planning.makePlan(request, 'tester')
    const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired, reason: null, by: 'tester' }
    const { id } = await world.jobs.accept({ ...order, holdBeforeCutOver: true, onFailure: 'stop' })
    await world.run(async () => (await world.jobs.get(id)).hold?.status === 'Held')
    t.equal((await world.jobs.get(id)).hold?.step, 'prepare-subnet-1')
    const { subnets } = await world.demo.takeSnapshot(request.cluster)
    t.strictSame(
      subnets.map(({ natGatewayId }) => natGatewayId),
      [null],
      'no packet has moved',
    )
    await world.jobs.release(id, { by: 'tester' })
    await world.run()
    t.match(await world.jobs.get(id), { status: 'Succeeded', error: null })
  },
)

t.test('the inventory shows whether the ranges cover the addresses that a job has authorized', async (t) => {
  await world.fillInventory({ 'lb-managed-ranges': {} })
  const request = {
    cluster: world.demo.ref('lb-managed-ranges'),
    target: { outboundType: 'managedNATGateway' as const },
    authorizedRanges: 'widen' as const,
    reason: null,
  }
  const plan = await world.planning.makePlan(request, 'tester')
  t.ok(plan.steps.some(({ key }) => key === 'authorize-discovered-ips'))
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired, reason: null, by: 'tester' }
  const { id } = await world.jobs.accept({ ...order, holdBeforeCutOver: false, onFailure: 'stop' })
  const rangesInInventory = async () => {
    const { items } = await world.inventory.list({ limit: 1, cursor: null, name: 'lb-managed-ranges' })
    return items[0]?.authorizedRanges
  }
  await world.run(async () => (await world.jobs.get(id)).currentStep === 'authorize-discovered-ips')
  t.match(await rangesInInventory(), { coversEgress: null }, 'the job has yet to authorize the addresses')
  await world.run()
  const { status, result } = await world.jobs.get(id)
  t.equal(status, 'Succeeded')
  t.strictSame(await rangesInInventory(), {
    mode: 'enforced',
    count: result?.authorizedIPRanges.length,
    coversEgress: true,
  })
})

t.test(
  'a member that was rolled back does not count, and the lists show what the rollback left',
  async (t) => {
    const { id } = await world.create(['lb-own-ips', 'lb-managed'], {
      acknowledge: ['EGRESS_IP_LOST'],
      waves: [{ count: 1 }, { gate: 'manual' }],
    })
    await world.run()
    await world.act(id, { action: 'start' })
    await world.run()
    const [, waiting] = await world.members(id)
    await world.act(id, { action: 'skip', members: [waiting?.id ?? ''] })
    const skipped = (await world.campaigns.ipChanges(id)).items.filter((item) => item.advice === 'keep')
    const advice = async () =>
      (await world.campaigns.ipChanges(id)).items
        .filter(({ address }) => skipped.every((item) => item.address !== address))
        .map((item) => item.advice)
    t.strictSame([...new Set(await advice())].toSorted(), ['allowNow', 'removeNow'])
    t.equal((await world.campaigns.get(id)).changedAgain, undefined)
    t.not((await world.campaigns.planning(id)).allowLists.length, 0)
    const [member] = await world.members(id)
    const plan = await world.planning.makeRollbackPlan(member?.jobId ?? '', 'tester')
    await world.jobs.accept({
      planId: plan.id,
      acknowledge: plan.acknowledgementsRequired,
      reason: null,
      by: 'tester',
    })
    await world.run()
    const [rolledBack] = await world.members(id)
    const [rollback] = (await world.jobs.list({ limit: 1, cursor: null })).items
    t.match(rolledBack, { status: 'Succeeded', changedAgainBy: rollback?.id })
    t.match(await world.campaigns.get(id), { changedAgain: 1, members: { Succeeded: 1 } })
    await world.act(id, { action: 'releaseGate', wave: 2 })
    await world.run()
    t.match(await world.campaigns.get(id), { status: 'Failed', changedAgain: 1 })
    const log = await world.campaigns.log(id, 0, 100)
    t.match(
      log.at(-1)?.message,
      /Failed: 0 of 2 members reached the target\. Later jobs changed members again: 1\./,
    )
    t.strictSame([...new Set(await advice())].toSorted(), ['allowNow', 'removeNow'])
    t.not((await world.campaigns.planning(id)).allowLists.length, 0)
    const inUse = (await world.jobs.get(rollback?.id ?? '')).result?.egressIps.map(({ address }) => address)
    const asked = (await world.campaigns.ipChanges(id)).items.filter((item) => item.advice === 'allowNow')
    t.strictSame(asked.map(({ address }) => address).toSorted(), inUse?.toSorted())
  },
)

t.test('the merged list keeps the address that a job prepared before the retry of its member', async (t) => {
  const { id } = await world.create(['lb-byo-two-subnets', 'kubenet-byo'], {
    target: { outboundType: 'userAssignedNATGateway' },
    prepare: { natGateway: {} },
    holdBeforeCutOver: true,
    acknowledge: ['EGRESS_IP_LOST'],
    waves: [{ count: 1 }, { gate: 'manual' }],
  })
  await world.run()
  await world.act(id, { action: 'start' })
  const isHeld = async () => (await world.campaigns.get(id)).waiting?.[0]?.code === 'HELD'
  await world.run(isHeld)
  const addresses = async (advice: string) =>
    (await world.campaigns.ipChanges(id)).items.flatMap((item) =>
      item.advice === advice ? [item.address] : [],
    )
  const prepared = await addresses('allowBefore')
  t.equal(prepared.length, 1)
  await world.act(id, { action: 'cancel', membersWhere: { waitsFor: 'HELD' } })
  await world.run()
  const [member] = await world.members(id)
  const plan = await world.planning.makeCleanupPlan(member?.jobId ?? '', 'tester')
  const { id: planId, acknowledgementsRequired: acknowledge } = plan
  await world.jobs.accept({ planId, acknowledge, reason: null, by: 'tester' })
  await world.run()
  await world.act(id, { action: 'retry', membersWhere: { status: 'Canceled' } })
  await world.run(isHeld)
  t.strictSame(await addresses('removeNow'), prepared)
  t.equal((await addresses('allowBefore')).length, 1)
  await world.act(id, { action: 'cancel' })
  await world.act(id, { action: 'cancel', membersWhere: { waitsFor: 'HELD' } })
  await world.run()
})

t.test('a member whose window closes before a worker can start it waits for the next window', async (t) => {
  const opens = new Date(world.clock.getTime() + 3_600_000)
  const daysOfWeek = [
    (['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const)[
      opens.getUTCDay()
    ] ?? 'Sunday',
  ]
  const window = {
    daysOfWeek,
    startTime: opens.toISOString().slice(11, 16),
    durationHours: 1,
    timeZone: 'Etc/UTC',
  }
  const { id } = await world.create(['nat-byo'], {
    target: { outboundType: 'loadBalancer' },
    waves: [{ window }],
  })
  await world.run()
  const { acknowledgements } = await world.campaigns.planning(id)
  const acknowledge = acknowledgements.map(({ code }) => code)
  const waiting = (await world.members(id)).filter(({ status }) => status === 'NeedsDecision')
  if (waiting.length > 0)
    await world.act(id, { action: 'accept', members: waiting.map((member) => member.id), acknowledge })
  await world.act(id, { action: 'start' })
  await world.run()
  t.equal((await world.campaigns.get(id)).waitsFor?.code, 'WINDOW')
  await world.moveTo(opens)
  await advanceCampaign(world.deps, id)
  t.strictSame(await world.statuses(id), { 'nat-byo': 'Starting' })
  await world.moveTo(new Date(opens.getTime() + 2 * 3_600_000))
  await world.run()
  t.match(await world.members(id), [{ status: 'Ready', jobId: null }])
  t.equal((await world.campaigns.get(id)).waitsFor?.code, 'WINDOW')
  await world.moveTo(new Date(opens.getTime() + 7 * 86_400_000))
  await world.run()
  t.strictSame(await world.statuses(id), { 'nat-byo': 'Succeeded' })
})

t.test(
  'members wait for approvals visibly, and expired ones are requested again before their wave',
  async (t) => {
    const requested: string[] = []
    const guarded = (key: string) => key.endsWith('/lb-byo-nat-attached')
    const guard = await CampaignWorld.start(t, await openMigrated(openEmptyDatabase(t)), {
      needsApproval: guarded,
      approvalScope: [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'lb-byo-nat-attached' }],
      announce: (message) => requested.push(message),
    })
    const told: string[] = []
    guard.deps.announce = async (_trx, _keys, messages) => {
      for (const { type } of messages) told.push(type)
    }
    const DAY_MS = 86_400_000
    const { id } = await guard.create(['nat-byo', 'lb-byo-nat-attached'], {
      targetRules: [{ clusters: [{ clusterName: 'nat-byo' }], target: { outboundType: 'loadBalancer' } }],
      target: { outboundType: 'userAssignedNATGateway' },
      waves: [{ count: 1, soakMinutes: 10 * 1_440 }, {}],
    })
    const memberOf = async () => (await guard.members(id)).find(({ clusterId }) => guarded(clusterId))
    await guard.run()
    const codes = (await guard.campaigns.planning(id)).acknowledgements.map(({ code }) => code)
    const open = (await guard.members(id)).filter(({ status }) => status === 'NeedsDecision')
    if (open.length > 0)
      await guard.act(id, { action: 'accept', members: open.map((item) => item.id), acknowledge: codes })
    await guard.run()
    t.match(
      await memberOf(),
      { status: 'Ready', waitsFor: { code: 'APPROVAL_MISSING' } },
      'before its wave starts',
    )
    t.strictSame(requested, ['plan.approval.requested'])
    await guard.act(id, { action: 'start' })
    await guard.run()
    const first = (await memberOf())?.planId
    const lookAfter = async (days: number) => {
      await guard.moveTo(new Date(guard.clock.getTime() + days * DAY_MS))
      await guard.run()
    }
    await lookAfter(2)
    t.match(await memberOf(), { status: 'Ready', planId: first, waitsFor: { code: 'APPROVAL_EXPIRED' } })
    t.match((await guard.campaigns.get(id)).waiting, [{ code: 'APPROVAL_EXPIRED', members: 1 }])
    t.strictSame(requested, ['plan.approval.requested'], 'a request that would expire again is not sent')
    await guard.act(id, { action: 'retry', membersWhere: { waitsFor: 'APPROVAL_EXPIRED' } })
    await guard.run()
    t.match(await memberOf(), { status: 'Ready', waitsFor: { code: 'APPROVAL_MISSING' } })
    t.equal(requested.length, 2, 'a user requests it earlier')
    await lookAfter(2)
    t.match(await memberOf(), { waitsFor: { code: 'APPROVAL_EXPIRED' } })
    await lookAfter(5.5)
    t.match(
      await memberOf(),
      { status: 'Ready', waitsFor: { code: 'APPROVAL_MISSING' } },
      'a day before the wave',
    )
    t.equal(requested.length, 3)
    t.ok(told.includes('campaign.member.waiting'))
    const origin = {
      ...guard.call.origin,
      actor: { id: 'second', kind: 'user' as const, name: 'second', appId: null },
    }
    await guard.approvals.approve((await memberOf())?.planId ?? '', null, { origin })
    await lookAfter(1)
    t.match(await guard.campaigns.get(id), { status: 'Succeeded' }, JSON.stringify(await guard.statuses(id)))
  },
)

t.test(
  'an approved plan that expires at a gate counts as expired, and a retry requests a new approval',
  async (t) => {
    const guard = await CampaignWorld.start(t, await openMigrated(openEmptyDatabase(t)), {
      needsApproval: () => true,
      approvalScope: [{ subscriptionId: '*', resourceGroup: '*', clusterName: '*' }],
      announce: () => undefined,
    })
    const { id } = await guard.create(['lb-byo-nat-attached'], {
      target: { outboundType: 'userAssignedNATGateway' },
      waves: [{ gate: 'manual' }],
    })
    await guard.run()
    const acknowledge = (await guard.campaigns.planning(id)).acknowledgements.map(({ code }) => code)
    if (acknowledge.length > 0)
      await guard.act(id, { action: 'accept', membersWhere: { status: 'NeedsDecision' }, acknowledge })
    await guard.act(id, { action: 'start' })
    await guard.run()
    const [waiting] = await guard.members(id)
    const actor = { id: 'second', kind: 'user' as const, name: 'second', appId: null }
    await guard.approvals.approve(waiting?.planId ?? '', null, { origin: { ...guard.call.origin, actor } })
    await guard.run()
    const approved = await guard.campaigns.get(id)
    t.match(approved, { waitsFor: { code: 'GATE' } })
    t.equal(approved.waiting, undefined, 'an approval counts without a wait')
    await guard.moveTo(new Date(guard.clock.getTime() + 2 * 86_400_000))
    await guard.run()
    t.match((await guard.campaigns.get(id)).waiting, [{ code: 'APPROVAL_EXPIRED', members: 1 }])
    await guard.act(id, { action: 'retry', membersWhere: { waitsFor: 'APPROVAL_EXPIRED' } })
    await guard.run()
    t.match(await guard.members(id), [{ status: 'Ready', waitsFor: { code: 'APPROVAL_MISSING' } }])
  },
)

t.test(
  'rejects a target that fits no member, and clusters that a complete inventory does not contain',
  async (t) => {
    const other = await openMigrated(openEmptyDatabase(t))
    const small = await CampaignWorld.start(t, other)
    await small.fillInventory({ 'lb-managed': {}, 'lb-byo': {}, 'nat-byo': {} })
    const of = (names: string[], request: object) => codeOf(small.create(names, request))
    const unsupported = 'CAMPAIGN_TARGET_UNSUPPORTED /target/outboundType'
    t.equal(await of(['lb-byo', 'nat-byo'], {}), unsupported)
    t.equal(await of(['lb-managed'], { target: { outboundType: 'userDefinedRouting' } }), unsupported)
    const rule = { clusters: [{ clusterName: '*-byo' }], target: { outboundType: 'managedNATGateway' } }
    t.equal(
      await of(['lb-managed', 'lb-byo'], { targetRules: [rule] }),
      'CAMPAIGN_TARGET_UNSUPPORTED /targetRules/0/target/outboundType',
    )
    t.match(await small.create(['lb-byo', 'lb-managed']), { status: 'Planning' }, 'one member is enough')
    t.match(await small.create(['kubenet-byo']), { status: 'Planning' }, 'no inventory row proves anything')
    const ended = {
      id: '01990000-0000-7000-8000-0000000000ff',
      requested_at: small.clock,
      ended_at: small.clock,
    }
    await other.kysely
      .insertInto('inventory_refreshes')
      .values({
        ...ended,
        status: 'succeeded',
        requested_by: null,
        started_at: null,
        holder: null,
        lease_until: null,
        result: '{}',
      })
      .execute()
    t.equal(
      await of(['nat-byo', 'udr-byo'], { target: { outboundType: 'loadBalancer' } }),
      'CAMPAIGN_MEMBERS_UNKNOWN /select/ids/1',
    )
  },
)

t.test('plans a member again when reads have failed, and says which results are incomplete', async (t) => {
  const fail = () =>
    world.demo.control('faults', [
      {
        match: { pathPattern: 'ResourceGraph' },
        fault: { kind: 'status', status: 503, code: 'ServiceUnavailable', message: 'No answer.' },
      },
    ])
  const waited = { status: 'Planning', waitsFor: { code: 'READS_FAILED' }, planId: null }
  const next = () => world.moveTo(new Date(world.clock.getTime() + 61_000)).then(() => world.run())
  await fail()
  const passing = await world.create(['lb-own-ips'])
  await world.run()
  t.match(await world.members(passing.id), [waited])
  await world.demo.control('faults', undefined, 'DELETE')
  await next()
  t.match(await world.members(passing.id), [{ planId: /./, status: 'Ready' }])
  t.notOk('unread' in (await world.campaigns.planning(passing.id)))
  await world.act(passing.id, { action: 'cancel' })
  await world.run()
  await fail()
  const lasting = await world.create(['lb-own-ips'])
  await world.run()
  for (let minute = 0; minute < 3; minute++) {
    t.match(await world.members(lasting.id), [waited])
    await next()
  }
  t.match(await world.members(lasting.id), [{ planId: /./ }], 'a plan that says what it lacks')
  const { unread = [] } = await world.campaigns.planning(lasting.id)
  t.strictSame(unread, [{ part: 'allowLists', code: 'ServiceUnavailable', members: 1 }])
  await world.demo.control('faults', undefined, 'DELETE')
  await world.act(lasting.id, { action: 'cancel' })
  await world.run()
})

t.test('does not advise to remove an address that a cluster of the inventory uses', async (t) => {
  const { id } = await world.create(['lb-own-ips'], { acknowledge: ['EGRESS_IP_LOST'] })
  await world.run()
  await world.act(id, { action: 'start' })
  await world.run()
  const adviceOf = async (wanted: string) =>
    (await world.campaigns.ipChanges(id)).items.find(({ address }) => address === wanted)?.advice
  const { items } = await world.campaigns.ipChanges(id)
  const released = items.find(({ advice }) => advice === 'removeNow')?.address ?? ''
  await world.fillInventory({ 'udr-byo': { addresses: [released] } })
  t.equal(await adviceOf(released), 'checkAfter')
  await world.deps.database.kysely.deleteFrom('inventory_addresses').execute()
  t.equal(await adviceOf(released), 'removeNow')
})
