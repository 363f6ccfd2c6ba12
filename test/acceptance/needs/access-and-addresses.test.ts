import t from 'tap'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import { execute, makePlan, planFor } from '../support/requests.ts'
import { client, ended, type Loose, listOf, service, writes } from '../support/service.ts'

const planner = await service(t)
const simulated = client(planner.process.simulatorUrl ?? '')
const clusterPath = (name: string) =>
  `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.ContainerService/managedClusters/${name}?api-version=2026-06-01`
const codes = (plan: Loose, severity?: string) =>
  listOf(plan.findings)
    .filter((each) => severity === undefined || String(each.severity) === severity)
    .map(({ code }) => String(code))
const changes = (plan: Loose, change: string) =>
  listOf(plan.egressIps).filter((each) => String(each.change) === change)

/** Writes a cluster as another client with the required permissions, and waits until the operation ends. */
async function edit(name: string, alter: (properties: Loose) => void): Promise<void> {
  const { body } = await simulated.get(clusterPath(name))
  alter(body.properties as Loose)
  const answer = await simulated.ask('PUT', clusterPath(name), body)
  if (answer.status > 201) throw new Error(answer.text)
  await planner.simulator('POST', 'clock', { advanceSeconds: 3600 })
}

function setRanges(ranges: string[]): (properties: Loose) => void {
  return (properties) => {
    ;(properties as { apiServerAccessProfile?: unknown }).apiServerAccessProfile = {
      authorizedIPRanges: ranges,
    }
  }
}

t.test('N1: nodes are not locked out of the API server when the egress address moves', async (t) => {
  const kept = await makePlan(planner, {
    ...planFor('lb-byo-ranges', 'userAssignedNATGateway'),
    authorizedRanges: 'keep',
  })
  t.equal(
    kept.status,
    'blocked',
    'an address that no range covers blocks a plan that leaves the ranges alone',
  )
  t.ok(codes(kept, 'blocker').includes('AUTHORIZED_RANGES_MISS_NEW_EGRESS'))
  const [missing = ''] = listOf(kept.authorizedRanges?.missing).map(String)
  t.match(missing, /\/32$/)

  const widened = await makePlan(planner, planFor('lb-byo-ranges', 'userAssignedNATGateway'))
  t.equal(widened.status, 'applicable')
  t.strictSame(listOf(widened.authorizedRanges?.add).map(String), [missing])
  const before = listOf(widened.authorizedRanges?.current).map(String)
  const job = await ended(planner, String((await execute(planner, widened)).id))
  t.equal(job.status, 'Succeeded')
  const puts = (await writes(planner)).filter(({ path }) => String(path).includes('/lb-byo-ranges'))
  t.equal(puts.length, 2, 'ranges first, the type after them')
  for (const { requestBody } of puts) {
    const sent = listOf(requestBody?.properties?.apiServerAccessProfile?.authorizedIPRanges).map(String)
    t.strictSame(
      before.filter((range) => !sent.includes(range)),
      [],
      'every body that was sent holds every former range',
    )
  }

  const [address = ''] = changes(
    await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway')),
    'kept',
  ).map((each) => String(each.address))
  await edit('lb-byo-nat-attached', setRanges([address.replace(/\.\d+$/, '.0/24')]))
  const covered = await makePlan(planner, {
    ...planFor('lb-byo-nat-attached', 'userAssignedNATGateway'),
    authorizedRanges: 'keep',
  })
  t.match(covered, { status: 'applicable', authorizedRanges: { mode: 'enforced', missing: [] } })

  const isolated = await makePlan(planner, planFor('udr-private', 'loadBalancer'))
  t.equal(isolated.authorizedRanges?.mode, 'notApplicable', 'a private cluster has nothing to widen')
})

t.test(
  'N1: reports a full list, a placeholder range and addresses that are unknown at plan time',
  async (t) => {
    const many = Array.from(
      { length: 200 },
      (_, index) => `198.51.${Math.floor(index / 100)}.${index % 100}/32`,
    )
    await edit('lb-byo-nat-attached', setRanges(many))
    const full = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
    t.ok(codes(full, 'blocker').includes('AUTHORIZED_LIMIT'), '200 entries leave no room')
    t.match(full.authorizedRanges, { count: 201, limit: 200 })

    await edit('lb-byo-nat-attached', setRanges(['0.0.0.0/32']))
    const placeholder = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
    t.ok(codes(placeholder, 'blocker').includes('AUTHORIZED_ZERO_PLACEHOLDER'))

    const unknowable = await makePlan(planner, planFor('lb-managed-ranges', 'managedNATGateway'))
    t.ok(codes(unknowable, 'acknowledge').includes('AUTHORIZED_RANGES_TARGET_UNKNOWABLE'))
    const reserved = await makePlan(planner, {
      ...planFor('lb-managed-ranges', 'managedNATGatewayV2'),
      prepare: { publicIps: { count: 1 } },
    })
    t.notOk(
      codes(reserved).includes('AUTHORIZED_RANGES_TARGET_UNKNOWABLE'),
      'unless they are made beforehand',
    )
  },
)

