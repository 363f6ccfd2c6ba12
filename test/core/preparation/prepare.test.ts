import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import { idKey } from '../../../src/core/arm/resource-id.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { AuthorizationFacts } from '../../../src/core/snapshot/authorization-facts.ts'
import type { NatGatewayFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aNatGateway,
  aPrefix,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aVirtualNetwork,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY as OLD, onGateway, onNetworkGateway, onTable } from '../../support/own-network.ts'
import { withRights } from '../../support/permissions.ts'
import { onUserGateway, pool } from '../../support/rule-cases.ts'

const GATEWAY = `${GROUP}/${NETWORK}/natGateways/ng-demo-egress`
const IP = `${GROUP}/${NETWORK}/publicIPAddresses/pip-demo-nat-egress-1`
const PREFIX = `${GROUP}/${NETWORK}/publicIPPrefixes/ippre-demo-nat-egress`
const toGateway = (snapshot: Parameters<typeof planFor>[0], prepare: PlanningRequest['prepare']) =>
  planFor(snapshot, 'userAssignedNATGateway', { prepare })
const takenBy = (made: Plan) =>
  made.findings.flatMap((each) =>
    each.code === 'PREPARE_NAME_TAKEN' ? (each.facts.resources as { id: string; because: string }[]) : [],
  )

function standing(gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts> = {}) {
  return aByoSnapshot(
    {},
    {
      natGateways: [aNatGateway({ id: GATEWAY, publicIpIds: [IP], ...gateway })],
      publicIps: [aPublicIp({ id: IP, address: '20.9.0.1', natGatewayId: GATEWAY, ...ip })],
      publicIpPrefixes: [aPrefix({ id: PREFIX, prefix: '20.8.0.0/30', natGatewayId: GATEWAY })],
    },
  )
}

t.test('reuses a gateway with the requested name if it matches the request', async (t) => {
  const whole = standing({ zones: ['2'], idleTimeoutInMinutes: 10 }, { zones: ['2'] })
  const asked = [
    { natGateway: {} },
    { natGateway: { zones: ['2' as const], idleTimeoutInMinutes: 10 } },
    { natGateway: {}, publicIps: { count: 1, zones: ['2' as const] } },
  ]
  for (const prepare of asked) {
    const made = toGateway(whole, prepare)
    t.strictSame(takenBy(made), [], JSON.stringify(prepare))
    t.equal(made.status, 'applicable')
  }
  const prefixed = standing({ publicIpIds: [], publicIpPrefixIds: [PREFIX] })
  t.strictSame(takenBy(toGateway(prefixed, { natGateway: {}, publicIpPrefix: { length: 30 } })), [])
})

t.test('a gateway under the wanted name that differs blocks the plan and says in what', async (t) => {
  const table: [NonNullable<PlanningRequest['prepare']>, string][] = [
    [{ natGateway: { sku: 'StandardV2' } }, 'its SKU is Standard, not StandardV2'],
    [{ natGateway: { zones: ['1'] } }, 'it is in zone 2, not in zone 1'],
    [{ natGateway: { idleTimeoutInMinutes: 30 } }, 'its idle timeout is 4 min, not 30 min'],
    [{ natGateway: {}, publicIps: { count: 3 } }, 'it has 1 public IP, not 3 public IPs'],
    [{ natGateway: {}, publicIpPrefix: { length: 30 } }, 'it has 1 public IP, not a /30 prefix'],
    [
      { natGateway: {}, publicIps: { count: 1, zones: ['2'] } },
      'its addresses are in no zone, not in zone 2',
    ],
  ]
  for (const [prepare, because] of table) {
    const made = toGateway(standing({ zones: ['2'] }), prepare)
    t.strictSame(takenBy(made), [{ id: GATEWAY, because }])
    t.equal(made.status, 'blocked')
    t.match(made.findings.find((each) => each.code === 'PREPARE_NAME_TAKEN')?.remedy, /natGateway\.id/)
  }
  const prefixed = standing({ publicIpPrefixIds: [PREFIX] })
  t.match(takenBy(toGateway(prefixed, { natGateway: {}, publicIpPrefix: { length: 31 } })), [
    { because: 'it has 1 public IP and a /30 prefix, not a /31 prefix' },
  ])
})

