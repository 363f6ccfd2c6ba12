import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import { ownedAttachments } from '../../../src/core/cleanup/owned-attachments.ts'
import {
  type CleanupRequest,
  type JobResources,
  type OwnedAttachment,
  requestReferences,
} from '../../../src/core/request/plan-request.ts'
import { emptyCollection } from '../../../src/core/snapshot/assemble.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import { requiredReads } from '../../../src/core/snapshot/required-reads.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aNatGateway,
  aPool,
  aPublicIp,
  aRouteTable,
  aSubnet,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway, onTable, TABLE } from '../../support/own-network.ts'

const OTHER = SUBNET.replace('/nodes', '/other')
const ROUTE: RouteFacts = {
  name: 'default',
  addressPrefix: '0.0.0.0/0',
  nextHopType: 'VirtualAppliance',
  nextHopIpAddress: '10.9.0.4',
}
const MADE: OwnedAttachment = { kind: 'defaultRoute', tableId: TABLE, route: ROUTE, isMade: true }
const ON_TABLE: OwnedAttachment = { kind: 'routeTable', subnetId: SUBNET, tableId: TABLE, routes: [ROUTE] }
const ON_GATEWAY: OwnedAttachment = { kind: 'natGateway', subnetId: SUBNET, gatewayId: GATEWAY.id }
const NOTHING: JobResources = { delete: [], attachments: [], addresses: [], ranges: [] }

type Target = Parameters<typeof planFor>[1]

const cleanUp = (snapshot: Snapshot, asked: Partial<CleanupRequest>, target: Target = 'loadBalancer') =>
  planFor(snapshot, target, { cleanUp: { detach: false, narrow: [], delete: [], ...asked } })
const titles = (made: Plan) =>
  made.steps.filter(({ key }) => key.startsWith('clean-up-')).map(({ title }) => title)
const kept = (made: Plan) =>
  made.findings
    .filter(({ code }) => code === 'CLEAN_UP_OWN_ROUTE_KEPT')
    .map(({ facts }) => String(facts.because))

/** A cluster on a table with the job's route; what is given of cluster and table is otherwise. */
function onRoute(
  table: { routes?: RouteFacts[]; subnetIds?: string[] } = {},
  cluster: Partial<ClusterFacts> = {},
  subnet: Parameters<typeof aByoSnapshot>[0] = {},
): Snapshot {
  const [onIt] = onTable('VirtualAppliance')
  const routeTable = { ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [SUBNET], ...table }
  return aByoSnapshot(
    { ...onIt, ...subnet },
    {
      routeTables: [routeTable],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...cluster },
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp],
    },
  )
}

t.test('deletes a default route of the job and can recreate it', async (t) => {
  const made = cleanUp(onRoute(), { attachments: [MADE] })
  t.strictSame(
    [made.status, titles(made)],
    ['applicable', ['Delete default route default from route table table']],
  )
  t.equal(made.cutOver.step, 'clean-up-detach-1')
  const step = made.steps.find(({ key }) => key === 'clean-up-detach-1')
  t.match(step?.does, { kind: 'deleteResource', id: `${TABLE}/routes/default` })
  const properties = { addressPrefix: '0.0.0.0/0', nextHopType: 'VirtualAppliance' }
  t.match(step?.undoes, [
    { kind: 'putResource', body: { properties: { ...properties, nextHopIpAddress: '10.9.0.4' } } },
  ])
  t.strictSame(kept(made), [])
  t.ok(made.egressIps.some(({ change, address }) => change === 'added' && address === '20.1.0.1'))
})

