import t from 'tap'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import { execute, makePlan, planFor } from '../support/requests.ts'
import { client, ended, type Loose, listOf, service, writes } from '../support/service.ts'

const planner = await service(t)
const simulated = client(planner.process.simulatorUrl ?? '')
const NETWORK = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
const API = 'api-version=2025-05-01'
const codes = (plan: Loose, severity?: string) =>
  listOf(plan.findings)
    .filter((each) => severity === undefined || String(each.severity) === severity)
    .map(({ code }) => String(code))
const endpointsOf = (plan: Loose) => listOf(plan.requiredEndpoints?.endpoints)
const namesOf = (plan: Loose) => endpointsOf(plan).map(({ destination }) => String(destination))
const openness = (plan: Loose, name: string) =>
  String(endpointsOf(plan).find(({ destination }) => String(destination) === name)?.open)

async function put(path: string, body: unknown): Promise<void> {
  const answer = await simulated.ask('PUT', `${NETWORK}/${path}?${API}`, body)
  if (answer.status > 201) throw new Error(answer.text)
  await planner.simulator('POST', 'clock', { advanceSeconds: 60 })
}

/** Gives a demo cluster's route table this default route, or none. */
function routeTo(cluster: string, nextHopType: string | null, nextHopIpAddress?: string): Promise<void> {
  const route = { name: 'default', properties: { addressPrefix: '0.0.0.0/0', nextHopType, nextHopIpAddress } }
  return put(`routeTables/rt-${cluster}`, {
    location: 'eastus',
    properties: { routes: nextHopType === null ? [] : [route] },
  })
}

const CLUSTER = 'lb-byo-udr-internet'
const HUB = '10.250.0.4'

t.test('N4: each kind of unready route table has its own finding code', async (t) => {
  const fixtures: [string, string, string | null, string | undefined, string | null][] = [
    ['no table', 'lb-byo', null, undefined, 'UDR_NO_ROUTE_TABLE'],
    ['no default route', CLUSTER, null, undefined, 'UDR_NO_DEFAULT_ROUTE'],
    ['to the internet', CLUSTER, 'Internet', undefined, 'UDR_NEXT_HOP_INTERNET'],
    ['to nowhere', CLUSTER, 'None', undefined, 'UDR_NEXT_HOP_NONE'],
    ['to an appliance', CLUSTER, 'VirtualAppliance', HUB, null],
  ]
  for (const [what, cluster, hop, address, problem] of fixtures) {
    if (cluster === CLUSTER) await routeTo(CLUSTER, hop, address)
    const plan = await makePlan(planner, planFor(cluster, 'userDefinedRouting'))
    t.strictSame(codes(plan, 'blocker'), problem === null ? [] : [problem], what)
    t.equal(plan.status, problem === null ? 'applicable' : 'blocked', what)
    const [row] = listOf(plan.routing)
    t.equal(row?.problem, problem, `${what}: the routing says it too`)
    t.equal(row?.defaultRoute?.nextHopType, hop ?? undefined, `${what}: and the next hop`)
    if (problem === null) t.match(String(row?.firewallId), /azureFirewalls\/fw-hub$/, 'and whose it is')
  }
})

t.test(
  'N4: routes for the halves of the internet carry packets, but are not a default route for AKS',
  async (t) => {
    const half = (addressPrefix: string, name: string) => ({
      name,
      properties: { addressPrefix, nextHopType: 'VirtualAppliance', nextHopIpAddress: HUB },
    })
    const routes = [half('0.0.0.0/1', 'low'), half('128.0.0.0/1', 'high')]
    await put(`routeTables/rt-${CLUSTER}`, { location: 'eastus', properties: { routes } })
    const plan = await makePlan(planner, planFor(CLUSTER, 'userDefinedRouting'))
    t.strictSame(codes(plan, 'blocker'), ['UDR_NO_DEFAULT_ROUTE'])
    t.match(plan.from, { effective: 'virtualAppliance' }, 'the traffic takes them already')
    t.match(listOf(plan.routing), [{ leadsTo: 'azureFirewall', defaultRoute: null }])
  },
)