t.test('rejects an address with the requested name that is attached to another resource', async (t) => {
  const other = `${GROUP}/${NETWORK}/natGateways/other`
  const frontend = `${NODE_GROUP}/${NETWORK}/loadBalancers/web/frontendIPConfigurations/front`
  const withIp = (given: Partial<PublicIpFacts>) =>
    aByoSnapshot({}, { publicIps: [aPublicIp({ id: IP, address: '20.9.0.1', ...given })] })
  const prepare = { natGateway: {}, publicIps: { count: 1 } }
  t.strictSame(takenBy(toGateway(withIp({ natGatewayId: other }), prepare)), [
    { id: IP, because: 'it is attached to other' },
  ])
  t.strictSame(takenBy(toGateway(withIp({ attachedTo: frontend }), prepare)), [
    { id: IP, because: 'it is attached to web' },
  ])
  t.strictSame(takenBy(toGateway(withIp({}), prepare)), [], 'a free one is taken')
  const prefix = aPrefix({ id: PREFIX, prefix: '20.8.0.0/30', loadBalancerFrontendId: frontend })
  const ofPrefix = { natGateway: {}, publicIpPrefix: { length: 30 } }
  t.strictSame(takenBy(toGateway(aByoSnapshot({}, { publicIpPrefixes: [prefix] }), ofPrefix)), [
    { id: PREFIX, because: 'it is attached to web' },
  ])
})

t.test('reuses an existing resource with the name of a new one only if it matches', async (t) => {
  const TABLE = `${GROUP}/${NETWORK}/routeTables/rt-demo-egress`
  const hop = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' }
  const [pip, prefix] = [
    aPublicIp({ id: IP, address: '20.9.0.1' }),
    aPrefix({ id: PREFIX, prefix: '20.8.0.0/30' }),
  ]
  const [forIp, forPrefix] = [
    { natGateway: {}, publicIps: { count: 1 } },
    { natGateway: {}, publicIpPrefix: { length: 30 } },
  ]
  const table = aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')
  const westus = { location: 'westus' }
  const [region, family] = ['its region is westus, not eastus', 'its IP version is IPv6, not IPv4']
  const route = { ...table.routes[0]!, addressPrefix: '10.0.0.0/8' }
  const cases: [
    Parameters<typeof aByoSnapshot>[1],
    NonNullable<PlanningRequest['prepare']>,
    string | null,
  ][] = [
    [{ publicIps: [{ ...pip, location: 'East US' }] }, forIp, null],
    [{ publicIps: [{ ...pip, ...westus }] }, forIp, region],
    [{ publicIps: [{ ...pip, version: 'IPv6' }] }, forIp, family],
    [{ publicIpPrefixes: [prefix] }, forPrefix, null],
    [{ publicIpPrefixes: [{ ...prefix, ...westus }] }, forPrefix, region],
    [{ publicIpPrefixes: [{ ...prefix, version: 'IPv6' }] }, forPrefix, family],
    [{ natGateways: [aNatGateway({ id: GATEWAY, publicIpIds: [IP] })] }, { natGateway: {} }, null],
    [{ natGateways: [aNatGateway({ id: GATEWAY, ...westus })] }, { natGateway: {} }, region],
    [{ routeTables: [table] }, { defaultRoute: hop }, null],
    [{ routeTables: [{ ...table, ...westus }] }, { defaultRoute: hop }, region],
    [
      { routeTables: [{ ...table, routes: [route] }] },
      { defaultRoute: hop },
      'it has no default route to 10.9.0.4',
    ],
    [
      { routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.5')] },
      { defaultRoute: hop },
      'it has no default route to 10.9.0.4',
    ],
  ]
  for (const [network, prepare, because] of cases) {
    const type = 'defaultRoute' in prepare ? 'userDefinedRouting' : 'userAssignedNATGateway'
    const plan = planFor(aByoSnapshot({}, network), type, { prepare })
    t.strictSame(
      takenBy(plan).map((item) => item.because),
      because === null ? [] : [because],
      JSON.stringify(network),
    )
  }
})

t.test('adds a default route under a name that no other route of the table has', async (t) => {
  const names: [taken: string[], name: string][] = [
    [[], 'default-egress'],
    [['bypass'], 'default-egress'],
    [['Default-Egress'], 'default-egress-2'],
    [['default-egress', 'DEFAULT-EGRESS-2'], 'default-egress-3'],
  ]
  for (const [taken, name] of names) {
    const [subnet, network] = onTable('VirtualAppliance')
    const routes = taken.map((route, index) => ({
      name: route,
      addressPrefix: `10.${index}.0.0/16`,
      nextHopType: 'VnetLocal',
      nextHopIpAddress: null,
    }))
    const routeTables = (network.routeTables ?? []).map((table) => ({ ...table, routes }))
    const plan = planFor(aByoSnapshot(subnet, { ...network, routeTables }), 'userDefinedRouting', {
      prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } },
    })
    const write = plan.steps.find(({ key }) => key === 'prepare-default-route-1')
    t.match(write?.does, { kind: 'putResource', id: new RegExp(`/routes/${name}$`) }, taken.join())
  }
})

