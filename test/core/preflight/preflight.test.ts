import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type {
  AuthorizationFacts,
  PermissionFacts,
  ReadResult,
} from '../../../src/core/snapshot/authorization-facts.ts'
import {
  aByoSnapshot,
  aPool,
  aRouteTable,
  aSnapshot,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
  SUBSCRIPTION,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, onGateway } from '../../support/own-network.ts'
import {
  aLock,
  aRoleAssignment,
  CLUSTER_ID,
  denied,
  EVERYTHING,
  NETWORK_CONTRIBUTOR,
  SUBSCRIPTION_ID,
  withRights,
} from '../../support/permissions.ts'

const IP = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`
const MORE = { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 3 } } as const

function effectOf(scope: string, level: string, target: Parameters<typeof planFor>[1]): string | undefined {
  const surroundings = withRights({ locks: { facts: [aLock(scope, level)] } })
  return planFor(aSnapshot({ surroundings }), target).preflight.locks[0]?.effect
}

t.test('a read-only lock stops every change under it', async (t) => {
  for (const scope of [SUBSCRIPTION_ID, GROUP, CLUSTER_ID, NODE_GROUP.toLowerCase(), IP])
    t.equal(effectOf(scope, 'ReadOnly', 'managedNATGateway'), 'blocks', scope)
  t.equal(effectOf(CLUSTER_ID, 'readonly', MORE), 'blocks', 'whatever its case')
})

t.test('a delete lock blocks deletions and may block changes in the node resource group', async (t) => {
  for (const scope of [SUBSCRIPTION_ID, NODE_GROUP, IP])
    t.equal(effectOf(scope, 'CanNotDelete', 'managedNATGateway'), 'blocks', scope)
  for (const scope of [SUBSCRIPTION_ID, NODE_GROUP, `${NODE_GROUP}/${NETWORK}/networkSecurityGroups/x`])
    t.equal(effectOf(scope, 'CanNotDelete', MORE), 'mayBlock', scope)
  for (const scope of [GROUP, CLUSTER_ID])
    t.equal(effectOf(scope, 'CanNotDelete', 'managedNATGateway'), 'none', scope)
})

t.test('ignores locks of unrelated resources', async (t) => {
  for (const scope of [`${GROUP}-2`, `${GROUP}/${NETWORK}/virtualNetworks/other`])
    t.equal(effectOf(scope, 'ReadOnly', 'managedNATGateway'), undefined, scope)
})

t.test('a lock on unchanged resources has no effect', async (t) => {
  const [subnet, given] = onGateway
  const locks = { facts: [aLock(given.natGateways?.[0]?.id ?? '', 'ReadOnly')] }
  const snapshot = aByoSnapshot(subnet, { ...given, surroundings: withRights({ locks }) })
  const made = planFor(snapshot, 'userAssignedNATGateway')
  t.ok(made.resourceChanges.some(({ action }) => action === 'retain'))
  t.strictSame(made.preflight.locks, [])
})

const JOIN = 'Microsoft.Network/virtualNetworks/subnets/join/action'

function checksOf(given: Partial<AuthorizationFacts>, who: string) {
  const surroundings = withRights(given)
  const made = planFor(
    aByoSnapshot(onGateway[0], { ...onGateway[1], surroundings }),
    'userAssignedNATGateway',
  )
  return made.preflight.checks.filter((each) => each.who === who)
}

const joinOf = (given: Partial<AuthorizationFacts>, who: string) =>
  checksOf(given, who).find(({ action }) => action === JOIN)
const roles = (...facts: ReturnType<typeof aRoleAssignment>[]) => ({
  roleAssignments: { [SUBSCRIPTION]: { facts } },
})
const permissions = (facts: (typeof EVERYTHING)[]) => ({
  callerPermissions: { [CLUSTER_ID.toLowerCase()]: { facts }, [SUBNET.toLowerCase()]: { facts } },
})

t.test('an empty response is a denial, but a denied or failed read is not', async (t) => {
  t.match(joinOf(permissions([]), 'caller'), { result: 'missing', because: /no role at this scope/ })
  t.match(joinOf(permissions([{ actions: ['*/read'], notActions: [] }]), 'caller'), { result: 'missing' })
  t.match(joinOf(permissions([EVERYTHING]), 'caller'), { result: 'allowed' })
  const refused = { callerPermissions: { [SUBNET.toLowerCase()]: denied('x') } }
  t.match(joinOf(refused, 'caller'), {
    result: 'notChecked',
    because: /is not allowed to read its permissions/,
  })
  const failed = { unread: { what: 'x', reason: 'failed' as const, code: 'X', message: 'x' } }
  t.match(joinOf({ callerPermissions: { [SUBNET.toLowerCase()]: failed } }, 'caller'), {
    result: 'notChecked',
    because: /Azure did not return the permissions of this identity at this scope \(X\)/,
  })
  const listed = (read: ReadResult<never>) =>
    joinOf({ roleAssignments: { [SUBSCRIPTION]: read } }, 'clusterIdentity')?.because
  t.match(listed(denied('x')), /^This service is not allowed to read the role assignments/)
  t.match(listed(failed), /^Azure did not return the role assignments of the subscription \(X\)\.$/)
})

t.test('a plan that ends with new node images asks for that right before anything moves', async (t) => {
  const UPGRADE = 'Microsoft.ContainerService/managedClusters/agentPools/upgradeNodeImageVersion/action'
  const writer = { actions: ['*/read', '*/write', '*/join/action'], notActions: [] }
  const surroundings = withRights(permissions([writer]))
  const snapshot = aByoSnapshot(onGateway[0], { ...onGateway[1], surroundings })
  const planned = (upgradeNodeImages: boolean) =>
    planFor(snapshot, 'userAssignedNATGateway', { upgradeNodeImages })
  const asked = planned(true).preflight.checks.filter(({ action }) => action === UPGRADE)
  t.match(asked, [{ who: 'caller', result: 'missing' }])
  t.match(planned(true), { status: 'blocked' })
  t.match(
    planned(false).preflight.checks.filter(({ action }) => action === UPGRADE),
    [],
  )
  t.match(planned(false), { status: 'applicable' })
})

t.test('a role counts from its scope downwards', async (t) => {
  const vnet = SUBNET.replace(/\/subnets\/.*/, '')
  for (const scope of ['/', SUBSCRIPTION_ID, GROUP.toUpperCase(), vnet, SUBNET])
    t.match(joinOf(roles(aRoleAssignment({ scope })), 'clusterIdentity'), { result: 'allowed' }, scope)
  for (const scope of [`${GROUP}2`, `${vnet}/subnets/other`, `${GROUP}/${NETWORK}/natGateways/x`])
    t.match(joinOf(roles(aRoleAssignment({ scope })), 'clusterIdentity'), { result: 'missing' }, scope)
  t.match(joinOf(roles(), 'clusterIdentity'), { result: 'missing' })
})

t.test('identifies a role by the last part of its ID and ignores unknown roles', async (t) => {
  const tenant = '/providers/Microsoft.Authorization/roleDefinitions/NETWORK'
  t.match(joinOf(roles(aRoleAssignment({ roleDefinitionId: tenant })), 'clusterIdentity'), {
    result: 'allowed',
  })
  const unknown = aRoleAssignment({ roleDefinitionId: `${NETWORK_CONTRIBUTOR}x` })
  t.match(joinOf(roles(unknown), 'clusterIdentity'), { result: 'notChecked' })
  t.match(joinOf(roles(unknown, aRoleAssignment()), 'clusterIdentity'), { result: 'allowed' })
  t.match(joinOf(roles(aRoleAssignment({ condition: '@Resource[…]' })), 'clusterIdentity'), {
    result: 'notChecked',
    because: /condition/,
  })
  const unread = { roleAssignments: { [SUBSCRIPTION]: denied('roleAssignments') } }
  t.match(joinOf(unread, 'clusterIdentity'), { result: 'notChecked' })
})

t.test('the permissions of a service principal cannot be seen, which is not that it has none', async (t) => {
  const cluster = {
    identityPrincipalIds: [],
    servicePrincipalClientId: 'app',
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
  }
  const surroundings = withRights()
  const made = planFor(
    aByoSnapshot(onGateway[0], { ...onGateway[1], cluster, surroundings }),
    'userAssignedNATGateway',
  )
  const own = made.preflight.checks.filter(({ who }) => who === 'clusterIdentity')
  t.ok(own.length > 0)
  t.ok(own.every(({ result, because }) => result === 'notChecked' && /service principal/.test(because)))
  t.notOk(codesOf(made).includes('PERM_MISSING'))
  t.ok(codesOf(made).includes('SP_CREDENTIALS'))
})

t.test('asks for each address of the user that the target names', async (t) => {
  const surroundings = withRights({}, [OWN_IP])
  const snapshot = aByoSnapshot({}, { surroundings })
  const loadBalancer = { outboundIpIds: [OWN_IP] }
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer }
  const checks = planFor(snapshot, target).preflight.checks.filter(({ scope }) => scope === OWN_IP)
  t.strictSame(
    checks.map(({ who, action, result }) => [who, action.split('/').slice(1).join('/'), result]),
    [
      ['caller', 'publicIPAddresses/join/action', 'allowed'],
      ['clusterIdentity', 'publicIPAddresses/read', 'allowed'],
      ['clusterIdentity', 'publicIPAddresses/join/action', 'allowed'],
    ],
  )
})

t.test(
  'a route table outside of the node group: kubenet cannot do without it, others are only warned',
  async (t) => {
    const table = `${GROUP}/${NETWORK}/routeTables/table`
    const surroundings = withRights(roles(aRoleAssignment({ scope: SUBNET })))
    for (const [networkPlugin, severity, count] of [
      ['kubenet', 'blocker', 5],
      ['azure', 'warning', 3],
    ] as const) {
      const cluster = {
        networkPlugin,
        agentPools: [aPool({ vnetSubnetId: SUBNET })],
        identityType: 'UserAssigned',
      }
      const routeTables = [aRouteTable(table, 'VirtualAppliance', '10.9.0.4')]
      const snapshot = aByoSnapshot({ routeTableId: table }, { cluster, routeTables, surroundings })
      const made = planFor(snapshot, 'userDefinedRouting')
      const missing = made.findings.filter(({ code }) => code === 'PERM_MISSING')
      t.match(missing, [{ severity, facts: { scope: table } }], networkPlugin)
      const actions = missing.flatMap(({ facts }) => facts.actions)
      t.equal(actions.flat().length, count, networkPlugin)
    }
  },
)

t.test('warns for an hour about a new role assignment, unless an older role grants the same', async (t) => {
  const codes = (...assignments: ReturnType<typeof aRoleAssignment>[]) => {
    const surroundings = withRights(roles(...assignments))
    return codesOf(
      planFor(aByoSnapshot(onGateway[0], { ...onGateway[1], surroundings }), 'userAssignedNATGateway'),
    )
  }
  const young = aRoleAssignment({ createdOn: '2026-08-31T23:00:01Z' })
  t.ok(codes(young).includes('PERM_PROPAGATION'))
  t.notOk(codes(aRoleAssignment({ createdOn: '2026-08-31T23:00:00Z' })).includes('PERM_PROPAGATION'))
  t.notOk(codes(young, aRoleAssignment({ id: '/old' })).includes('PERM_PROPAGATION'))
})

t.test('without reads, reports no findings and marks all permissions as not checked', async (t) => {
  const made = planFor(aByoSnapshot(...onGateway), 'userAssignedNATGateway')
  t.ok(made.preflight.checks.every(({ result }) => result === 'notChecked'))
  t.strictSame(made.preflight.coverage, { complete: false, unread: [] })
  t.notOk(codesOf(made).some((code) => /^PERM|^PREFLIGHT/.test(code)))
})

t.test('a plan without a change requires no permission', async (t) => {
  const surroundings = withRights({ ...permissions([]), ...roles() })
  const cluster = { outboundType: 'userAssignedNATGateway', agentPools: [aPool({ vnetSubnetId: SUBNET })] }
  const made = planFor(
    aByoSnapshot(onGateway[0], { ...onGateway[1], cluster, surroundings }),
    'userAssignedNATGateway',
  )
  t.equal(made.status, 'noChange')
  t.strictSame(made.preflight.checks, [])
})

t.test('a default route that goes into a table of the user counts on that table, wherever it lies', (t) => {
  const table = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/routeTables/rt`
  const snapshot = aByoSnapshot({ routeTableId: table }, { routeTables: [aRouteTable(table, null)] })
  const ask = (scope: string) => {
    const rights = { callerPermissions: { [scope.toLowerCase()]: { facts: [EVERYTHING] } } }
    const made = planFor({ ...snapshot, surroundings: withRights(rights) }, 'userDefinedRouting', {
      prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } },
    })
    return made.preflight.checks.find(({ action }) => action === 'Microsoft.Network/routeTables/routes/write')
  }
  t.match(ask(table), { scope: table, who: 'caller', result: 'allowed' })
  t.match(ask(GROUP), { scope: table, result: 'notChecked' })
  t.end()
})