t.test('the addresses of a firewall are uncertain if its virtual network cannot be read', async (t) => {
  const cluster = 'lb-byo-udr-ready'
  const hub = `${NETWORK}/virtualNetworks/vnet-hub`
  const afterOf = (plan: Loose) =>
    listOf(plan.paths)
      .filter(({ destination }) => String(destination) === 'internet')
      .map(({ after }) => after as Loose)
  const known = await makePlan(planner, planFor(cluster, 'userDefinedRouting'))
  t.equal(afterOf(known).length, 1)
  for (const side of afterOf(known)) t.match(side, { isComplete: true, certainty: 'certain' })
  // The service reads the network by its ID after it was denied the list.
  const denied = [`/subscriptions/${DEMO_SUBSCRIPTION}/providers/Microsoft\\.Network/virtualNetworks`, hub]
  await planner.simulator(
    'POST',
    'faults',
    denied.map((path) => ({
      match: { method: 'GET', pathPattern: `^${path}(\\?|$)` },
      fault: { kind: 'status', status: 403, code: 'AuthorizationFailed' },
    })),
  )
  const plan = await makePlan(planner, planFor(cluster, 'userDefinedRouting'))
  await planner.simulator('DELETE', 'faults')
  for (const [index, side] of afterOf(plan).entries()) {
    t.match(side, { path: 'virtualAppliance', isComplete: false, certainty: 'possible' })
    t.strictSame(side.addresses, afterOf(known)[index]?.addresses, 'the addresses that the firewall may use')
  }
  t.ok(codes(plan).includes('EGRESS_PATH_NOT_IN_ARM'))
  const finding = listOf(plan.findings).find(({ code }) => String(code) === 'READ_INCOMPLETE')
  t.match(String(finding?.message), /vnet-hub/)
  t.match(
    String(finding?.remedy),
    /Assign the Reader role on the virtual network `vnet-hub` to the identity of this service/,
  )
})

t.test('N4: each required endpoint has a date, a source and a reason', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-udr-ready', 'userDefinedRouting'))
  t.match(String(plan.requiredEndpoints?.asOf), /^\d{4}-\d\d-\d\d$/)
  t.match(plan.requiredEndpoints, { cloud: 'public', coverage: { arm: 'asked', why: null } })
  for (const each of endpointsOf(plan))
    t.match(each, { source: /^(arm|list|both)$/, asOf: /^\d{4}-\d\d-\d\d$/, reason: /\S/, when: /\S/ })
  for (const name of ['mcr.microsoft.com', 'packages.aks.azure.com', 'login.microsoftonline.com'])
    t.match(
      endpointsOf(plan).filter(({ destination }) => String(destination) === name),
      [{ source: 'both', port: 443 }],
      `${name}: named by AKS and by the list`,
    )
  const own = namesOf(plan).filter((name) => name.endsWith('.hcp.eastus.azmk8s.io'))
  t.equal(own.length, 1)
  t.match(own[0], /^lb-byo-udr-ready-/, "the cluster's own API server and not the whole region's")
})

t.test('N4: requires the Windows endpoints only for clusters with Windows pools', async (t) => {
  const windows = [
    'onegetcdn.azureedge.net',
    'go.microsoft.com',
    '*.mp.microsoft.com',
    'ctldl.windowsupdate.com',
  ]
  const withWindows = namesOf(await makePlan(planner, planFor('windows-nat', 'userDefinedRouting')))
  const linuxOnly = namesOf(await makePlan(planner, planFor('nat-byo', 'userDefinedRouting')))
  for (const name of windows) {
    t.ok(withWindows.includes(name), name)
    t.notOk(linuxOnly.includes(name), name)
  }
  t.ok(linuxOnly.includes('mcr.microsoft.com'))
})