t.test('reports an attached address for the load balancer once', async (t) => {
  const id = IP.replace('-nat-', '-lb-')
  const held = aPublicIp({ id, address: '20.9.0.1', natGatewayId: GATEWAY })
  const made = planFor(aByoSnapshot({}, { publicIps: [held] }), 'loadBalancer', {
    prepare: { publicIps: { count: 1 } },
  })
  t.ok(codesOf(made, 'blocker').includes('IP_IN_USE'))
  t.strictSame(takenBy(made), [])
})

const V2 = { natGateway: { sku: 'StandardV2' as const } }
/** The addresses that packets use before or after the change. */
const rowsOf = (plan: Plan) =>
  plan.egressIps
    .filter(({ change, usedBefore }) => change !== 'lost' || usedBefore?.length !== 0)
    .map(({ address, change, knownAt }) => [address, change, knownAt])

t.test('replaces a NAT gateway that differs from the request, as a cutover', async (t) => {
  const cluster = { ...pool(), ...onUserGateway, authorizedIPRanges: ['20.9.0.1/32'] }
  for (const declared of [cluster, { ...pool(), authorizedIPRanges: ['20.9.0.1/32'] }]) {
    const snapshot = aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: declared })
    const plan = toGateway(snapshot, V2)
    t.equal(plan.status, 'applicable')
    t.ok(plan.acknowledgementsRequired.includes('PREPARE_REPLACES_GATEWAY'))
    t.strictSame(rowsOf(plan), [
      ['20.9.0.1', 'lost', 'plan'],
      [null, 'added', 'prepare'],
    ])
    t.strictSame(plan.authorizedRanges.addPrepared, [IP])
    t.strictSame(plan.authorizedRanges.removeLater, ['20.9.0.1/32'])
    const exchange = plan.steps.find(({ key }) => key === plan.cutOver.step)
    t.match(exchange, {
      title: 'Replace NAT gateway gateway with ng-demo-egress on subnet nodes',
      does: {
        changes: [{ op: 'set', value: { id: GATEWAY } }],
        former: [{ op: 'set', value: { id: OLD.id } }],
      },
      undoes: [{ changes: [{ op: 'set', value: { id: OLD.id } }] }],
    })
    t.match(
      plan.resourceChanges.find(({ id }) => id === OLD.id),
      { action: 'retain', because: /The replaced NAT gateway and its addresses remain/ },
    )
    const order = plan.steps.map(({ key }) => key)
    t.ok(order.indexOf('widen-authorized-ranges') >= 0)
    t.ok(order.indexOf('widen-authorized-ranges') < order.indexOf(exchange!.key), 'authorized first')
  }
})

