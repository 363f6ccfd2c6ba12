import { readFile } from 'node:fs/promises'
import t from 'tap'
import { ROLES, ROLES_FOLDER, roleText } from '../../scripts/roles.ts'
import { type Arm, type AuthorizationKind, NETWORK_KINDS } from '../../src/azure/arm.ts'
import { connectArm } from '../../src/azure/connect/connect-arm.ts'
import { serializePoller } from '../../src/azure/writes/poll-operation.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../src/contract/allow-lists.ts'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { editByArm, networkPath } from './support/arm-edits.ts'
import { execute, makePlan, planFor } from './support/requests.ts'
import { ended, type Loose, listOf, type Service, service, until } from './support/service.ts'

const SUBSCRIPTION = `/subscriptions/${DEMO_SUBSCRIPTION}`
const GROUP = `${SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}`
const CLUSTER = { subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, name: 'lb-managed' }
const RESOURCE_GRAPH = 'microsoft.resourcegraph/resources'

/** The action that Azure checks for a request, in lower case. */
function actionOf(method: string, path: string): string {
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/?]+(\?|$)/i.test(path))
    return `microsoft.resources/subscriptions/resourcegroups/${method === 'GET' ? 'read' : 'write'}`
  const [provider = '', ...rest] = (path.split('?')[0]?.split('/providers/').at(-1) ?? '').split('/')
  const type = [provider, ...rest.filter((_, index) => index % 2 === 0)].join('/').toLowerCase()
  if (method === 'GET' || type === RESOURCE_GRAPH) return `${type}/read`
  return `${type}/${{ PUT: 'write', DELETE: 'delete' }[method] ?? 'action'}`
}

/** Whether an action of a role, which may contain wildcards, covers an action. */
function covers(ofRole: string, action: string): boolean {
  const pattern = ofRole.toLowerCase().split('*').map(RegExp.escape).join('.*')
  return new RegExp(`^${pattern}$`).test(action.toLowerCase())
}

/** Every action that Azure was asked for since the last reset. */
async function calledActions({ simulator }: Service): Promise<Set<string>> {
  const requests = listOf(await simulator('GET', 'requests?bodies=false'))
  return new Set(requests.map(({ method, path }) => actionOf(String(method), String(path))))
}

/** Calls every method of `Arm` that reads, for every kind of resource; whether the resource exists is irrelevant. */
async function readEverything(arm: Arm): Promise<void> {
  const authorization: AuthorizationKind[] = [
    'locks',
    'roleDefinitions',
    'policyAssignments',
    'policyExemptions',
    'policyDefinitions',
  ]
  const network = `${GROUP}/providers/Microsoft.Network`
  const policies = '/providers/Microsoft.Authorization'
  await Promise.allSettled([
    arm.getCluster(CLUSTER),
    arm.listAgentPools(CLUSTER),
    arm.listOutboundDependencies(CLUSTER),
    arm.listMaintenanceConfigurations(CLUSTER),
    ...NETWORK_KINDS.flatMap((kind) => [
      arm.listNetwork(kind, DEMO_SUBSCRIPTION),
      arm.getNetwork(kind, `${network}/${kind}/none`),
    ]),
    arm.listFirewallPolicies(DEMO_SUBSCRIPTION),
    arm.getFirewallPolicy(`${network}/firewallPolicies/none`),
    arm.listPrivateZoneLinks(`${network}/privateDnsZones/none`),
    arm.readMetrics({
      resourceId: `${network}/natGateways/none`,
      metrics: ['ByteCount'],
      from: '2026-08-18T00:00:00Z',
      to: '2026-09-01T00:00:00Z',
      grainMinutes: 60,
      aggregations: ['total'],
      splitBy: null,
    }),
    arm.listIpGroups(DEMO_SUBSCRIPTION),
    arm.getIpGroup(`${network}/ipGroups/none`),
    ...authorization.map((kind) => arm.listAuthorization(kind, DEMO_SUBSCRIPTION)),
    arm.getPolicy('policyDefinitions', `${policies}/policyDefinitions/none`),
    arm.getPolicy('policySetDefinitions', `${policies}/policySetDefinitions/none`),
    arm.listPermissions(GROUP),
    arm.getResourceGroup(GROUP),
    arm.listRoleAssignments(DEMO_SUBSCRIPTION, 'none'),
    arm.listUsages(DEMO_SUBSCRIPTION, 'eastus'),
    arm.findAllowLists(),
    // A write whose response has a `Location` only.
    ...['Microsoft.ContainerService', 'Microsoft.Network'].map((provider) => {
      const path = `${SUBSCRIPTION}/providers/${provider}/locations/eastus/operationResults/none`
      const of = { subscriptionId: DEMO_SUBSCRIPTION, apiVersion: '2026-01-01' }
      return arm.pollOperation(serializePoller({ kind: 'location', path, ...of }))
    }),
    ...ALLOW_LIST_TYPE_NAMES.map((type) => {
      const [provider, ...types] = type.split('/')
      const id = `${GROUP}/providers/${provider}/${types.map((name) => `${name}/none`).join('/')}`
      return arm.readChildLists({ id, type, location: null, isOff: false })
    }),
  ])
}

async function run(planner: Service, plan: Loose): Promise<Loose> {
  return ended(planner, String((await execute(planner, plan)).id), 60_000)
}

