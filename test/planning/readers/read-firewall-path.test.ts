import t from 'tap'
import type { Arm } from '../../../src/azure/arm.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { createTakeSnapshot } from '../../../src/planning/snapshot/take-snapshot.ts'
import { planFor } from '../../support/a-plan.ts'
import { DEMO_GROUP, DEMO_SUBSCRIPTION, type Demo, startDemo } from '../../support/demo.ts'

const isAbout = (path: string) => /outboundNetworkDependencies|firewallPolicies|ipGroups/i.test(path)

async function look(demo: Demo, name: string, target: RequestedTarget, upgradeNodeImages = false) {
  const request = { target, upgradeNodeImages }
  return demo.takeSnapshot(demo.ref(name), [], { surroundings: true, request })
}

async function asked(demo: Demo, name: string, target: RequestedTarget, upgrade = false): Promise<number> {
  const before = (await demo.requests()).length
  await look(demo, name, target, upgrade)
  return (await demo.requests()).slice(before).filter(({ path }) => isAbout(path)).length
}

t.test('reads the firewall only if a plan may route traffic to it', async (t) => {
  const demo = await startDemo(t)
  // The search for allow lists reads policies for every target, too.
  const always = await asked(demo, 'lb-byo', { outboundType: 'userAssignedNATGateway' })
  t.equal(
    (await asked(demo, 'lb-byo', { outboundType: 'userDefinedRouting' })) - always,
    2,
    'AKS, and the list of policies',
  )
  t.equal((await asked(demo, 'lb-byo', { outboundType: 'userAssignedNATGateway' }, true)) - always, 2)
  const before = (await demo.requests()).length
  await demo.takeSnapshot(demo.ref('lb-services'))
  t.notOk(
    (await demo.requests()).slice(before).some(({ path }) => isAbout(path)),
    'a freshness check asks nothing',
  )
})

t.test(
  'reads the policy of the firewall at the route and its base policy, but no other policies',
  async (t) => {
    const demo = await startDemo(t)
    const target: RequestedTarget = { outboundType: 'userDefinedRouting' }
    const { surroundings } = await look(demo, 'lb-services', target)
    t.strictSame(
      Object.keys(surroundings?.firewallPolicies ?? {}).map((id) => id.split('/').at(-1)),
      ['fwp-branch', 'fwp-company'],
    )
    const other = await look(demo, 'lb-byo-udr-ready', target)
    t.strictSame(other.surroundings?.firewallPolicies, {}, 'a firewall with rules of its own')
  },
)

t.test('reads the policy of a firewall that the plan itself will lead to', async (t) => {
  const demo = await startDemo(t)
  const target: RequestedTarget = { outboundType: 'userDefinedRouting' }
  const prepare = {
    defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.251.0.4' },
  }
  const { surroundings } = await demo.takeSnapshot(demo.ref('lb-byo'), [], {
    surroundings: true,
    prepare,
    request: { target },
  })
  t.equal(Object.keys(surroundings?.firewallPolicies ?? {}).length, 2)
})

const NETWORK_PATH = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
const NODES_GROUP = `${NETWORK_PATH}/ipGroups/ipg-nodes`
const UDR: RequestedTarget = { outboundType: 'userDefinedRouting' }