t.test('keeps a route that cannot be deleted and shows the reason', async (t) => {
  const elsewhere = { ...ROUTE, nextHopIpAddress: '10.9.0.5' }
  const byGateway: Partial<ClusterFacts> = { outboundType: 'none', loadBalancerProfile: null }
  const udr: Partial<ClusterFacts> = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const table: [string, Snapshot, Target, RegExp][] = [
    ['changed', onRoute({ routes: [elsewhere] }), 'loadBalancer', /changed after the job created it/],
    [
      'shared',
      onRoute({ subnetIds: [SUBNET, OTHER] }),
      'loadBalancer',
      /^the subnet `vnet\/other` also uses this route table/,
    ],
    ['needed', onRoute({}, udr), 'userDefinedRouting', /outbound type `userDefinedRouting` uses the route/],
    ['nothing else', onRoute({}, byGateway), 'none', /the traffic of the subnet `nodes` has no other path/],
    ['unread', { ...onRoute(), routeTables: {} }, 'loadBalancer', /could not read the route table/],
  ]
  for (const [name, snapshot, target, because] of table) {
    const made = cleanUp(snapshot, { attachments: [MADE] }, target)
    t.strictSame([made.status, titles(made)], ['noChange', []], name)
    t.equal(kept(made).length, 1, name)
    t.match(kept(made)[0], because, name)
    t.notOk(codesOf(made).includes('CLEAN_UP_NOTHING_LEFT'), name)
  }
})

