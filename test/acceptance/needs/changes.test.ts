import t from 'tap'
import { publishedCells } from '../../support/support-matrices.ts'
import { clusterPath, editByArm } from '../support/arm-edits.ts'
import { execute, makePlan, planFor } from '../support/requests.ts'
import { ended, type Loose, listOf, service, until, writes } from '../support/service.ts'

const planner = await service(t)
const codes = (plan: Loose, severity?: string) =>
  listOf(plan.findings)
    .filter((each) => severity === undefined || String(each.severity) === severity)
    .map(({ code }) => String(code))
const isCluster = ({ path }: Loose) => String(path).toLowerCase().includes('/managedclusters/')
const writesTo = async (name: string) =>
  (await writes(planner)).filter((each) => isCluster(each) && String(each.path).includes(`/${name}?`))

t.test('N6: reports a missing rollback before the change, and requires its acknowledgement', async (t) => {
  const plan = await makePlan(planner, planFor('nat-managed', 'managedNATGatewayV2'))
  t.ok(codes(plan, 'acknowledge').includes('NO_WAY_BACK'))
  t.match(plan.rollback, { supported: false, target: null, plan: null })
  const refused = await planner.post('/v1/jobs', { planId: plan.id })
  t.equal(refused.status, 409)
  t.match(refused.body, { code: 'ACKNOWLEDGEMENT_MISSING' })
  t.ok(listOf(refused.body.facts?.codes).map(String).includes('NO_WAY_BACK'))
  t.strictSame(await writesTo('nat-managed'), [])
  const accepted = await planner.post('/v1/jobs', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
  })
  t.equal(accepted.status, 202)
  t.match(await ended(planner, String(accepted.body.id)), { status: 'Succeeded' })

  const there = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.match(there.rollback, {
    supported: true,
    target: { outboundType: 'loadBalancer' },
    plan: { status: 'applicable' },
  })
})

t.test('N7: a body never contains the profile of another type', async (t) => {
  for (const [name, to] of [
    ['lb-byo-udr-ready', 'userDefinedRouting'],
    ['lb-managed', 'managedNATGateway'],
    ['lb-byo-nat-attached', 'userAssignedNATGateway'],
    ['isolated', 'managedNATGatewayV2'],
  ] as const) {
    const plan = await makePlan(planner, planFor(name, to))
    t.equal(plan.status, 'applicable', name)
    t.match(await ended(planner, String((await execute(planner, plan)).id)), { status: 'Succeeded' })
    const sent = (await writesTo(name)).map(({ requestBody }) => requestBody?.properties?.networkProfile)
    t.equal(sent.length, 1)
    t.equal(sent[0]?.loadBalancerProfile, undefined, `${name} has left its load balancer`)
  }
  const back = await makePlan(planner, planFor('lb-managed', 'loadBalancer'))
  t.match(await ended(planner, String((await execute(planner, back)).id)), { status: 'Succeeded' })
  const [, sent] = (await writesTo('lb-managed')).map(({ requestBody }) => requestBody?.properties)
  t.match(sent?.networkProfile, { outboundType: 'loadBalancer', natGatewayProfile: undefined })
})

t.test('N8: an unsupported change returns a blocked plan with the reason and the alternatives', async (t) => {
  const plan = await makePlan(planner, planFor('natv2-managed', 'userDefinedRouting'))
  t.match(plan, { status: 'blocked', transition: { support: 'unsupported' }, steps: [] })
  t.ok(codes(plan, 'blocker').includes('TRANSITION_NOT_SUPPORTED'))
  t.ok(plan.transition?.reason)
  const other = await makePlan(planner, planFor('dualstack-managed', 'userDefinedRouting'))
  const targets = listOf(other.transition?.alternatives).map(({ target }) => String(target))
  t.ok(targets.includes('managedNATGatewayV2'), 'the legal targets are listed')
  t.equal((await planner.post('/v1/jobs', { planId: plan.id })).status, 409)
  t.strictSame(await writesTo('natv2-managed'), [])
  const { body } = await planner.get('/v1/transitions?vnet=managed')
  t.ok(
    listOf(body.items).every(({ reason, editions }) => String(reason) !== '' && listOf(editions).length > 0),
  )
})