async function put(demo: Demo, id: string, properties: object): Promise<void> {
  const answer = await fetch(`${demo.url}${id}?api-version=2025-05-01`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ location: 'eastus', properties }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

/** Lets the branch's policy allow the registry from an IP group and from nowhere else. */
async function allowRegistryFromGroup(demo: Demo): Promise<void> {
  await put(demo, NODES_GROUP, { ipAddresses: ['10.0.0.0/8'] })
  const rule = {
    ruleType: 'ApplicationRule',
    name: 'registry',
    sourceIpGroups: [NODES_GROUP],
    protocols: [{ protocolType: 'Https', port: 443 }],
    targetFqdns: ['mcr.microsoft.com'],
  }
  const collection = {
    ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
    name: 'aks',
    priority: 100,
    action: { type: 'Allow' },
    rules: [rule],
  }
  await put(demo, `${NETWORK_PATH}/firewallPolicies/fwp-branch/ruleCollectionGroups/rcg-aks`, {
    priority: 100,
    ruleCollections: [collection],
  })
}

const registryIsOpen = (snapshot: Awaited<ReturnType<typeof look>>) =>
  planFor(snapshot, UDR).requiredEndpoints?.endpoints.find(
    ({ destination }) => destination === 'mcr.microsoft.com',
  )?.open

t.test('reads the IP groups that the rules refer to, with one list beside the policies', async (t) => {
  const demo = await startDemo(t)
  await allowRegistryFromGroup(demo)
  const before = (await demo.requests()).length
  const snapshot = await look(demo, 'lb-services', UDR)
  t.strictSame(Object.keys(snapshot.surroundings?.ipGroups ?? {}), [NODES_GROUP.toLowerCase()])
  t.equal(registryIsOpen(snapshot), 'open')
  const reads = (await demo.requests()).slice(before).filter(({ path }) => /ipGroups/i.test(path))
  t.equal(reads.length, 1, 'one list')
})

for (const [what, pathPattern, isUnreadable] of [
  ['the list of IP groups', 'Microsoft\\.Network/ipGroups\\?', false],
  ['the IP groups', 'Microsoft\\.Network/ipGroups', true],
] as const)
  t.test(`does not take a group for missing without ${what}`, async (t) => {
    const demo = await startDemo(t)
    await allowRegistryFromGroup(demo)
    const fault = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'no rights' }
    await demo.control('faults', [{ match: { method: 'GET', pathPattern }, fault }])
    const snapshot = await look(demo, 'lb-services', UDR)
    t.equal(registryIsOpen(snapshot), isUnreadable ? 'notProven' : 'open')
  })

for (const [what, pathPattern] of [
  ['the answer of AKS', 'outboundNetworkDependenciesEndpoints'],
  ['the list of policies', 'Microsoft\\.Network/firewallPolicies\\?'],
  ['a policy', 'firewallPolicies/fwp-branch\\?'],
  ['the groups of the base policy', 'fwp-company/ruleCollectionGroups'],
] as const)
  t.test(`plans without ${what}, and says what it did not see`, async (t) => {
    const demo = await startDemo(t)
    const fault = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'no rights' }
    await demo.control('faults', [{ match: { method: 'GET', pathPattern }, fault }])
    const snapshot = await look(demo, 'lb-services', { outboundType: 'userDefinedRouting' })
    const struck = (await demo.control('faults')) as { strikes: number }[]
    t.ok((struck[0]?.strikes ?? 0) > 0, 'the fault was met')
    const { requiredEndpoints, findings } = planFor(snapshot, 'userDefinedRouting')
    const isOfAks = what === 'the answer of AKS'
    t.equal(requiredEndpoints?.coverage.arm, isOfAks ? 'unread' : 'asked')
    if (isOfAks) t.match(requiredEndpoints?.coverage.why, /^AuthorizationFailed/)
    const open = [...new Set(requiredEndpoints?.endpoints.map((each) => each.open))]
    const isListAlone = what === 'the list of policies' || isOfAks
    if (isListAlone) t.ok(open.includes('open'), 'the rules were read all the same')
    else t.strictSame(open, ['notChecked'])
    t.ok(findings.some((each) => each.code === 'UDR_FIREWALL_RULES'))
  })

t.test('does not treat other errors as errors of Azure', async (t) => {
  const demo = await startDemo(t)
  const broken: Arm = {
    ...demo.arm,
    listOutboundDependencies: () => Promise.reject(new TypeError('a fault of ours')),
  }
  const take = createTakeSnapshot(broken, () => new Date(0))
  await t.rejects(take(demo.ref('lb-byo'), [], { surroundings: true }), /a fault of ours/)
})
