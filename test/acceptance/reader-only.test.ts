import t from 'tap'
import { DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { planFor } from './support/requests.ts'
import { type Loose, listOf, service } from './support/service.ts'

const RUNS = [
  ['lb-managed', 'managedNATGateway'],
  ['nat-managed', 'managedNATGatewayV2'],
  ['lb-own-ips', 'managedNATGateway'],
  ['lb-byo-nat-attached', 'userAssignedNATGateway'],
  ['lb-byo-udr-ready', 'userDefinedRouting'],
  ['kubenet-byo', 'userDefinedRouting'],
  ['isolated', 'loadBalancer'],
] as const
const SUBSCRIPTION = `/subscriptions/${DEMO_SUBSCRIPTION}`

const planner = await service(t)

/**
 * Path and query as a regular expression that matches nothing else. The time span of metrics moves with the clock, also
 * during a test.
 */
const exactly = (path: string) =>
  `^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/timespan=[^&]+/, 'timespan=[^&]+')}$`
const isClusterItself = (path: string) => /\/managedClusters\/[^/?]+\?/i.test(path)

/** A policy that only looks, so that definitions are read too. */
const POLICY = {
  id: `${SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/look`,
  properties: {
    displayName: 'Look',
    scope: SUBSCRIPTION,
    policyDefinitionId:
      '/providers/Microsoft.Authorization/policyDefinitions/6c112d4e-5bc7-47ae-a041-ea2d9dccd749',
    parameters: {
      listOfResourceTypesNotAllowed: { value: ['Microsoft.Network/publicIPAddresses'] },
      effect: { value: 'Audit' },
    },
  },
}

async function planOf(name: string, outboundType: string): Promise<Loose> {
  const answer = await planner.post('/v1/plans', planFor(name, outboundType))
  if (answer.status !== 201) throw new Error(`${name}: ${answer.status} ${answer.text}`)
  return answer.body
}

/** What the change comes to; a read that another one stands in for alters nothing of it. */
const substance = ({ from, to, resourceChanges, egressIps, snat }: Loose) =>
  JSON.stringify({ from, to, resourceChanges, egressIps, snat: { ...snat, measured: null } })
/** Whether the plan states why it has no measured demand. */
const admitsNoDemand = ({ snat }: Loose) => /"unknown":"/.test(JSON.stringify(snat?.measured ?? null))
const sameDemand = (one: Loose, other: Loose) =>
  JSON.stringify(one.snat?.measured) === JSON.stringify(other.snat?.measured)
const ADMISSIONS = ['READ_INCOMPLETE', 'SUBNET_UNREADABLE']

/** The reads of one planning run, each once. */
async function readsOf(name: string, outboundType: string): Promise<{ method: string; path: string }[]> {
  await planner.simulator('POST', 'reset')
  await planner.simulator('POST', 'resources', { put: [POLICY] })
  await planOf(name, outboundType)
  const requests = listOf(await planner.simulator('GET', 'requests'))
  const distinct = new Map(
    requests.map(({ method, path }) => [`${method} ${path}`, { method: String(method), path: String(path) }]),
  )
  return [...distinct.values()]
}

async function deny(method: string, pathPattern: string): Promise<void> {
  const fault = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'No.' }
  await planner.simulator('POST', 'faults', [{ match: { method, pathPattern }, fault }])
}

for (const [name, outboundType] of RUNS)
  t.test(`plans ${name} to ${outboundType} with each of its reads denied in turn`, async (t) => {
    const reads = await readsOf(name, outboundType)
    t.ok(reads.length > 15, 'there is much to deny')
    const undisturbed = await planOf(name, outboundType)
    for (const { method, path } of reads) {
      await planner.simulator('DELETE', 'faults')
      await deny(method, exactly(path))
      const answer = await planner.post('/v1/plans', planFor(name, outboundType))
      const struck = listOf(await planner.simulator('GET', 'faults'))[0]
      t.ok(Number(struck?.strikes) > 0, `${path} was denied`)
      if (isClusterItself(path)) {
        t.equal(answer.status, 403, path)
        t.match(answer.body, { code: 'AZURE_ACCESS_DENIED', remedy: /\S/ }, path)
        continue
      }
      t.equal(answer.status, 201, path)
      const codes = listOf(answer.body.findings).map(({ code }) => String(code))
      const admits = ADMISSIONS.some((code) => codes.includes(code))
      t.ok(admits || substance(answer.body) === substance(undisturbed), `${path}: admitted, or not needed`)
      t.ok(
        admits || admitsNoDemand(answer.body) || sameDemand(answer.body, undisturbed),
        `${path}: missing demand is admitted`,
      )
      const { unread, complete } = (answer.body.preflight?.coverage ?? {}) as {
        unread?: never
        complete?: never
      }
      const isPreflight = /Microsoft\.Authorization|\/usages\?/i.test(path)
      t.equal(complete, !isPreflight, `${path}: whether the preflight is complete`)
      t.equal(listOf(unread).length, isPreflight ? 1 : 0, `${path}: what is unread`)
      if (isPreflight) t.match(listOf(unread)[0], { reason: 'denied', code: 'AuthorizationFailed' }, path)
    }
    await planner.simulator('DELETE', 'faults')
  })

t.test('plans with Reader permissions, and names the permission that the change lacks', async (t) => {
  for (const [name, outboundType] of RUNS) {
    await planner.simulator('POST', 'reset')
    const id = `${SUBSCRIPTION}/providers/Microsoft.Authorization/permissions/reader`
    await planner.simulator('POST', 'resources', { put: [{ id, actions: ['*/read'], notActions: [] }] })
    const { status, body: plan } = await planner.post('/v1/plans', planFor(name, outboundType))
    t.equal(status, 201, name)
    t.equal(plan.preflight?.coverage?.complete, true, `${name}: Reader reads everything`)
    const lacking = listOf(plan.findings)
      .filter(({ code }) => String(code) === 'PERM_MISSING')
      .flatMap(({ facts }) => listOf(facts?.actions).map(String))
    t.ok(lacking.includes('Microsoft.ContainerService/managedClusters/write'), name)
    t.notOk(
      lacking.some((action) => action.endsWith('/read')),
      name,
    )
  }
})

t.test('does not treat a denied query as a granted or missing permission', async (t) => {
  await planner.simulator('POST', 'reset')
  await deny('GET', '/providers/Microsoft\\.Authorization/')
  for (const [name, outboundType] of RUNS) {
    const { status, body: plan } = await planner.post('/v1/plans', planFor(name, outboundType))
    t.equal(status, 201, name)
    // The read of the demand proves its own permission.
    const checks = listOf(plan.preflight?.checks).filter(
      ({ action }) => String(action) !== 'Microsoft.Insights/metrics/read',
    )
    const results = new Set(checks.map(({ result }) => String(result)))
    t.strictSame([...results], ['notChecked'], name)
    const codes = listOf(plan.findings).map(({ code }) => String(code))
    t.notOk(codes.includes('PERM_MISSING'), name)
    t.ok(codes.includes('PERM_NOT_CHECKED'), name)
    t.ok(codes.includes('PREFLIGHT_INCOMPLETE'), name)
  }
  await planner.simulator('DELETE', 'faults')
})
