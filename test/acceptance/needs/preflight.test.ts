import t from 'tap'
import { DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import { makePlan, planFor } from '../support/requests.ts'
import { type Loose, listOf, service } from '../support/service.ts'

const SUBSCRIPTION = `/subscriptions/${DEMO_SUBSCRIPTION}`
const GROUP = `${SUBSCRIPTION}/resourceGroups/rg-demo`
const AUTHORIZATION = 'providers/Microsoft.Authorization'
const NODE_GROUP = `${SUBSCRIPTION}/resourceGroups/MC_rg-demo_lb-managed_eastus`
const READER = `${SUBSCRIPTION}/${AUTHORIZATION}/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`
const CONTRIBUTOR = `${SUBSCRIPTION}/${AUTHORIZATION}/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7`
const NOT_ALLOWED = `/${AUTHORIZATION}/policyDefinitions/6c112d4e-5bc7-47ae-a041-ea2d9dccd749`

const planner = await service(t)
const put = (...bodies: object[]) => planner.simulator('POST', 'resources', { put: bodies })
const toNat = () => makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
const findingOf = (plan: Loose, code: string) =>
  listOf(plan.findings).find((each) => String(each.code) === code)
const codesOf = (plan: Loose) => listOf(plan.findings).map(({ code }) => String(code))

t.beforeEach(() => planner.simulator('POST', 'reset'))

const lock = (scope: string, level: string) => ({
  id: `${scope}/${AUTHORIZATION}/locks/keep-it`,
  name: 'keep-it',
  properties: { level },
})

async function principalOf(name: string): Promise<string> {
  const { resources } = await planner.simulator('GET', 'state')
  const cluster = listOf(resources).find(({ id }) => String(id).endsWith(`/managedClusters/${name}`))
  const identity = Object.values((cluster?.identity?.userAssignedIdentities ?? {}) as Loose)[0]
  return String(identity?.principalId)
}

const assignment = (principalId: string, scope: string, roleDefinitionId: string, createdOn: string) => ({
  id: `${scope}/${AUTHORIZATION}/roleAssignments/given`,
  properties: { principalId, scope, roleDefinitionId, createdOn },
})

t.test('N13: reports no finding for a correct cluster, and lists what was checked', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.strictSame(
    codesOf(plan).filter((code) => /PERM|LOCK|POLICY|QUOTA|PREFLIGHT/.test(code)),
    [],
  )
  const checks = listOf(plan.preflight?.checks)
  t.equal(checks.length, 13)
  t.ok(checks.every(({ result }) => String(result) === 'allowed'))
  t.match(plan.preflight, {
    locks: [],
    policies: [],
    quota: null,
    coverage: { complete: true, unread: [] },
  })
})

t.test('N13: names the action, scope and identity of a permission that the cluster lacks', async (t) => {
  const principal = await principalOf('lb-byo-nat-attached')
  await put(assignment(principal, GROUP, READER, '2026-01-01T00:00:00Z'))
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  const scope = `${GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-lb-byo-nat-attached/subnets/nodes`
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'PERM_MISSING'), {
    severity: 'blocker',
    facts: {
      who: 'clusterIdentity',
      principalIds: [principal],
      scope,
      actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
    },
    message: new RegExp(
      `\`${principal}\` lacks the permission \`Microsoft.Network/virtualNetworks/subnets/join/action\` on \`${scope}\``,
    ),
  })
  const results = listOf(plan.preflight?.checks)
    .filter((each) => String(each.who) === 'clusterIdentity' && String(each.scope) === scope)
    .map(({ action, result }) => [String(action).split('/').at(-1), String(result)])
  t.strictSame(results, [
    ['read', 'allowed'],
    ['action', 'missing'],
  ])
})

t.test('N13: warns of a recent role assignment', async (t) => {
  const principal = await principalOf('lb-byo-nat-attached')
  await put(assignment(principal, GROUP, CONTRIBUTOR, new Date().toISOString()))
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.equal(plan.status, 'applicable')
  t.match(findingOf(plan, 'PERM_PROPAGATION'), {
    severity: 'warning',
    facts: { roles: [{ roleName: 'Network Contributor', scope: GROUP }] },
  })
})

