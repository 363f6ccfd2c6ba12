import t from 'tap'
import type { CampaignRequest } from '../../src/contract/campaign-requests.ts'
import { htmlCampaignReport, markdownCampaignReport } from '../../src/reports/campaign/campaign-report.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { CampaignWorld, codeOf, factsOf } from './campaign-world.ts'

const database = await openMigrated(openEmptyDatabase(t))
const world = await CampaignWorld.start(t, database)

/** The campaign of the first test, which others read. */
let first = ''

/** The PUTs that have the new outbound type, by cluster. */
async function switches(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { method, path, requestBody } of await world.demo.requests()) {
    const match = /managedClusters\/([^/?]+)(\?|$)/.exec(path)
    if (method !== 'PUT' || match === null) continue
    if (!JSON.stringify(requestBody).includes('"outboundType":"managedNATGateway"')) continue
    counts[match[1] ?? ''] = (counts[match[1] ?? ''] ?? 0) + 1
  }
  return counts
}

t.test('rejects an invalid campaign with the place of the error, and creates nothing', async (t) => {
  const names = ['lb-managed', 'lb-byo']
  const of = (waves: object[]) => codeOf(world.create(names, { waves }))
  t.equal(await of([{ count: 2 }, {}]), 'CAMPAIGN_WAVES_INVALID /waves/1', 'an empty wave')
  t.equal(await of([{ count: 1 }]), 'CAMPAIGN_WAVES_INVALID /waves', 'a cluster without a wave')
  const both = [{ clusters: [{ clusterName: 'LB-*' }] }, { clusters: [{ clusterName: 'lb-byo' }] }]
  t.equal(await of(both), 'CAMPAIGN_WAVES_INVALID /waves/1/clusters', 'waves that overlap')
  const target = { outboundType: 'loadBalancer' as const }
  const rule = (clusterName: string) => ({ clusters: [{ clusterName }], target })
  const byRules = (targetRules: object[]) =>
    codeOf(world.campaigns.create(world.order(names, { targetRules } as object, null), world.call))
  t.equal(
    await codeOf(world.create(names, { targetRules: [rule('nat-*')] })),
    'CAMPAIGN_TARGET_UNMATCHED /targetRules/0',
  )
  t.equal(await byRules([rule('lb-*'), rule('lb-byo')]), 'CAMPAIGN_TARGET_UNMATCHED /targetRules/1')
  t.equal(await byRules([rule('lb-byo')]), 'CAMPAIGN_TARGET_MISSING /targetRules')
  const where = { location: 'nowhere' }
  t.equal(await byRules([rule('lb-*'), { where, target }]), 'CAMPAIGN_TARGET_UNMATCHED /targetRules/1')
  t.equal(await of([{ where }, {}]), 'CAMPAIGN_WAVES_INVALID /waves/0', 'a filter that matches none')
  const executable = [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'lb-managed' }]
  const denied = world.campaigns.create(world.order(names, {}), { ...world.call, executable })
  t.equal(await codeOf(denied), 'CAMPAIGN_MEMBERS_DENIED /select/ids/1')
  t.match(await factsOf(denied), { clusters: ['lb-byo'] }, 'it names the member')
  t.equal(
    await codeOf(
      world.campaigns.act('01990000-0000-7000-8000-00000000beef', { action: 'start' }, world.call),
    ),
    'CAMPAIGN_NOT_FOUND ',
  )
  const probing = world.order(names, { targetRules: [{ where, target }] } as object, null)
  t.equal(
    await codeOf(world.campaigns.create(probing, { ...world.call, executable })),
    'CAMPAIGN_MEMBERS_DENIED /select/ids/1',
    'a filter tells nothing about clusters of others',
  )
  t.strictSame((await world.campaigns.list({ limit: 10, cursor: null })).items, [])
  const rows = await database.kysely.selectFrom('campaign_members').select('id').execute()
  t.strictSame(rows, [], 'no member is left of a rejected campaign')
})