/** A job that Azure stops at a PUT of a subnet, and the cleanup that deletes what the job made until then. */
async function runAndCleanUp(planner: Service, plan: Loose): Promise<void> {
  const job = await run(planner, plan)
  const answer = await planner.post(`/v1/jobs/${job.id}/clean-up-plan`)
  if (answer.status !== 201) throw new Error(answer.text)
  const cleaned = await run(planner, answer.body)
  if (String(cleaned.status) !== 'Succeeded') throw new Error(JSON.stringify(cleaned))
}

/** The inventory lists subscriptions only where Resource Graph is denied; its tests hold that. */
const ONLY_WITHOUT_GRAPH = 'Microsoft.Resources/subscriptions/read'

t.test('the role files are generated from the actions in the code', async (t) => {
  for (const name of ['planner', 'executor', 'prober'] as const)
    t.equal(
      await readFile(new URL(`${name}.json`, ROLES_FOLDER), 'utf8'),
      roleText(name),
      `${name}.json is out of date: run \`npm run roles\` and commit it`,
    )
})

t.test('the roles contain every action that the service uses, and no other', async (t) => {
  const planner = await service(t)
  const arm = connectArm({ endpoint: planner.process.simulatorUrl ?? '', simulated: true })
  await readEverything(arm)
  const reads = await calledActions(planner)
  t.ok([...reads].every((action) => action.endsWith('/read')))

  await editByArm(planner, networkPath('virtualNetworks', 'vnet-lb-byo/subnets/nodes'), (subnet) => {
    const id = networkPath('networkSecurityGroups', 'nsg-demo-shop')
    Object.assign(subnet.properties ?? {}, { networkSecurityGroup: { id } })
  })
  const gateway = await makePlan(planner, {
    ...planFor('lb-byo', 'userAssignedNATGateway'),
    prepare: { natGateway: {}, publicIps: { count: 1 } },
  })
  const prefix = await makePlan(planner, {
    ...planFor('lb-byo-ranges', 'userAssignedNATGateway'),
    prepare: { natGateway: {}, publicIpPrefix: { length: 31 } },
  })
  const table = await makePlan(planner, {
    ...planFor('lb-byo-two-subnets', 'userDefinedRouting'),
    prepare: { defaultRoute: { nextHopType: 'VirtualNetworkGateway' } },
  })
  const route = await makePlan(planner, {
    ...planFor('lb-byo-udr-internet', 'userDefinedRouting'),
    prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.250.0.4' } },
  })
  const images = await makePlan(planner, {
    ...planFor('lb-byo-nat-attached', 'userAssignedNATGateway'),
    upgradeNodeImages: true,
  })
  const back = await makePlan(planner, planFor('udr-byo', 'loadBalancer'))
  await planner.simulator('POST', 'faults', [
    {
      match: { method: 'PUT', pathPattern: '/subnets/' },
      fault: { kind: 'status', status: 400, code: 'Rejected' },
    },
  ])
  await Promise.all([
    runAndCleanUp(planner, gateway),
    runAndCleanUp(planner, prefix),
    runAndCleanUp(planner, table),
    runAndCleanUp(planner, back),
    run(planner, route),
    run(planner, images),
    // Whether the cluster has an operation to abort is irrelevant.
    arm.abortClusterOperation(CLUSTER).catch(() => {}),
  ])
  const called = await calledActions(planner)
  // Azure checks what a body refers to, without a request that shows it: the plans list these actions.
  const plans = [gateway, prefix, table, route, images, back]
  const listed = plans.flatMap(({ preflight }) =>
    listOf(preflight?.checks)
      .filter(({ who }) => String(who) === 'caller')
      .map(({ action }) => String(action)),
  )
  // Resource Graph returns only resources that the caller may read.
  const inGraph = ALLOW_LIST_TYPE_NAMES.map((type) => `${type}/read`.toLowerCase())
  const used = [...new Set([...called, ...listed.map((action) => action.toLowerCase()), ...inGraph])].sort()

  const ofRoles = (names: (keyof typeof ROLES)[]) => names.flatMap((name) => ROLES[name].Actions)
  const uncovered = (actions: string[], roles: string[]) =>
    actions.filter((action) => !roles.some((ofRole) => covers(ofRole, action)))
  t.strictSame(uncovered(used, ofRoles(['planner', 'executor'])), [], 'no action is missing')
  t.strictSame(
    uncovered([...reads, ...used.filter((action) => action.endsWith('/read'))], ofRoles(['planner'])),
    [],
    'the planner role contains every read',
  )
  t.strictSame(
    ofRoles(['planner', 'executor'])
      .filter((ofRole) => ofRole !== ONLY_WITHOUT_GRAPH)
      .filter((ofRole) => !used.some((action) => covers(ofRole, action))),
    [],
    'no action is unused',
  )
  t.ok(
    ofRoles(['planner']).every((action) => action.endsWith('/read')),
    'the planner role only reads',
  )

  await planner.simulator('POST', 'reset')
  const accepted = await planner.post('/v1/probes', { cluster: CLUSTER })
  const state = async () => String((await planner.get(`/v1/probes/${accepted.body.id}`)).body.status)
  await until(state, (status) => status === 'Succeeded')
  const probing = [...(await calledActions(planner))].filter((action) =>
    action.startsWith('microsoft.compute/'),
  )
  t.strictSame(uncovered(probing, ofRoles(['prober'])), [], 'no action of a probe is missing')
  t.strictSame(
    ofRoles(['prober']).filter((ofRole) => !probing.some((action) => covers(ofRole, action))),
    ['Microsoft.Compute/virtualMachines/runCommand/action'],
    'only nodes of pools of another type need more',
  )
})
