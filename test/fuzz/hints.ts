import fc, { type Arbitrary } from 'fast-check'
import { DEMO_CLUSTERS, DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { OPERATIONS } from './document/operations.ts'
import type { Template } from './document/template.ts'

const GROUP_ID = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers`
const networkId = (kind: string, name: string) => `${GROUP_ID}/Microsoft.Network/${kind}/${name}`
const clusterName = fc.constantFrom(...DEMO_CLUSTERS)
const clusterId = clusterName.map((name) => `${GROUP_ID}/Microsoft.ContainerService/managedClusters/${name}`)
const publicIpId = fc
  .constantFrom(
    'pip-natgw-lb-byo-nat-ready',
    'pip-lb-own-ips-1',
    'pip-lb-own-ips-2',
    'pip-fw-hub-1',
    'pip-none',
  )
  .map((name) => networkId('publicIPAddresses', name))
const inSeconds = (...seconds: number[]) => fc.constantFrom(...seconds).map(($now) => ({ $now }))
const time = fc.oneof(
  inSeconds(-3_600, -10, 10, 3_600),
  fc.constantFrom('2026-09-01T00:00:00Z', '2026-09-02T00:00:00+02:00'),
)

const loadBalancerCluster = fc.constantFrom(...DEMO_CLUSTERS.filter((name) => name.startsWith('lb-')))

const ALWAYS_OPEN = {
  daysOfWeek: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  startTime: '00:00',
  durationHours: 24,
}

/**
 * Facts that a schema cannot express: names that exist in the demo fleet, times in the near future, conditions with
 * their own grammar. The key is the end of the path of names that leads to a value, such as `cluster.name`. `[]` is
 * an item of a list. No request needs a hint, except for patterns that fast-check does not read; hints only make more
 * requests succeed.
 */
const HINTS: Record<string, Arbitrary<Template>> = {
  subscriptionId: fc.constant(DEMO_SUBSCRIPTION),
  resourceGroup: fc.constant(DEMO_GROUP),
  clusterName,
  'cluster.name': clusterName,
  'cluster.id': clusterId,
  'query.cluster': clusterId,
  select: fc.oneof(
    clusterId.map((id): Template => ({ ids: [id] })),
    // One cluster, because a cluster stays in its campaign until a user cancels it.
    clusterName.map((name): Template => ({ filter: { name } })),
  ),
  // Of other bodies, one in a hundred is accepted: most members exclude each other or have no cluster left.
  'createCampaign.body': loadBalancerCluster.chain((name) =>
    fc.constantFrom<Template>([{}], [{ gate: 'manual' }]).map((waves) => ({
      name: 'fuzz',
      select: { filter: { name } },
      target: { outboundType: name.includes('byo') ? 'userAssignedNATGateway' : 'managedNATGateway' },
      waves,
    })),
  ),
  // A target that the support matrix rules out for all selected clusters is rejected.
  'createCampaign.body.select': loadBalancerCluster.map((name): Template => ({ filter: { name } })),
  'createCampaign.body.target': fc.constantFrom<Template>(
    { outboundType: 'managedNATGateway' },
    { outboundType: 'userAssignedNATGateway' },
    { outboundType: 'userDefinedRouting' },
  ),
  // Most other members exclude each other or the action.
  'actOnCampaign.body': fc.constantFrom<Template>(
    { action: 'pause' },
    { action: 'cancel' },
    { action: 'cancel', reason: 'CHG-1234' },
  ),
  targetRules: fc.constantFrom<Template>(
    [],
    [{ where: { subscriptionId: DEMO_SUBSCRIPTION }, target: { outboundType: 'loadBalancer' } }],
  ),
  // Otherwise hardly any waves divide the selection.
  waves: fc.constantFrom<Template>([{}], [{}], [{ gate: 'manual' }], [{ count: 1 }, {}]),
  'outboundIpIds[]': publicIpId,
  'prepare.natGateway.id': fc
    .constantFrom('natgw-lb-byo-nat-ready', 'natgw-lb-byo-two-subnets', 'natgw-none')
    .map((name) => networkId('natGateways', name)),
  'endpoints[]': fc.constantFrom('https://example.com/', 'https://partner.example.com:8443/health'),
  sourceAddressUrl: fc.constant('https://ip.example.com/'),
  nextHopIpAddress: fc.constant('10.200.0.4'),
  'addresses[]': fc.constantFrom('203.0.113.7', '198.51.100.0/24', '2001:db8::7'),
  acknowledge: fc.constant({ $take: 'acknowledgementsRequired' }),
  labels: fc.constantFrom<Template>(
    { team: 'payments' },
    { team: 'search', wave: '1' },
    {},
    { 'no name': '' },
  ),
  'query.label': fc.constantFrom('team', 'team=payments', 'wave=1', 'none', '=', 'team=no value'),
  // A job that begins later can still be rescheduled when the lane comes to it.
  notBefore: inSeconds(-60, 1, 2, 600),
  giveUpAt: inSeconds(900, 1_800),
  window: fc.constantFrom<Template>(
    { ...ALWAYS_OPEN, utcOffset: '+00:00' },
    { ...ALWAYS_OPEN, timeZone: 'Europe/Berlin' },
    { ...ALWAYS_OPEN, timeZone: 'Nowhere/None' },
    'cluster',
  ),
  // Or there would be hardly a job that can be released.
  holdBeforeCutOver: fc.constantFrom(true, true, true, false),
  'query.cursor': fc.constant({ $take: 'next' }),
  'query.createdAfter': time,
  'query.createdBefore': time,
  'listAudit.query.from': time,
  'listAudit.query.to': time,
  'query.operation': fc.constantFrom(...OPERATIONS.map(({ id }) => id)),
  'query.actor': fc.constant('anonymous'),
  'query.createdBy': fc.constant('anonymous'),
  'header.Idempotency-Key': fc.nat(3).map(($key) => ({ $key })),
  'header.If-None-Match': fc.constantFrom<Template>(
    { $take: 'etag' },
    { $take: 'etag' },
    '*',
    '"1"',
    'W/"1", "2"',
  ),
  'header.Prefer': fc.constantFrom(
    'wait=1',
    'wait=0',
    'respond-async, wait="1"',
    'wait=1; x, return=minimal',
  ),
  'header.Last-Event-ID': fc.nat(20).map(String),
}

/** Operations that no request of this run can make succeed, with the reason. */
export const NEVER_SUCCEEDS: Record<string, string> = {}

/** Names of ids that lead to something, as the paths of the document have them. */
const IDS = new Set(
  OPERATIONS.flatMap(({ parameters }) => parameters.filter((each) => each.in === 'path')).map(
    ({ name }) => name,
  ),
)

/** What is known of the value at a path of names; null where its schema has to say all. */
export function hintAt(at: string): Arbitrary<Template> | null {
  const parts = at.split('.')
  for (const [index] of parts.entries()) {
    const hint = HINTS[parts.slice(index).join('.')]
    if (hint !== undefined) return hint
  }
  return isId(at) ? fc.constant({ $take: parts.at(-1) ?? '' }) : null
}

/** An id in a body or a query is that of the path of the same name: taken from earlier answers. */
export function isId(at: string): boolean {
  const last = at.split('.').at(-1) ?? ''
  return IDS.has(last) && last.endsWith('Id') && !(last in HINTS)
}