t.test('rejects a member that a job has locked, and names the job', async (t) => {
  const plan = await world.planning.makePlan(
    {
      cluster: world.demo.ref('nat-byo'),
      target: { outboundType: 'loadBalancer' },
      authorizedRanges: 'widen',
      reason: null,
    },
    'tester',
  )
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired, reason: null, by: 'tester' }
  const job = await world.jobs.accept({ ...order, holdBeforeCutOver: false, onFailure: 'stop' })
  const names = ['lb-managed', 'nat-byo']
  const locked = world.create(names)
  t.equal(await codeOf(locked), 'CAMPAIGN_MEMBERS_BUSY /select/ids/1')
  t.match(await factsOf(locked), { clusters: [`nat-byo (job ${job.id})`] })
  t.strictSame((await world.campaigns.list({ limit: 10, cursor: null })).items, [])
  await world.jobs.cancel(job.id, { by: 'tester', abort: false })
  await world.run()
  await world.demo.control('reset', {})
})

t.test(
  'a campaign plans its members, waits for decisions and gates, and reports how many succeeded',
  async (t) => {
    const { id } = await world.create(['lb-managed', 'lb-managed-ranges', 'lb-byo', 'nat-managed'], {
      waves: [
        { count: 1, soakMinutes: 30 },
        { gate: 'manual', maxFailures: 5 },
      ],
    })
    first = id
    const seen: string[] = []
    world.deps.observer = { ended: (status) => void seen.push(status) }
    t.equal(await codeOf(world.create(['lb-byo'])), 'CAMPAIGN_MEMBERS_BUSY /select/ids/0')
    t.equal(await codeOf(world.act(id, { action: 'start' })), 'CAMPAIGN_ACTION_NOT_POSSIBLE /action')
    await world.run()
    const planned = await world.campaigns.get(id)
    t.equal(planned.status, 'Planned')
    t.strictSame(await world.statuses(id), {
      'lb-managed': 'NeedsDecision',
      'lb-managed-ranges': 'NeedsDecision',
      'lb-byo': 'Blocked',
      'nat-managed': 'NoChange',
    })
    const planning = await world.campaigns.planning(id)
    t.strictSame(planning.verdicts, { applicable: 2, blocked: 1, noChange: 1 })
    t.ok(planning.addresses.some(({ change }) => change === 'lost'))
    t.equal(planning.duration.total, null)
    t.ok(planning.duration.unmeasured?.some(({ step }) => step === 'change-outbound-type'))

    const waiting = (await world.members(id)).filter(({ status }) => status === 'NeedsDecision')
    const members = waiting.map((member) => member.id)
    t.match(await codeOf(world.act(id, { action: 'accept', members })), /^ACKNOWLEDGEMENT_MISSING/)
    const acknowledge = planning.acknowledgements.map(({ code }) => code)
    await world.act(id, { action: 'accept', members, acknowledge })
    await world.act(id, { action: 'start' })
    await world.run()
    const soaking = await world.campaigns.get(id)
    t.strictSame([soaking.status, soaking.waitsFor?.code], ['Running', 'SOAK'])
    t.equal((await world.statuses(id))['lb-managed'], 'Succeeded')
    await world.moveTo(new Date(world.clock.getTime() + 31 * 60_000))
    await world.run()
    t.equal((await world.campaigns.get(id)).waitsFor?.code, 'GATE')
    t.equal((await world.statuses(id))['lb-managed-ranges'], 'Ready')
    await world.act(id, { action: 'releaseGate', wave: 2 })
    await world.run()
    const ended = await world.campaigns.get(id)
    t.strictSame(seen, ['PartlySucceeded'], 'the end is observed once')
    t.equal(ended.status, 'PartlySucceeded')
    t.strictSame([ended.members.Succeeded, ended.members.NoChange, ended.members.Blocked], [2, 1, 1])
    // The second PUT adds the new address to the authorized IP ranges.
    const { items } = await world.campaigns.ipChanges(id)
    const before = planning.addresses.filter(({ change }) => change === 'lost').map(({ address }) => address)
    t.strictSame(
      items.filter(({ advice }) => advice === 'removeNow').map(({ address }) => address),
      before,
      'the addresses that were to be lost can be removed',
    )
    t.equal(items.filter(({ advice }) => advice === 'allowNow').length, 2, 'both clusters have a new address')
    t.strictSame(await switches(), { 'lb-managed': 1, 'lb-managed-ranges': 2 })
    const log = await world.campaigns.log(id, 0, 1_000)
    t.strictSame(
      log.map(({ sequence }) => sequence),
      log.map((_entry, index) => index + 1),
    )
    t.match(log.at(-1)?.message, /PartlySucceeded: 3 of 4/)
    t.equal(await codeOf(world.act(id, { action: 'resume' })), 'CAMPAIGN_ACTION_NOT_POSSIBLE /action')
  },
)