t.test('N13: names the action that the caller lacks', async (t) => {
  await put({ id: `${GROUP}/${AUTHORIZATION}/permissions/reader`, actions: ['*/read'], notActions: [] })
  const plan = await toNat()
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'PERM_MISSING'), {
    severity: 'blocker',
    facts: {
      who: 'caller',
      scope: /managedClusters\/lb-managed$/,
      actions: ['Microsoft.ContainerService/managedClusters/write'],
    },
  })
})

t.test('N13: a lock on the node group blocks deletions there, and is named', async (t) => {
  for (const level of ['CanNotDelete', 'ReadOnly']) {
    await planner.simulator('POST', 'reset')
    await put(lock(NODE_GROUP, level))
    const plan = await toNat()
    t.equal(plan.status, 'blocked', level)
    t.match(findingOf(plan, 'LOCK_BLOCKS_CHANGE'), {
      severity: 'blocker',
      facts: { lock: 'keep-it', level, scope: NODE_GROUP },
      message: /delete the public IP address /,
      remedy: /Remove the lock `keep-it`/,
    })
    t.match(plan.preflight?.locks, [{ name: 'keep-it', level, scope: NODE_GROUP, effect: 'blocks' }])
  }
})

t.test('N13: a delete lock is only a warning where the plan only adds resources', async (t) => {
  await put(lock(NODE_GROUP, 'CanNotDelete'))
  const more = planFor('lb-managed', 'loadBalancer', { loadBalancer: { managedOutboundIpCount: 3 } })
  const plan = await makePlan(planner, more)
  t.equal(plan.status, 'applicable')
  t.match(findingOf(plan, 'LOCK_BLOCKS_CHANGE'), { severity: 'warning', facts: { lock: 'keep-it' } })
})

t.test('N13: a read-only lock on the cluster blocks its update, and a delete lock does not', async (t) => {
  await put(lock(GROUP, 'ReadOnly'))
  const plan = await toNat()
  t.match(findingOf(plan, 'LOCK_BLOCKS_CHANGE'), {
    severity: 'blocker',
    facts: { level: 'ReadOnly', scope: GROUP },
    message: /update the AKS cluster `lb-managed`/,
  })
  await put(lock(GROUP, 'CanNotDelete'))
  const free = await toNat()
  t.equal(free.status, 'applicable')
  t.match(free.preflight?.locks, [{ effect: 'none', level: 'CanNotDelete' }])
})

t.test('N13: names the policy that denies public IPs if the plan creates any', async (t) => {
  const deny = {
    id: `${SUBSCRIPTION}/${AUTHORIZATION}/policyAssignments/no-ips`,
    properties: {
      displayName: 'No public IPs here',
      policyDefinitionId: NOT_ALLOWED,
      scope: SUBSCRIPTION,
      parameters: { listOfResourceTypesNotAllowed: { value: ['Microsoft.Network/publicIPAddresses'] } },
    },
  }
  await put(deny)
  const plan = await toNat()
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'POLICY_MAY_DENY_PIP'), {
    severity: 'blocker',
    facts: {
      isCertain: true,
      needed: 1,
      policies: [{ name: 'No public IPs here', scope: SUBSCRIPTION, definition: NOT_ALLOWED }],
    },
  })
  const none = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.notOk(findingOf(none, 'POLICY_MAY_DENY_PIP'), 'no public IP is made')
  const properties = { ...deny.properties, notScopes: [NODE_GROUP] }
  await put({ ...deny, properties })
  t.equal((await toNat()).status, 'applicable', 'the node group is excluded')
  await put({ ...deny, properties: { ...deny.properties, enforcementMode: 'DoNotEnforce' } })
  t.equal((await toNat()).status, 'applicable', 'it is not enforced')
  await put(deny, {
    id: `${NODE_GROUP}/${AUTHORIZATION}/policyExemptions/waived`,
    properties: { policyAssignmentId: deny.id, exemptionCategory: 'Waiver' },
  })
  t.equal((await toNat()).status, 'applicable', 'the node group is exempt')
})