t.test('replaces a NAT gateway for each kind of difference, and only for a difference', async (t) => {
  const other = aNatGateway({ id: `${GROUP}/${NETWORK}/natGateways/other`, publicIpIds: [OLD.publicIp.id] })
  const old = { ...OLD.gateway, zones: ['1'] }
  const snapshot = aByoSnapshot(onGateway[0], { ...onGateway[1], natGateways: [old, other] })
  const table: [NonNullable<PlanningRequest['prepare']>, boolean][] = [
    [{ natGateway: {} }, false],
    [{ natGateway: { sku: 'Standard' } }, false],
    [{ natGateway: { zones: ['1'] } }, false],
    [{ natGateway: { idleTimeoutInMinutes: 4 } }, false],
    [{ natGateway: {}, publicIps: { count: 1 } }, false],
    [{ natGateway: { id: OLD.id.toUpperCase() } }, false],
    [{ natGateway: { sku: 'StandardV2' } }, true],
    [{ natGateway: { zones: ['2'] } }, true],
    [{ natGateway: { idleTimeoutInMinutes: 30 } }, true],
    [{ natGateway: {}, publicIps: { count: 2 } }, true],
    [{ natGateway: {}, publicIpPrefix: { length: 30 } }, true],
    [{ natGateway: { id: other.id } }, true],
    [{ natGateway: { name: 'ng-new' } }, true],
  ]
  for (const [prepare, isReplaced] of table) {
    const plan = toGateway(snapshot, prepare)
    const title = JSON.stringify(prepare)
    t.equal(codesOf(plan).includes('PREPARE_REPLACES_GATEWAY'), isReplaced, title)
    t.equal(
      plan.steps.some(({ key }) => key.startsWith('prepare-')),
      isReplaced,
      title,
    )
    if (!isReplaced) t.ok(codesOf(plan).includes('PREPARE_NOTHING_LEFT'), title)
  }
})

t.test(
  'keeps a NAT gateway of the whole virtual network if it matches, and overrides any other',
  async (t) => {
    const name = 'subnet nodes keeps the NAT gateway gateway of its virtual network, which'
    const [matches, serves] = [`${name} matches the request`, `${name} already serves the subnet`]
    const other = aNatGateway({ id: `${GROUP}/${NETWORK}/natGateways/other`, publicIpIds: [OLD.publicIp.id] })
    const served = onNetworkGateway()
    const table: [NonNullable<PlanningRequest['prepare']>, kept: string | null][] = [
      [{ natGateway: {} }, matches],
      [{ natGateway: { sku: 'StandardV2' } }, matches],
      [{ natGateway: {}, publicIps: { count: 1 } }, matches],
      [{ natGateway: { id: OLD.id.toUpperCase() } }, serves],
      [{ natGateway: { name: 'gateway', sku: 'StandardV2' } }, serves],
      [{ natGateway: { sku: 'Standard' } }, null],
      [{ natGateway: { idleTimeoutInMinutes: 30 } }, null],
      [{ natGateway: {}, publicIps: { count: 2 } }, null],
      [{ natGateway: { name: 'ng-new' } }, null],
      [{ natGateway: { id: other.id } }, null],
    ]
    for (const [prepare, kept] of table) {
      const snapshot = { ...served, natGateways: { ...served.natGateways, [idKey(other.id)]: other } }
      const plan = toGateway(snapshot, prepare)
      const title = JSON.stringify(prepare)
      const attachment = plan.steps.find(({ key }) => key === 'prepare-subnet-1')
      t.equal(attachment === undefined, kept !== null, title)
      t.equal(codesOf(plan).includes('PREPARE_REPLACES_GATEWAY'), kept === null, title)
      t.ok(
        plan.paths.every(({ before, after }) => (before.via === after.via) === (kept !== null)),
        title,
      )
      const finding = plan.findings.find(({ code }) => code === 'PREPARE_NOTHING_LEFT')
      t.equal(finding?.message, kept === null ? undefined : `The plan prepares nothing new: ${kept}.`, title)
      if (kept === null)
        t.match(plan.cutOver, {
          step: 'prepare-subnet-1',
          because: /overrides the NAT gateway gateway of the/,
        })
      else t.notOk(plan.steps.some(({ key }) => key.startsWith('prepare-')))
    }
  },
)