t.test(
  'a failure pauses the campaign before another member starts, and expired plans are replaced',
  async (t) => {
    const toLoadBalancer = {
      clusters: [{ clusterName: 'nat-*' }],
      target: { outboundType: 'loadBalancer' as const },
    }
    const { id } = await world.create(['lb-own-ips', 'nat-managed', 'nat-byo'], {
      targetRules: [toLoadBalancer],
      waves: [{ maxConcurrent: 1, gate: 'manual' }],
    })
    await world.run()
    const planning = await world.campaigns.planning(id)
    const acknowledge = planning.acknowledgements.map(({ code }) => code)
    const waiting = (await world.members(id)).filter(({ status }) => status === 'NeedsDecision')
    await world.act(id, { action: 'accept', members: waiting.map((member) => member.id), acknowledge })
    await world.demo.control('faults', [
      {
        match: { method: 'PUT', pathPattern: 'managedClusters/lb-own-ips' },
        fault: { kind: 'failOperation', code: 'CreateVMSSAgentPoolFailed', message: 'No quota.' },
      },
    ])
    await world.act(id, { action: 'start' })
    world.deps.needsApproval = () => true
    const release = { action: 'releaseGate', wave: 1 } as const
    t.equal(await codeOf(world.act(id, release)), 'CAMPAIGN_GATE_NOT_INDEPENDENT /wave')
    const automatic = world.act(first, { action: 'releaseGate', wave: 1 })
    t.match(await codeOf(automatic), /^CAMPAIGN_ACTION_NOT_POSSIBLE/, 'a wave without a manual gate')
    const actor = { id: 'other-id', kind: 'user' as const, name: 'other', appId: null }
    const other = { ...world.call, by: 'other', origin: { ...world.call.origin, actor } }
    await world.campaigns.act(id, release, other)
    world.deps.needsApproval = () => false
    await world.run()
    const paused = await world.campaigns.get(id)
    t.strictSame([paused.status, paused.waitsFor?.code, paused.members.Ready], ['Paused', 'FAILURES', 2])
    t.equal((await world.statuses(id))['lb-own-ips'], 'Failed')
    const plans = (await world.members(id)).map(({ planId }) => planId)
    await world.moveTo(new Date(world.clock.getTime() + 2 * 3_600_000))
    await world.act(id, { action: 'resume' })
    await world.run()
    const ended = await world.campaigns.get(id)
    t.strictSame([ended.status, ended.members.Succeeded, ended.members.Failed], ['PartlySucceeded', 2, 1])
    const newPlans = (await world.members(id)).filter(({ planId }) => !plans.includes(planId))
    t.equal(newPlans.length, 2, 'the expired plans were replaced')
  },
)

t.test('the report for a ticket shows waves, addresses and decisions as text', async (t) => {
  const id = first
  const [campaign, planning, members] = await Promise.all([
    world.campaigns.get(id),
    world.campaigns.planning(id),
    world.members(id),
  ])
  const text = markdownCampaignReport({
    campaign: { ...campaign, name: 'NAT | <b>' },
    planning,
    members,
    isSimulated: true,
  })
  t.match(
    text,
    /PartlySucceeded.*2 of 4 members have the target; later jobs changed 1 member to another outbound type/,
  )
  for (const { address } of planning.addresses) t.match(text, address)
  for (const { code } of planning.blockers) t.match(text, code)
  for (const { clusterId, status } of members)
    t.match(text, new RegExp(`${clusterId.split('/').at(-1)}.*${status}`), 'it names every member')
  t.notMatch(text, '<b>', 'text from outside is escaped')
  t.match(htmlCampaignReport({ campaign, planning, members, isSimulated: false }), /<h1>Campaign test<\/h1>/)
})