t.test(
  'N4: firewall rules prove what is open, and the remaining endpoints require acknowledgement',
  async (t) => {
    const ready = await makePlan(planner, planFor('lb-byo-udr-ready', 'userDefinedRouting'))
    t.strictSame([...new Set(endpointsOf(ready).map(({ open }) => String(open)))], ['open'])
    t.notOk(codes(ready).includes('UDR_FIREWALL_RULES'))

    const lacking = await makePlan(planner, planFor('lb-services', 'userDefinedRouting'))
    t.equal(
      openness(lacking, 'packages.aks.azure.com'),
      'blocked',
      'the name that replaces the mirror was forgotten',
    )
    t.equal(openness(lacking, 'mcr.microsoft.com'), 'open', 'by a rule of the policy')
    t.equal(openness(lacking, 'management.azure.com'), 'open', 'by a rule of its base policy')
    t.ok(listOf(lacking.acknowledgementsRequired).map(String).includes('UDR_FIREWALL_RULES'))
    const refused = await planner.post('/v1/jobs', {
      planId: lacking.id,
      acknowledge: listOf(lacking.acknowledgementsRequired)
        .map(String)
        .filter((code) => code !== 'UDR_FIREWALL_RULES'),
    })
    t.match(refused, {
      status: 409,
      body: { code: 'ACKNOWLEDGEMENT_MISSING', facts: { codes: ['UDR_FIREWALL_RULES'] } },
    })
    const upgrading = await makePlan(planner, {
      ...planFor('lb-services', 'userDefinedRouting'),
      upgradeNodeImages: true,
    })
    t.ok(codes(upgrading, 'blocker').includes('REIMAGE_NEEDS_EGRESS'), 'new nodes would not start')

    const groupPath = 'firewallPolicies/fwp-branch/ruleCollectionGroups/rcg-aks'
    const { body: group } = await simulated.get(`${NETWORK}/${groupPath}?${API}`)
    const rule = {
      ruleType: 'ApplicationRule',
      name: 'tag',
      sourceAddresses: ['10.0.0.0/8'],
      protocols: [{ protocolType: 'Https', port: 443 }],
      fqdnTags: ['AzureKubernetesService'],
    }
    const [collection] = listOf(group.properties?.ruleCollections)
    const pods = {
      ruleType: 'NetworkRule',
      name: 'pods',
      sourceAddresses: ['10.0.0.0/8'],
      ipProtocols: ['TCP'],
      destinationAddresses: ['AzureCloud.eastus'],
      destinationPorts: ['443'],
    }
    const collections = [
      { ...collection, rules: [rule] },
      { ...collection, name: 'pods', priority: 110, rules: [pods] },
    ]
    await put(groupPath, {
      properties: { priority: 100, ruleCollections: collections },
    })
    const mended = await makePlan(planner, planFor('lb-services', 'userDefinedRouting'))
    t.equal(openness(mended, 'packages.aks.azure.com'), 'open')
    t.notOk(codes(mended).includes('UDR_FIREWALL_RULES'), 'nothing is left to vouch for')
  },
)

t.test('N4: an appliance other than Azure Firewall proves nothing', async (t) => {
  await routeTo(CLUSTER, 'VirtualAppliance', '10.77.0.4')
  const plan = await makePlan(planner, planFor(CLUSTER, 'userDefinedRouting'))
  t.equal(plan.status, 'applicable')
  t.strictSame([...new Set(endpointsOf(plan).map(({ open }) => String(open)))], ['notChecked'])
  t.ok(listOf(plan.acknowledgementsRequired).map(String).includes('UDR_FIREWALL_RULES'))
})

t.test('N4: reports that AKS returned no endpoints, and uses the published list', async (t) => {
  const match = { method: 'GET', pathPattern: 'outboundNetworkDependenciesEndpoints' }
  await planner.simulator('POST', 'faults', [{ match, fault: { kind: 'status', status: 403 } }])
  try {
    const plan = await makePlan(planner, planFor('lb-byo-udr-ready', 'userDefinedRouting'))
    t.match(plan.requiredEndpoints?.coverage, { arm: 'unread', why: /AuthorizationFailed/ })
    t.ok(namesOf(plan).includes('mcr.microsoft.com'))
    t.ok(namesOf(plan).includes('*.hcp.eastus.azmk8s.io'))
  } finally {
    await planner.simulator('DELETE', 'faults')
  }
})

t.test('N4: executes a plan whose egress path is proven', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-udr-ready', 'userDefinedRouting'))
  const job = await ended(planner, String((await execute(planner, plan)).id))
  t.equal(job.status, 'Succeeded')
  const puts = (await writes(planner)).filter(({ path }) => String(path).includes('/managedClusters/'))
  t.equal(puts.length, 1, 'planning wrote nothing, and the job the cluster once')
})