t.test('a cleanup requires permissions for the resources that it deletes', (t) => {
  const made = planFor(aByoSnapshot(...onGateway), 'loadBalancer', {
    cleanUp: { narrow: [], detach: true, delete: [GATEWAY.id, GATEWAY.publicIp.id] },
  })
  const actions = made.preflight.checks
    .filter(({ who }) => who === 'caller')
    .map(({ scope, action }) => `${action} ${scope}`)
  t.ok(actions.includes(`Microsoft.Network/virtualNetworks/subnets/write ${SUBNET}`))
  t.ok(actions.includes(`Microsoft.Network/publicIPAddresses/delete ${GATEWAY.publicIp.id}`))
  t.end()
})

const TABLE_ID = `${GROUP}/${NETWORK}/routeTables/table`
const NSG_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-hub/${NETWORK}/networkSecurityGroups/nsg`
const LINKED = {
  natGatewayId: GATEWAY.id,
  routeTableId: TABLE_ID,
  networkSecurityGroupId: NSG_ID,
}
const linkedSnapshot = (surroundings: ReturnType<typeof withRights>) =>
  aByoSnapshot(LINKED, { ...onGateway[1], routeTables: [aRouteTable(TABLE_ID, null)], surroundings })
const joins = (plan: ReturnType<typeof planFor>, who: string) =>
  plan.preflight.checks
    .filter((check) => check.who === who && check.action.endsWith('/join/action'))
    .map(({ scope, action, result }) => [scope, action.split('/').at(-3), result])

t.test(
  'the cluster identity needs join on everything that its subnets refer to, at its own ID',
  async (t) => {
    const roleAssignments = { [SUBSCRIPTION]: { facts: [aRoleAssignment({ scope: SUBNET })] } }
    const plan = planFor(linkedSnapshot(withRights({ roleAssignments })), 'userAssignedNATGateway')
    t.strictSame(
      joins(plan, 'clusterIdentity').toSorted(),
      [
        [SUBNET, 'subnets', 'allowed'],
        [GATEWAY.id, 'natGateways', 'missing'],
        [TABLE_ID, 'routeTables', 'missing'],
        [NSG_ID, 'networkSecurityGroups', 'missing'],
      ].toSorted(),
    )
    const missing = plan.findings.filter(
      ({ code, facts }) => code === 'PERM_MISSING' && facts.need === 'subnetWrites',
    )
    t.equal(missing.length, 3)
    for (const finding of missing)
      t.match(finding, {
        severity: 'warning',
        message: /cannot update the subnets that refer to this resource/,
      })
  },
)

t.test('this service needs join on everything that a subnet it writes refers to', async (t) => {
  const other = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-hub/${NETWORK}/natGateways/other`
  const rights = (...scopes: string[]) => {
    const surroundings = withRights({}, scopes)
    const snapshot = linkedSnapshot(surroundings)
    const gateway = { ...GATEWAY.gateway, id: other }
    return { ...snapshot, natGateways: { ...snapshot.natGateways, [other.toLowerCase()]: gateway } }
  }
  const attach = { prepare: { natGateway: { id: other } } }
  const plan = planFor(rights(other, TABLE_ID), 'userAssignedNATGateway', attach)
  t.strictSame(
    joins(plan, 'caller').toSorted(),
    [
      [SUBNET, 'subnets', 'allowed'],
      [other, 'natGateways', 'allowed'],
      [TABLE_ID, 'routeTables', 'allowed'],
      [NSG_ID, 'networkSecurityGroups', 'notChecked'],
    ].toSorted(),
    'the gateway that the subnet gets, not the one that it loses',
  )
  const detach = planFor(rights(), 'loadBalancer', { cleanUp: { narrow: [], detach: true, delete: [] } })
  t.strictSame(
    joins(detach, 'caller')
      .map(([scope]) => scope)
      .toSorted(),
    [SUBNET, TABLE_ID, NSG_ID].toSorted(),
    'a subnet that loses its gateway still refers to the rest',
  )
})