t.test('a caller counts and lists only the members that the caller may see', async (t) => {
  const id = first
  const reach = [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'lb-m*' }]
  t.equal((await world.campaigns.get(id, reach)).members.Succeeded, 2)
  t.equal((await world.campaigns.get(id, reach)).members.Blocked, 0)
  t.equal(
    (await world.campaigns.listMembers({ campaignId: id, limit: 9, cursor: null, reach })).items.length,
    2,
  )
  t.strictSame((await world.campaigns.planning(id, reach)).verdicts, {
    applicable: 2,
    blocked: 0,
    noChange: 0,
  })
  const seen = await world.campaigns.log(id, 0, 1_000, reach)
  const visible = (await world.campaigns.listMembers({ campaignId: id, limit: 9, cursor: null, reach })).items
  const visibleIds = visible.map((member) => member.id)
  t.ok(seen.every(({ memberId }) => memberId === null || visibleIds.includes(memberId)))
  t.match(seen.find(({ memberId }) => memberId !== null)?.clusterId, /\/lb-m/)
  t.match(seen.at(-1)?.message, /^The campaign ended as PartlySucceeded\.$/, 'no number of other members')
  const { items: pages } = await world.campaigns.listDetails({ limit: 1, cursor: null, reach })
  t.strictSame(pages, [await world.campaigns.get(id, reach)])
  t.match(await codeOf(world.campaigns.get(id, [])), /^CAMPAIGN_NOT_FOUND/)
  t.strictSame((await world.campaigns.list({ limit: 1, cursor: null, reach: [] })).items, [])
  const executable = reach
  const foreign = world.campaigns.act(id, { action: 'pause' }, { ...world.call, reach, executable })
  t.match(await codeOf(foreign), /^CAMPAIGN_MEMBERS_DENIED/)
  t.equal((await world.campaigns.get(id, reach)).isPartial, true)
  t.notOk('isPartial' in (await world.campaigns.get(id)))
})

t.test(
  'filters of the inventory select members, waves and targets, within the scope of the caller',
  async (t) => {
    await world.fillInventory({
      'lb-services': { tags: { Ring: 'canary' }, vnet: 'managed' },
      'lb-byo-nat-attached': { tags: { ring: 'late' } },
      'lb-byo-nat-ready': {},
      'lb-byo-udr-ready': { location: 'westus' },
    })
    const loadBalancers = { outboundType: 'loadBalancer' as const }
    t.equal(await codeOf(world.select({ tag: 'ring=none' })), 'CAMPAIGN_SELECTION_EMPTY /select/filter')
    const reach = [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'nat-*' }]
    t.equal(
      await codeOf(world.select(loadBalancers, {}, { reach })),
      'CAMPAIGN_SELECTION_EMPTY /select/filter',
      'clusters that the caller may not see are not selected',
    )
    t.equal(
      await codeOf(world.select(loadBalancers, {}, { executable: [] })),
      'CAMPAIGN_MEMBERS_DENIED /select/filter',
    )
    const to = (outboundType: 'managedNATGateway' | 'userAssignedNATGateway') => ({
      target: { outboundType },
    })
    const request: Partial<CampaignRequest> = {
      targetRules: [
        { where: { vnet: 'managed' }, ...to('managedNATGateway') },
        { where: { location: 'East US' }, ...to('userAssignedNATGateway') },
      ],
      waves: [{ where: { tag: 'ring=canary' } }, {}],
      labels: { change: 'CHG-7' },
    }
    t.equal(await codeOf(world.select(loadBalancers, request)), 'CAMPAIGN_TARGET_MISSING /targetRules')
    const twice = {
      ...request,
      unmatched: 'skip' as const,
      waves: [{ where: { tag: 'ring' } }, { where: { tag: 'ring=late' } }, {}],
    }
    t.equal(await codeOf(world.select(loadBalancers, twice)), 'CAMPAIGN_WAVES_INVALID /waves/1/where')
    const { id } = await world.select(loadBalancers, { ...request, unmatched: 'skip' })
    await world.run()
    const leftOut = (await world.campaigns.get(id)).unmatched
    t.strictSame(
      [leftOut?.count, leftOut?.clusterIds.map((clusterId) => clusterId.split('/').at(-1))],
      [1, ['lb-byo-udr-ready']],
      'skipped clusters are named',
    )
    const others = [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'lb-byo-nat-*' }]
    t.equal((await world.campaigns.get(id, others)).unmatched, undefined, 'to callers who may see them')
    const members = await world.members(id)
    const plans = await Promise.all(
      members.map(async ({ planId, wave }) => {
        const plan = await world.planning.getPlan(planId ?? '')
        t.strictSame(plan.labels, { change: 'CHG-7' })
        return [plan.cluster.name, wave, plan.to.outboundType]
      }),
    )
    t.strictSame(plans, [
      ['lb-byo-nat-attached', 2, 'userAssignedNATGateway'],
      ['lb-byo-nat-ready', 2, 'userAssignedNATGateway'],
      ['lb-services', 1, 'managedNATGateway'],
    ])
    const { items } = await world.inventory.list({ limit: 9, cursor: null, flag: undefined })
    t.strictSame(
      items.flatMap(({ campaign, name }) => (campaign === null ? [] : [[name, campaign.id, campaign.name]])),
      ['lb-byo-nat-attached', 'lb-byo-nat-ready', 'lb-services'].map((name) => [name, id, 'test']),
      'the inventory names the campaign of each member',
    )
    const ids = async (labels: string[]) =>
      (await world.campaigns.list({ limit: 9, cursor: null, labels })).items.map((item) => item.id)
    t.strictSame(await ids(['change=CHG-7']), [id])
    t.strictSame(await ids(['change=CHG-8']), [])
    t.equal(
      await codeOf(world.select({ tag: 'ring=late' }, { target: { outboundType: 'loadBalancer' } })),
      'CAMPAIGN_MEMBERS_BUSY /select/filter',
      'a member of another campaign',
    )
    await world.act(id, { action: 'cancel' })
    await world.run()
    const after = await world.inventory.list({ limit: 9, cursor: null })
    t.ok(after.items.every(({ campaign }) => campaign === null))
  },
)