t.test('creates no NAT gateway if every subnet has one, and names the kept gateway', async (t) => {
  const plan = toGateway(aByoSnapshot(...onGateway), { natGateway: {} })
  t.match(
    plan.findings.find(({ code }) => code === 'PREPARE_NOTHING_LEFT'),
    {
      severity: 'info',
      message: /subnet nodes keeps the NAT gateway gateway, which matches the request/,
    },
  )
  t.notOk(plan.steps.some(({ key }) => key.startsWith('prepare-')))
})

t.test('keeps a NAT gateway that cannot be read, and says so', async (t) => {
  const plan = toGateway(aByoSnapshot(onGateway[0]), V2)
  t.match(
    plan.findings.find(({ code }) => code === 'PREPARE_PART_UNUSED'),
    {
      severity: 'warning',
      message: /subnet nodes keeps the NAT gateway gateway, which could not be read/,
    },
  )
  t.notOk(plan.steps.some(({ key }) => key.startsWith('prepare-')))
})

t.test('keeps a NAT gateway of the virtual network that cannot be read, and says so', async (t) => {
  const network = aVirtualNetwork({ id: SUBNET.replace(/\/subnets\/.*$/, ''), natGatewayId: OLD.id })
  const plan = toGateway(aByoSnapshot({}, { virtualNetworks: [network] }), V2)
  t.match(plan.findings.find(({ code }) => code === 'PREPARE_PART_UNUSED')?.message, 'could not be read')
  t.notOk(plan.steps.some(({ key }) => key.startsWith('prepare-')))
})

t.test('moves no traffic with a NAT gateway that a default route overrides', async (t) => {
  const routed = onTable('VirtualAppliance')
  const snapshot = aByoSnapshot({ ...onGateway[0], ...routed[0] }, { ...onGateway[1], ...routed[1] })
  const plan = toGateway(snapshot, V2)
  t.notOk(codesOf(plan).includes('PREPARE_REPLACES_GATEWAY'))
  t.ok(plan.steps.some(({ title }) => title.startsWith('Replace NAT gateway')))
})

t.test('a route table that could not be read gets no route, and the plan says so', async (t) => {
  const snapshot = aByoSnapshot(onTable('VirtualAppliance')[0])
  const plan = planFor(snapshot, 'userDefinedRouting', {
    prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.9' } },
  })
  t.match(
    plan.findings.find(({ code }) => code === 'PREPARE_PART_UNUSED'),
    {
      message: /`prepare\.defaultRoute` \(the route table table could not be read\)/,
    },
  )
  t.notOk(codesOf(plan).includes('PREPARE_NOTHING_LEFT'))
})

t.test('an address under the wanted name in other zones blocks the plan', async (t) => {
  const id = IP.replace('-nat-', '-lb-')
  const withZones = (zones: ('1' | '2' | '3')[]) =>
    planFor(
      aSnapshot({ publicIps: [aPublicIp({ id, address: '20.9.0.1', zones: ['1'] })] }),
      'loadBalancer',
      {
        prepare: { publicIps: { count: 1, zones } },
      },
    )
  t.strictSame(takenBy(withZones(['2'])), [{ id, because: 'it is in zone 1, not in zone 2' }])
  t.strictSame(takenBy(withZones(['1'])), [])
})