t.test(
  'N15: a plan lists the new addresses, or states that they are unknown and when they become known',
  async (t) => {
    const managed = await makePlan(
      planner,
      planFor('lb-managed', 'managedNATGateway', { natGateway: { managedOutboundIpCount: 3 } }),
    )
    t.match(
      changes(managed, 'added').map(({ address, knownAt }) => ({ address, knownAt })),
      [1, 2, 3].map(() => ({ address: null, knownAt: 'apply' })),
    )
    const own = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
    t.ok(
      listOf(own.egressIps).every(({ address, knownAt }) => address !== null && String(knownAt) === 'plan'),
    )
    const [held = ''] = listOf(
      (await makePlan(planner, planFor('lb-own-ips', 'managedNATGatewayV2'))).from?.loadBalancer
        ?.outboundIpIds,
    ).map(String)
    const elsewhere = await makePlan(
      planner,
      planFor('lb-managed', 'loadBalancer', { loadBalancer: { outboundIpIds: [held] } }),
    )
    t.ok(
      codes(elsewhere, 'blocker').includes('IP_IN_USE'),
      'an address that is attached elsewhere is refused',
    )
  },
)

t.test(
  'N16: reports source ports before and after the change, at the peak and with the surge of an upgrade',
  async (t) => {
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    const { nodes, before, after, suggestedIpCount } = plan.snat ?? {}
    t.ok(Number(nodes?.peak) > Number(nodes?.now), 'the peak counts the surge')
    t.match(before, { path: 'loadBalancer', addresses: 1, ports: 64_000, portsPerNode: 1_024 })
    t.match(after, { path: 'natGateway', addresses: 1, ports: 64_512 })
    t.equal(after?.portsPerNode, Math.floor(64_512 / Number(nodes?.peak)))
    t.ok(Number(suggestedIpCount) >= 1)
    const explicit = await makePlan(
      planner,
      planFor('lb-managed', 'loadBalancer', {
        loadBalancer: { managedOutboundIpCount: 7, allocatedOutboundPorts: 1000 },
      }),
    )
    t.equal(explicit.snat?.after?.maxNodes, 448, "the documentation's own example: 1,000 ports, 7 addresses")
    const dense = await makePlan(
      planner,
      planFor('lb-managed', 'loadBalancer', {
        loadBalancer: { managedOutboundIpCount: 2, allocatedOutboundPorts: 4000 },
      }),
    )
    t.equal(dense.snat?.after?.maxNodes, 32, '4,000 ports, 2 addresses')
  },
)

t.test('N17: reports what a change interrupts, including idle timeouts', async (t) => {
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  t.match(plan.disruption, {
    existingConnections: 'dropped',
    movesTraffic: true,
    downtime: /interrupted while traffic moves/,
    idleTimeoutInMinutes: { before: 30, after: 4 },
  })
  t.ok(codes(plan, 'warning').includes('IDLE_TIMEOUT_SHRINKS'))
  const asked = planFor('lb-managed', 'managedNATGateway', { natGateway: { idleTimeoutInMinutes: 30 } })
  const same = await makePlan(planner, asked)
  t.match(same.disruption, { idleTimeoutInMinutes: { before: 30, after: 30 } })
  t.notOk(codes(same).includes('IDLE_TIMEOUT_SHRINKS'))

  const notBefore = new Date(Date.now() + 86_400_000).toISOString()
  const waiting = await planner.post('/v1/jobs', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
    notBefore,
  })
  t.match(waiting, { status: 202, body: { status: 'NotStarted' } })
  const job = (await planner.get(`/v1/jobs/${String(waiting.body.id)}`)).body
  t.match(job, { status: 'NotStarted', schedule: { notBefore } })
  const sent = (await writes(planner)).filter(({ path }) => String(path).includes('/lb-managed?'))
  t.strictSame(sent, [], 'nothing is written before its time')
})

t.test('N18: reports egress that already differs from the declared type, and its consequences', async (t) => {
  await edit('lb-byo-nat-attached', setRanges([]))
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.strictSame(changes(plan, 'added'), [])
  t.match(changes(plan, 'lost'), [{ usedBefore: [] }], 'no address that traffic uses changes')
  t.match(plan.from, { outboundType: 'loadBalancer', effective: 'natGateway' })
  t.equal(plan.cutOver?.step, null, 'no step moves traffic')
  for (const { before, after } of listOf(plan.paths)) t.strictSame(before, after)
  const finding = listOf(plan.findings).find(({ code }) => String(code) === 'EFFECTIVE_DIFFERS_FROM_DECLARED')
  t.match(finding?.remedy, /packets keep their path and source addresses/)
  const gone = listOf(plan.resourceChanges).filter(({ action }) => String(action) === 'delete')
  t.ok(gone.length > 0, 'what the load balancer leaves behind is named')
})

t.test(
  'N1: reports missing ranges for the present egress, and adds them without a change of the type',
  async (t) => {
    await edit('nat-managed', setRanges(['20.6.6.0/24']))
    const request = planFor('nat-managed', 'managedNATGateway')
    const egress = async () =>
      (await planner.get(`/v1/clusters/${DEMO_SUBSCRIPTION}/${DEMO_GROUP}/nat-managed/egress`)).body
    t.equal((await egress()).authorizedRanges?.coversEgress, false)
    const kept = await makePlan(planner, { ...request, authorizedRanges: 'keep' })
    t.equal(kept.status, 'noChange')
    t.strictNotSame(listOf(kept.authorizedRanges?.missing), [])
    const widening = await makePlan(planner, request)
    t.equal(widening.status, 'applicable')
    const earlier = (await writes(planner)).length
    const job = await ended(planner, String((await execute(planner, widening)).id))
    t.equal(job.status, 'Succeeded')
    t.equal((await writes(planner)).length, earlier + 1, 'one write of the cluster')
    const after = await egress()
    t.equal(after.authorizedRanges?.coversEgress, true)
    t.equal(after.declared?.outboundType, 'managedNATGateway')
    t.equal((await makePlan(planner, request)).status, 'noChange')
  },
)