t.test('members are paused, resumed and canceled one by one, also while their jobs run', async (t) => {
  const names = ['lb-managed', 'lb-managed-ranges', 'nat-byo']
  const target = { outboundType: 'userDefinedRouting' as const }
  const { id } = await world.create(names, {
    target: { outboundType: 'loadBalancer' },
    targetRules: [{ clusters: [{ clusterName: 'nat-byo' }], target }],
  })
  await world.run()
  const { acknowledgements } = await world.campaigns.planning(id)
  const idOf = async (name: string) =>
    (await world.members(id)).find(({ clusterId }) => clusterId.endsWith(`/${name}`))?.id ?? ''
  const [first, second] = [await idOf('lb-managed'), await idOf('lb-managed-ranges')]
  const acknowledge = acknowledgements.map(({ code }) => code)
  await world.act(id, { action: 'accept', members: [first, second], acknowledge })
  const only = [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'lb-managed-ranges' }]
  const pause = (members: string[]) =>
    world.campaigns.act(id, { action: 'pause', members }, { ...world.call, executable: only })
  t.match(await codeOf(pause([first, second])), /^CAMPAIGN_MEMBERS_DENIED/)
  await pause([second])
  await world.act(id, { action: 'start' })
  await world.run(async () => (await world.statuses(id))['lb-managed'] === 'Running')
  const toldOf = async (type: string) =>
    (await world.campaigns.log(id, 0, 99)).filter((entry) => entry.type === type)
  t.equal(
    await codeOf(world.act(id, { action: 'pause', members: [first] })),
    'CAMPAIGN_ACTION_NOT_POSSIBLE /members/0',
    'a member cannot be paused in the middle of its job',
  )
  for (const changed of [true, false])
    t.match(await world.act(id, { action: 'cancel', members: [first] }), { effect: { changed } })
  await world.run()
  const paused = (await world.members(id)).find((member) => member.id === second)
  t.match(paused, { status: 'Ready', isPaused: true, jobId: null })
  t.match(await world.statuses(id), { 'lb-managed': 'Canceled' })
  t.equal((await world.campaigns.get(id)).status, 'Running', 'the campaign itself is not canceled')
  t.match(await toldOf('pause'), [{ memberId: second }])
  await world.act(id, { action: 'resume', members: [second] })
  await world.run()
  t.match(await world.campaigns.get(id), {
    status: 'PartlySucceeded',
    members: { Canceled: 1, Succeeded: 1 },
  })
})

t.test('a claim from before the clock was set back keeps no member from being planned', async (t) => {
  const { id } = await world.create(['lb-managed-ranges'])
  const claimUntil = (ms: number) =>
    database.kysely
      .updateTable('campaign_members')
      .set({
        claimed_by: '01990000-0000-7000-8000-00000000dead',
        claimed_until: new Date(world.clock.getTime() + ms),
      })
      .where('campaign_id', '=', id)
      .execute()
  await claimUntil(10_000)
  await world.run()
  t.match(await world.statuses(id), { 'lb-managed-ranges': 'Planning' }, 'another process plans it')
  await claimUntil(3_600_000)
  await world.run()
  t.not((await world.statuses(id))['lb-managed-ranges'], 'Planning')
})