t.test('names a resource group in which the job creates nothing', async (t) => {
  const plan = toGateway(aByoSnapshot(), { natGateway: { id: OLD.id }, resourceGroup: 'rg-elsewhere' })
  t.match(
    plan.findings.find(({ code }) => code === 'PREPARE_PART_UNUSED'),
    {
      facts: { parts: [{ part: 'prepare.resourceGroup', because: 'the job creates no resource' }] },
    },
  )
})

t.test('blocks the node resource group of any cluster, also with a custom name', async (t) => {
  const blockersWith = (group: AuthorizationFacts['preparationGroup'], name = 'rg-nodes') => {
    const surroundings = withRights(group === undefined ? {} : { preparationGroup: group })
    const prepare = { publicIps: { count: 1 }, resourceGroup: name }
    return codesOf(planFor(aSnapshot({ surroundings }), 'loadBalancer', { prepare }), 'blocker')
  }
  const unread = (reason: 'not-found' | 'denied') => ({
    unread: { what: 'rg-nodes', reason, code: 'X', message: 'no' },
  })
  const cluster = `${GROUP.replace('rg-demo', 'RG-Other')}/providers/microsoft.containerservice/MANAGEDCLUSTERS/c`
  const table: [AuthorizationFacts['preparationGroup'], blockers: string[]][] = [
    [{ facts: { managedBy: cluster } }, ['PREPARE_GROUP_IS_MANAGED']],
    [
      { facts: { managedBy: `${GROUP}/providers/Microsoft.Solutions/applications/a` } },
      ['PREPARE_GROUP_MANAGED_ELSEWHERE'],
    ],
    [{ facts: { managedBy: 'no ID' } }, ['PREPARE_GROUP_MANAGED_ELSEWHERE']],
    [unread('not-found'), ['PREPARE_GROUP_MISSING']],
    [{ facts: { managedBy: null } }, []],
    [unread('denied'), []],
    [undefined, []],
  ]
  for (const [group, blockers] of table) t.strictSame(blockersWith(group), blockers)
  t.strictSame(blockersWith(unread('denied'), 'MC_rg_other_eastus'), ['PREPARE_GROUP_IS_MANAGED'])
  const confirmedFor = (name: string) => {
    const surroundings = withRights({ preparationGroup: unread('denied') })
    const prepare = { publicIps: { count: 1 }, resourceGroup: name }
    return codesOf(planFor(aSnapshot({ surroundings }), 'loadBalancer', { prepare }), 'acknowledge')
  }
  t.ok(confirmedFor('rg-nodes').includes('PREPARE_GROUP_NOT_CHECKED'))
  t.notOk(confirmedFor('RG-Demo').includes('PREPARE_GROUP_NOT_CHECKED'), 'the default group')
})

t.test(
  'a default route with several appliances gives way to the requested one, and comes back',
  async (t) => {
    const several = ['10.9.0.4', '10.9.0.5']
    const [subnet, network] = onTable('VirtualAppliance')
    const routeTables = (network.routeTables ?? []).map((table) => ({
      ...table,
      routes: table.routes.map((route) => ({
        ...route,
        nextHopType: 'VirtualApplianceEcmp',
        nextHopIpAddress: null,
        nextHopIpAddresses: several,
      })),
    }))
    const plan = planFor(aByoSnapshot(subnet, { ...network, routeTables }), 'userDefinedRouting', {
      prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } },
    })
    const write = plan.steps.find(({ key }) => key === 'prepare-default-route-1')
    const path = '/properties/nextHop'
    t.match(write?.does, {
      changes: [{ op: 'set' }, { op: 'set' }, { op: 'remove', path }],
      former: [{ op: 'set' }, { op: 'remove' }, { op: 'set', path, value: { nextHopIpAddresses: several } }],
    })
  },
)