t.test(
  'N13: finds the denial in a custom member of an initiative, and reports undecided policies',
  async (t) => {
    const definition = {
      id: `/providers/Microsoft.Management/managementGroups/top/${AUTHORIZATION}/policyDefinitions/ips`,
      properties: {
        displayName: 'IPs',
        policyType: 'Custom',
        mode: 'All',
        parameters: { effect: { type: 'String', defaultValue: 'Audit' } },
        policyRule: JSON.parse(
          `{"if":{"field":"type","equals":"Microsoft.Network/publicIPAddresses"},"then":{"effect":"[parameters('effect')]"}}`,
        ),
      },
    }
    const initiative = {
      id: `/providers/Microsoft.Management/managementGroups/top/${AUTHORIZATION}/policySetDefinitions/base`,
      properties: {
        displayName: 'Base line',
        parameters: { ipEffect: { type: 'String', defaultValue: 'Deny' } },
        policyDefinitions: [
          {
            policyDefinitionId: definition.id,
            policyDefinitionReferenceId: 'ips',
            parameters: { effect: { value: "[parameters('ipEffect')]" } },
          },
          {
            policyDefinitionId: `/${AUTHORIZATION}/policyDefinitions/00000000-0000-0000-0000-00000000abcd`,
            policyDefinitionReferenceId: 'other',
          },
        ],
      },
    }
    const assigned = (parameters: object) => ({
      id: `/providers/Microsoft.Management/managementGroups/top/${AUTHORIZATION}/policyAssignments/base`,
      properties: { displayName: 'Base', policyDefinitionId: initiative.id, parameters },
    })
    await put(definition, initiative, assigned({}))
    const plan = await toNat()
    const said = listOf(plan.findings).filter(({ code }) => String(code) === 'POLICY_MAY_DENY_PIP')
    t.match(said, [
      { severity: 'blocker', facts: { isCertain: true, policies: [{ definition: definition.id }] } },
      { severity: 'warning', facts: { isCertain: false, policies: [{ definition: /abcd$/ }] } },
    ])
    await put(assigned({ ipEffect: { value: 'Audit' } }))
    const audited = await toNat()
    t.equal(audited.status, 'applicable')
    t.match(audited.preflight?.policies, [{ verdict: 'notDecided', definition: /abcd$/ }])
  },
)

t.test('N13: counts old and new addresses against the regional quota', async (t) => {
  const current = Number((await toNat()).preflight?.quota?.current)
  const usage = `${SUBSCRIPTION}/providers/Microsoft.Network/locations/eastus/usages/PublicIPAddresses`
  await put({ id: usage, limit: current })
  const plan = await toNat()
  t.equal(plan.status, 'blocked')
  const facts = { limitName: 'PublicIPAddresses', current, limit: current, needed: 1, atPeak: current + 1 }
  t.match(findingOf(plan, 'PIP_QUOTA'), { severity: 'blocker', facts })
  await put({ id: usage, limit: current + 1 })
  t.notOk(findingOf(await toNat(), 'PIP_QUOTA'), 'just enough')
})

t.test('N13: kubenet with a customer-provided route table requires a user-assigned identity', async (t) => {
  const { resources } = await planner.simulator('GET', 'state')
  const cluster = listOf(resources).find(({ id }) => String(id).endsWith('/managedClusters/kubenet-byo'))
  const identity = { type: 'SystemAssigned', principalId: await principalOf('kubenet-byo') }
  await put({ ...cluster, identity })
  const plan = await makePlan(planner, planFor('kubenet-byo', 'userDefinedRouting'))
  t.equal(findingOf(plan, 'KUBENET_UDR_IDENTITY')?.severity, 'blocker')
})