t.test('a plan for an appliance needs the list of endpoints, but is not blocked without it', async (t) => {
  const READ = 'Microsoft.ContainerService/managedClusters/outboundNetworkDependenciesEndpoints/read'
  const writer = { actions: ['*'], notActions: ['*/outboundNetworkDependenciesEndpoints/read'] }
  const routeTables = [aRouteTable(TABLE_ID, 'VirtualAppliance', '10.9.0.4')]
  const surroundings = withRights(permissions([writer]))
  const snapshot = aByoSnapshot({ routeTableId: TABLE_ID }, { routeTables, surroundings })
  const plan = planFor(snapshot, 'userDefinedRouting')
  t.match(
    plan.preflight.checks.filter(({ action }) => action === READ),
    [{ who: 'caller', result: 'missing' }],
  )
  const finding = plan.findings.find(({ facts }) => facts.need === 'endpointList')
  t.match(finding, {
    code: 'PERM_MISSING',
    severity: 'warning',
    message: /the list of endpoints that AKS reports/,
  })
  t.notOk(planFor(snapshot, 'loadBalancer').preflight.checks.some(({ action }) => action === READ))
})

t.test(
  'asks for the permission to assign each user-assigned identity, which AKS checks at every write',
  async (t) => {
    const id = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-demo`
    const actions = (callerPermissions: ReadResult<PermissionFacts[]>) => {
      const surroundings = withRights({ callerPermissions: { [id.toLowerCase()]: callerPermissions } })
      const made = planFor(aSnapshot({ cluster: { identityIds: [id] }, surroundings }), 'managedNATGateway')
      const checks = made.preflight.checks.filter(({ scope }) => scope === id)
      return {
        checks: checks.map(({ who, action, result }) => [who, action, result]),
        findings: made.findings,
      }
    }
    const action = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'
    t.strictSame(actions({ facts: [EVERYTHING] }).checks, [['caller', action, 'allowed']])
    const denied = actions({ facts: [] })
    t.strictSame(denied.checks, [['caller', action, 'missing']])
    t.match(
      denied.findings.find(({ code, facts }) => code === 'PERM_MISSING' && facts.scope === id),
      { severity: 'blocker', remedy: /Managed Identity Operator/ },
    )
  },
)

t.test('a missing permission for run-command is a warning of plans that measure from nodes', async (t) => {
  const surroundings = withRights({
    callerPermissions: {
      [CLUSTER_ID.toLowerCase()]: { facts: [EVERYTHING] },
      [NODE_GROUP.toLowerCase()]: { facts: [{ actions: ['*/read'], notActions: [] }] },
    },
  })
  const plan = (given: object) => planFor(aSnapshot({ surroundings }), 'managedNATGateway', given)
  t.notOk(codesOf(plan({})).includes('PERM_MISSING'))
  const finding = plan({ verifyFromNodes: {} }).findings.find(({ code }) => code === 'PERM_MISSING')
  t.match(finding, { severity: 'warning', message: /runCommand\/action` on .*cannot test from the nodes/ })
  t.match(finding?.remedy, 'such as Virtual Machine Contributor, and')
})