/** A fragment without comments and without fields that it removes. */
function writtenFields(fragment: unknown): string {
  return String(fragment)
    .replace(/^\s*(\/\/|#).*$/gm, '')
    .replace(/"?\w+"?\s*[:=]\s*null,?/g, '')
}

t.test('N9: the infrastructure as code shows the end state, without the former type', async (t) => {
  const plan = await makePlan(planner, planFor('lb-services', 'userDefinedRouting'))
  t.equal((await makePlan(planner, planFor('natv2-managed', 'userDefinedRouting'))).handoff, null, 'blocked')
  const { azureCli, azureCliVersion, arm, bicep, terraform, terraformAzapi, notice, tools } =
    plan.handoff ?? {}
  t.match(notice, /after the job, not instead of the job/)
  t.strictSame(
    listOf(tools).map(({ tool }) => String(tool)),
    ['azureCli', 'arm', 'bicep', 'terraform', 'terraformAzapi', 'pulumi'],
  )
  t.match(azureCli, /--outbound-type userDefinedRouting/)
  t.match(azureCliVersion, /^\d+\.\d+/)
  for (const fragment of [JSON.stringify(arm), bicep, terraform, terraformAzapi]) {
    t.match(fragment, /userDefinedRouting/)
    t.notMatch(
      writtenFields(fragment),
      /load_?balancer_?profile/i,
      'a comment or a null may name it, no value may',
    )
  }
  for (const [name, to, foreign] of [
    ['dualstack-managed', 'managedNATGatewayV2', /load_?balancer_?profile/i],
    ['lb-own-ips', 'managedNATGateway', /load_?balancer_?profile|outboundIPs|outbound_ip_address/i],
    ['nat-managed', 'loadBalancer', /nat_?gateway_?profile/i],
    ['nat-byo', 'loadBalancer', /nat_?gateway/i],
    ['udr-private', 'none', /(balancer|gateway)_?profile|route/i],
  ] as const) {
    const { handoff } = await makePlan(planner, planFor(name, to))
    const { arm, bicep, terraform, terraformAzapi } = handoff ?? {}
    for (const fragment of [
      JSON.stringify(arm?.properties?.networkProfile),
      bicep,
      terraform,
      terraformAzapi,
    ])
      t.notMatch(writtenFields(fragment), foreign, `${name} to ${to}`)
  }
  await editByArm(planner, clusterPath('lb-byo-two-subnets'), (body) => {
    Object.assign(body, { tags: { 'managed-by': 'Terraform' } })
  })
  t.ok(codes(await makePlan(planner, planFor('lb-byo-two-subnets', 'none')), 'warning').includes('IAC_DRIFT'))
})

t.test('N10: handles concurrent writes, and accepts a success only when the cluster shows it', async (t) => {
  const first = await makePlan(planner, planFor('lb-own-ips', 'managedNATGatewayV2'))
  const second = await makePlan(planner, planFor('lb-own-ips', 'managedNATGateway'))
  const accepted = await execute(planner, first)
  const refused = await planner.post('/v1/jobs', {
    planId: second.id,
    acknowledge: second.acknowledgementsRequired,
  })
  t.equal(refused.status, 409)
  t.match(refused.body, { code: 'CLUSTER_LOCKED', facts: { holderJobId: accepted.id } })
  t.match(await ended(planner, String(accepted.id)), { status: 'Succeeded' })
  const stale = await planner.post('/v1/jobs', {
    planId: second.id,
    acknowledge: second.acknowledgementsRequired,
  })
  t.equal(stale.status, 409)
  t.match(stale.body, { code: 'PLAN_STALE' })
  const puts = await writesTo('lb-own-ips')
  t.equal(puts.length, 1, 'nothing was written for the stale plan')
  t.ok(puts[0]?.ifMatch, 'the write names the ETag that was read')

  const match = { method: 'PUT', pathPattern: 'managedClusters/' }
  const run = async (name: string, to: string, kind: string) => {
    await planner.simulator('POST', 'faults', [{ match, fault: { kind } }])
    const { id } = await execute(planner, await makePlan(planner, planFor(name, to)))
    const job = await ended(planner, String(id))
    await planner.simulator('DELETE', 'faults')
    return job
  }
  t.match(
    await run('lb-byo-ranges', 'userAssignedNATGateway', 'errorInSuccess'),
    { status: 'Succeeded', warnings: [/NotLatestOperation/] },
    'the target is reached, whatever the operation says',
  )
  t.match(await run('udr-byo', 'loadBalancer', 'ignoreChange'), { status: 'Failed' }, 'and here it is not')
})

t.test('N21: planning only reads, and progress never decreases', async (t) => {
  await planner.simulator('POST', 'faults', [
    { match: { method: 'PUT' }, fault: { kind: 'status', status: 500 } },
    { match: { method: 'DELETE' }, fault: { kind: 'status', status: 500 } },
  ])
  const plan = await makePlan(planner, planFor('lb-byo-nat-ready', 'loadBalancer'))
  await planner.simulator('DELETE', 'faults')
  t.ok(plan.id)
  const made = await makePlan(planner, planFor('dualstack-managed', 'managedNATGatewayV2'))
  t.equal(made.status, 'applicable')
  const job = await execute(planner, made)
  const seen: number[] = []
  await until(
    async () => {
      const { body } = await planner.get(`/v1/jobs/${job.id}`)
      seen.push(Number(body.progress?.done))
      return body
    },
    ({ status }) => String(status) === 'Succeeded',
  )
  t.strictSame(
    seen,
    [...seen].sort((a, b) => a - b),
  )
})

t.test(
  'N6: the reversibility of every pair equals the result of an independent search in the published tables',
  async (t) => {
    const rows = listOf((await planner.get('/v1/transitions')).body.items)
    const cells = publishedCells()
    const [oldest, newest] = [...new Set(cells.map(({ edition }) => edition))].sort()
    /** Supported by every table that has a say: the newest, and the oldest where it has both types. */
    const isOpen = (vnet: string, from: string, to: string): boolean => {
      const inTable = cells.filter((each) => each.vnet === vnet)
      const said = inTable.filter((each) => each.from === from && each.to === to)
      const knows = (type: string) =>
        inTable.some((each) => each.edition === oldest && (each.from === type || each.to === type))
      const consulted = knows(from) && knows(to) ? [oldest, newest] : [newest]
      return consulted.every((edition) =>
        said.some((each) => each.edition === edition && each.verdict === 'Supported'),
      )
    }
    const types = [...new Set(rows.map(({ from }) => String(from)))]
    t.equal(rows.length, types.length ** 2 * 2)
    for (const { vnet, from, to, reversible } of rows.map((row) => ({
      vnet: String(row.vnet),
      from: String(row.from),
      to: String(row.to),
      reversible: row.reversible as unknown,
    })))
      t.equal(reversible, from !== to && isOpen(vnet, to, from), `${vnet}: ${from} to ${to}`)

    /** The number of hops of the shortest way, by breadth first; null when there is none. */
    const distance = (vnet: string, from: string, to: string): number | null => {
      let reached = new Set([from])
      for (let hops = 1; hops < types.length; hops++) {
        const next = types.filter((type) => [...reached].some((each) => isOpen(vnet, each, type)))
        if (next.includes(to)) return hops
        reached = new Set([...reached, ...next])
      }
      return null
    }
    for (const [name, vnet, to] of [
      ['lb-managed-ranges', 'managed', 'managedNATGateway'],
      ['lb-managed-ranges', 'managed', 'managedNATGatewayV2'],
      ['lb-managed-ranges', 'managed', 'none'],
      ['lb-services', 'byo', 'userDefinedRouting'],
      ['udr-private', 'byo', 'loadBalancer'],
    ] as const) {
      const plan = await makePlan(planner, planFor(name, to))
      const hops = distance(vnet, String(plan.transition?.to), String(plan.transition?.from))
      const [route] = listOf(plan.rollback?.routes)
      t.equal(plan.rollback?.supported, hops === 1, `${name} to ${to}: a direct way back`)
      t.equal(
        route === undefined ? null : listOf(route).length - 1,
        hops === 1 ? null : hops,
        `${name} to ${to}`,
      )
    }
  },
)

t.test('N7: a body keeps the backend pool type that a load balancer of SKU service requires', async (t) => {
  const resources = listOf((await planner.simulator('GET', 'state')).resources)
  const isGateway = ({ id }: Loose) => String(id).toLowerCase() === clusterPath('natv2-managed').toLowerCase()
  const cluster = resources.find(isGateway) as Loose
  const balancer = { loadBalancerSku: 'service', loadBalancerProfile: { backendPoolType: 'podIP' } }
  Object.assign(cluster.properties?.networkProfile as object, balancer)
  await planner.simulator('POST', 'resources', { put: [cluster] })
  const plan = await makePlan(
    planner,
    planFor('natv2-managed', 'managedNATGatewayV2', { natGateway: { managedOutboundIpCount: 3 } }),
  )
  t.equal(plan.status, 'applicable')
  t.match(await ended(planner, String((await execute(planner, plan)).id)), { status: 'Succeeded' })
  for (const { requestBody } of await writesTo('natv2-managed'))
    t.match(requestBody?.properties?.networkProfile, balancer)
  const blocked = await makePlan(planner, planFor('natv2-managed', 'none'))
  t.ok(codes(blocked, 'blocker').includes('LB_SKU_SERVICE'))
})