t.test('a missing rollback needs its own acknowledgement, also beside other codes', async (t) => {
  await world.demo.control('reset', {})
  const { id } = await world.create(['lb-managed'], { onFailure: 'rollBack' })
  await world.run()
  const planning = await world.campaigns.planning(id)
  const acknowledge = planning.acknowledgements.map(({ code }) => code)
  const [member] = await world.members(id)
  const members = [member?.id ?? '']
  t.match(member, {
    status: 'NeedsDecision',
    waitsFor: {
      code: 'ACKNOWLEDGEMENT_MISSING',
      message: /ROLLBACK_NOT_AVAILABLE\. The plan has no rollback/,
    },
  })
  const accept = { action: 'accept', members } as const
  t.match(await codeOf(world.act(id, { ...accept, acknowledge })), /^ACKNOWLEDGEMENT_MISSING/)
  await world.act(id, { ...accept, acknowledge: [...acknowledge, 'ROLLBACK_NOT_AVAILABLE'] })
  t.match(await world.statuses(id), { 'lb-managed': 'Ready' })

  t.ok(planning.addresses.some(({ change }) => change === 'lost'))
  await world.act(id, { action: 'skip', members })
  const { items } = await world.campaigns.ipChanges(id)
  t.ok(
    items.length > 0 && items.every(({ advice }) => advice === 'keep'),
    'a skipped cluster keeps its addresses',
  )
  t.strictSame((await world.campaigns.planning(id)).allowLists, [])
  await world.act(id, { action: 'cancel' })
  await world.run()
})

t.test('a failed member reports what its job has left, not what was planned', async (t) => {
  const { id } = await world.create(['lb-managed'])
  await world.run()
  const planning = await world.campaigns.planning(id)
  const members = (await world.members(id)).map((member) => member.id)
  const acknowledge = planning.acknowledgements.map(({ code }) => code)
  await world.act(id, { action: 'accept', members, acknowledge })
  await world.demo.control('faults', [
    {
      match: { method: 'PUT', pathPattern: 'managedClusters/lb-managed' },
      fault: { kind: 'failOperation', code: 'CreateVMSSAgentPoolFailed', message: 'No quota.' },
    },
  ])
  await world.act(id, { action: 'start' })
  await world.run()
  t.match(await world.statuses(id), { 'lb-managed': 'Failed' })
  const lost = planning.addresses.filter(({ change }) => change === 'lost').map(({ address }) => address)
  const { items } = await world.campaigns.ipChanges(id)
  const advice = items.filter(({ address }) => lost.includes(address)).map((item) => item.advice)
  t.ok(lost.length > 0)
  t.ok(
    advice.every((text) => text === 'checkAfter' || text === 'keep'),
    advice.join(),
  )
})

t.test('the options of plans apply to each member, and those of a rule to its members', async (t) => {
  const { id } = await world.create(['lb-byo', 'lb-byo-udr-ready'], {
    target: { outboundType: 'userAssignedNATGateway' },
    prepare: { natGateway: {} },
    targetRules: [
      {
        clusters: [{ clusterName: 'lb-byo-udr-ready' }],
        target: { outboundType: 'userDefinedRouting' },
      },
    ],
    consumers: [{ name: 'partner' }],
    waves: [{}],
  })
  await world.run()
  const plans = await Promise.all(
    (await world.members(id)).map(({ planId }) => world.planning.getPlan(planId ?? '')),
  )
  t.strictSame(
    plans.map(({ cluster, prepare }) => [cluster.name, prepare !== null]),
    [
      ['lb-byo', true],
      ['lb-byo-udr-ready', false],
    ],
  )
  t.ok(
    plans[0]?.steps.some(({ key }) => /nat-gateway/.test(key)),
    'a blocked cluster can be prepared',
  )
  t.match(await world.members(id), [
    { target: { outboundType: 'userAssignedNATGateway' } },
    { target: { outboundType: 'userDefinedRouting' } },
  ])
  t.match((await world.campaigns.planning(id)).consumers, [{ name: 'partner', members: 2 }])
  await world.act(id, { action: 'cancel' })
  await world.run()
})