t.test('the remedy of a kept route fits the reason, and names the ranges that stay', async (t) => {
  const elsewhere = { ...ROUTE, nextHopIpAddress: '10.9.0.5' }
  const more = { ...ROUTE, name: 'more', addressPrefix: '10.8.0.0/16' }
  const existed: OwnedAttachment = { ...MADE, isMade: false } as OwnedAttachment
  const attachedOnly: OwnedAttachment = { ...ON_TABLE, routes: null } as OwnedAttachment
  const ranges = { authorizedIPRanges: ['20.6.0.1/32', '203.0.113.0/24'] }
  const udr = { ...ranges, outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const isolated = { ...ranges, outboundType: 'none', loadBalancerProfile: null }
  const kubenet = { ...ranges, networkPlugin: 'kubenet' }
  const table: [reason: string, Snapshot, OwnedAttachment, Target, remedy: RegExp][] = [
    ['inUse', onRoute({}, udr), MADE, 'userDefinedRouting', /^Keep the route while/],
    ['unread', { ...onRoute({}, ranges), routeTables: {} }, MADE, 'loadBalancer', /can read the route table/],
    ['kubenet', onRoute({}, kubenet), ON_TABLE, 'loadBalancer', /Keep the route table, which kubenet/],
    [
      'routeChanged',
      onRoute({ routes: [elsewhere] }, ranges),
      MADE,
      'loadBalancer',
      /^If nothing needs the route, delete/,
    ],
    [
      'tableChanged',
      onRoute({ routes: [ROUTE, more] }, ranges),
      ON_TABLE,
      'loadBalancer',
      /^If nothing needs the route, delete/,
    ],
    ['existingRoute', onRoute({}, ranges), existed, 'loadBalancer', /^Restore the former next hop/],
    [
      'existingTable',
      onRoute({}, ranges),
      attachedOnly,
      'loadBalancer',
      /^If the subnets of the cluster do not need the route table, detach/,
    ],
    [
      'shared',
      onRoute({ subnetIds: [SUBNET, OTHER] }, ranges),
      MADE,
      'loadBalancer',
      /^Attach another route table/,
    ],
    [
      'noOtherPath',
      onRoute({}, isolated),
      MADE,
      'none',
      /^Attach a NAT gateway to every subnet that needs egress/,
    ],
  ]
  for (const [reason, snapshot, attachment, target, remedy] of table) {
    const asked = { attachments: [attachment], narrow: ['20.6.0.1/32'] }
    const [found, ...others] = findingsOf(cleanUp(snapshot, asked, target), 'CLEAN_UP_OWN_ROUTE_KEPT')
    t.strictSame([found?.facts.reason, others], [reason, []])
    t.match(found?.remedy, remedy, reason)
    t.match(
      found?.remedy,
      /While the route stays, the cleanup also keeps the authorized IP range 20\.6\.0\.1\/32, because nodes may use this address on this route\.$/,
      reason,
    )
    const [bare] = findingsOf(
      cleanUp(snapshot, { attachments: [attachment] }, target),
      'CLEAN_UP_OWN_ROUTE_KEPT',
    )
    t.notMatch(bare?.remedy, /authorized IP range/, reason)
  }
})

t.test('no longer reports a route table whose default route was deleted manually', async (t) => {
  const other = { ...ROUTE, name: 'other', addressPrefix: '10.8.0.0/16' }
  const cluster = { authorizedIPRanges: ['20.6.0.1/32', '203.0.113.0/24'] }
  for (const networkPlugin of ['kubenet', 'azure'])
    for (const routes of [[ROUTE], null]) {
      const snapshot = onRoute({ routes: [other] }, { ...cluster, networkPlugin })
      const plan = cleanUp(snapshot, {
        attachments: [{ ...ON_TABLE, routes } as OwnedAttachment],
        narrow: ['20.6.0.1/32'],
      })
      t.strictSame(kept(plan), [], networkPlugin)
      t.strictSame(titles(plan), ['Remove 20.6.0.1/32 from the authorized IP ranges of the API server'])
    }
})

t.test('ignores a deleted route, and keeps a route whose next hop must be restored', async (t) => {
  const gone = cleanUp(onRoute({ routes: [] }), { attachments: [MADE] })
  t.strictSame([titles(gone), kept(gone)], [[], []])
  t.ok(codesOf(gone).includes('CLEAN_UP_NOTHING_LEFT'))
  const led: OwnedAttachment = { ...MADE, isMade: false } as OwnedAttachment
  t.match(kept(cleanUp(onRoute(), { attachments: [led] })), [
    /the job only changed the next hop of the route/,
  ])
  const back = { ...ROUTE, nextHopIpAddress: '10.9.0.9' }
  t.strictSame(kept(cleanUp(onRoute({ routes: [back] }), { attachments: [led] })), [], 'somebody has')
  const unused = cleanUp({ ...onRoute(), routeTables: {}, subnets: [aSubnet()] }, { attachments: [MADE] })
  t.strictSame(kept(unused), [], 'the table is gone too')
})

t.test('ranges are not narrowed while a route of the job stays', async (t) => {
  const cluster = { authorizedIPRanges: ['20.6.0.1/32', '203.0.113.0/24'] }
  const asked = { attachments: [MADE], narrow: ['20.6.0.1/32'] }
  const narrows = (made: Plan) => made.steps.some(({ key }) => key === 'clean-up-narrow-authorized-ranges')
  t.ok(narrows(cleanUp(onRoute({}, cluster), asked)))
  t.notOk(narrows(cleanUp(onRoute({ subnetIds: [SUBNET, OTHER] }, cluster), asked)))
})

t.test('detaches and deletes a route table of the job, unless it has other routes', async (t) => {
  const asked = { attachments: [ON_TABLE], delete: [TABLE] }
  t.strictSame(titles(cleanUp(onRoute(), asked)), [
    'Detach route table table from subnet nodes',
    'Delete table, which a job of this service created',
  ])
  const more = { ...ROUTE, name: 'more', addressPrefix: '10.8.0.0/16' }
  const changed = cleanUp(onRoute({ routes: [ROUTE, more] }), asked)
  t.strictSame(titles(changed), [])
  t.match(kept(changed), [/changed after the job created it/])
  t.ok(codesOf(changed).includes('CLEAN_UP_STILL_IN_USE'))
  t.match(kept(cleanUp(onRoute({}, { networkPlugin: 'kubenet' }), asked)), [
    /kubenet requires this route table/,
  ])
})

t.test("detaches only the job's own gateway, and only if the cluster has egress without it", async (t) => {
  const on = aByoSnapshot(...onGateway)
  const asked = { attachments: [ON_GATEWAY], delete: [GATEWAY.id, GATEWAY.publicIp.id] }
  t.equal(titles(cleanUp(on, asked)).length, 3)
  const another = aNatGateway({ id: GATEWAY.id.replace(/gateway$/, 'another') })
  const exchanged = aByoSnapshot(
    { natGatewayId: another.id },
    { ...onGateway[1], natGateways: [another, { ...GATEWAY.gateway, subnetIds: [] }] },
  )
  t.strictSame(
    titles(cleanUp(exchanged, asked)).map((each) => each.split(' ')[0]),
    ['Delete', 'Delete'],
    "another's gateway stays where it is",
  )
  const cluster = {
    outboundType: 'none',
    loadBalancerProfile: null,
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
  }
  const alone = cleanUp(aByoSnapshot(onGateway[0], { ...onGateway[1], cluster }), asked, 'none')
  t.strictSame([alone.status, titles(alone)], ['noChange', []])
})

t.test('deletes leftovers of a job after another job has changed the type', async (t) => {
  const free = [aPublicIp({ id: GATEWAY.publicIp.id, address: '20.9.0.1', natGatewayId: GATEWAY.id })]
  const cluster = {
    outboundType: 'none',
    loadBalancerProfile: null,
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
    authorizedIPRanges: ['20.9.0.1/32', '20.6.0.1/32', '203.0.113.0/24'],
  }
  const ranges = ['20.9.0.1/32', '20.6.0.1/32']
  const leftBehind = { ...NOTHING, delete: [GATEWAY.id, GATEWAY.publicIp.id], ranges }
  const gateway = { ...GATEWAY.gateway, subnetIds: [] as string[] }
  const snapshot = (subnetIds: string[]) =>
    aByoSnapshot({}, { cluster, publicIps: free, natGateways: [{ ...gateway, subnetIds }] })
  const made = cleanUp(snapshot([]), { jobResources: leftBehind })
  t.equal(made.status, 'applicable')
  t.strictSame(titles(made), [
    'Delete gateway, which a job of this service created',
    'Delete gateway-ip, which a job of this service created',
    'Remove 20.9.0.1/32 from the authorized IP ranges of the API server',
  ])
  t.ok(codesOf(made, 'warning').includes('CLEAN_UP_OTHER_TYPE'))
  t.match(
    findingsOf(made, 'CLEAN_UP_OTHER_TYPE')[0]?.message,
    /detaches only resources that its job attached, and deletes only resources of its job that nothing uses afterward\.$/,
  )
  const used = cleanUp(snapshot([OTHER]), { jobResources: leftBehind })
  t.strictSame([used.status, titles(used)], ['blocked', []])
  t.ok(codesOf(used, 'warning').includes('CLEAN_UP_STILL_IN_USE'), 'with what uses it')
  t.strictSame(
    titles(cleanUp(snapshot([]), { delete: leftBehind.delete })),
    [],
    'that of its own type does not',
  )
})

t.test('does not delete a later resource with the same name', async (t) => {
  const id = GATEWAY.publicIp.id
  const asked = (address: string) => ({
    delete: [id],
    jobResources: { ...NOTHING, delete: [id], addresses: [{ resourceId: id, address }] },
  })
  const snapshot = aByoSnapshot({}, { publicIps: [aPublicIp({ id, address: '20.9.0.1' })] })
  t.equal(titles(cleanUp(snapshot, asked('20.9.0.1'))).length, 1)
  t.strictSame(titles(cleanUp(snapshot, asked('20.9.0.7'))), [])
})

t.test('keeps the entry of an address in use, and treats a bare address as a CIDR', async (t) => {
  const id = `${GROUP}/${NETWORK}/publicIPAddresses/mine`
  const frontend = `${GROUP}/${NETWORK}/loadBalancers/mine/frontendIPConfigurations/web`
  const narrowed = (attachedTo: string | null) => {
    const cluster = { authorizedIPRanges: ['20.9.0.5', '203.0.113.0/24'] }
    const snapshot = aByoSnapshot(
      {},
      { cluster, publicIps: [aPublicIp({ id, address: '20.9.0.5', attachedTo })] },
    )
    return titles(cleanUp(snapshot, { delete: [id], narrow: ['20.9.0.5/32'] }))
  }
  t.match(narrowed(null), [/^Delete mine/, /^Remove 20\.9\.0\.5 from/])
  t.strictSame(narrowed(frontend), [])
})

t.test('does not treat an unreadable resource as deleted', async (t) => {
  const unread = (reason: 'denied' | 'not-found') => [
    { what: GATEWAY.id, reason, code: 'AuthorizationFailed', message: 'no' },
  ]
  const said = (reason: 'denied' | 'not-found') =>
    codesOf(cleanUp({ ...aByoSnapshot(), unread: unread(reason) }, { delete: [GATEWAY.id] }))
  t.notOk(said('denied').includes('CLEAN_UP_NOTHING_LEFT'))
  t.ok(said('denied').includes('READ_INCOMPLETE'), 'and it is named')
  t.ok(said('not-found').includes('CLEAN_UP_NOTHING_LEFT'))
})

t.test('reads all resources that a cleanup needs, in any resource group', async (t) => {
  const address = GATEWAY.publicIp.id
  const own = { ...NOTHING, delete: [GATEWAY.id, address], attachments: [MADE, ON_GATEWAY] }
  const asked = { narrow: [], detach: false, delete: [address], jobResources: own }
  const ids = requestReferences({ outboundType: 'loadBalancer' }, undefined, asked)
  t.strictSame(ids.toSorted(), [GATEWAY.id, TABLE, address].toSorted())
  const kinds = requiredReads(aByoSnapshot().cluster, emptyCollection(), ids).map(
    ({ kind, id }) => `${kind} ${id}`,
  )
  for (const each of [`natGateways ${GATEWAY.id}`, `routeTables ${TABLE}`, `publicIPAddresses ${address}`])
    t.ok(kinds.includes(each), each)
})

t.test('the finding is also correct after a change that did not happen', async (t) => {
  const [moves] = findingsOf(
    cleanUp(onRoute(), { attachments: [MADE] }, 'loadBalancer'),
    'CLEAN_UP_MOVES_TRAFFIC',
  )
  t.match(moves?.message, /^This cleanup detaches an egress path that is in use,/)
  t.notMatch(
    `${moves?.message} ${moves?.remedy}`,
    /former path|type was changed/,
    'no change of type came before',
  )
  const stuck = cleanUp(onRoute({}, { outboundType: 'userDefinedRouting' }), {}, 'loadBalancer')
  const [other] = findingsOf(stuck, 'CLEAN_UP_OTHER_TYPE')
  t.match(
    other?.remedy,
    /If that job failed or was canceled, complete .* execute the rollback plan of that job, which moves the traffic back\./,
  )
})

function findingsOf(made: Plan, wanted: string) {
  return made.findings.filter(({ code }) => code === wanted)
}

t.test(
  'does not detach a gateway that replaced another gateway, because the subnet would have no gateway',
  async (t) => {
    const attached = (former: Plan['steps'][number]['does']) => ownedAttachments([aStep(former)])
    const put = {
      kind: 'putResource' as const,
      id: SUBNET,
      apiVersion: '2024-05-01',
      body: null,
      changes: [{ op: 'set' as const, path: '/properties/natGateway', value: { id: GATEWAY.id } }],
    }
    const path = '/properties/natGateway'
    t.strictSame(attached({ ...put, former: [{ op: 'remove', path }] }), [ON_GATEWAY])
    t.strictSame(attached({ ...put, former: [{ op: 'set', path, value: { id: `${GATEWAY.id}-old` } }] }), [])
  },
)

function aStep(does: Plan['steps'][number]['does']): Plan['steps'][number] {
  return { key: 'prepare-subnet-1', title: '', requires: [], does, expects: [], undo: '', undoes: [] }
}
