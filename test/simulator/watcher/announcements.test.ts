import t from 'tap'
import { type ExecutedPlan, unannounced, type WatcherIncident } from '../../support/watcher.ts'

const CLUSTER = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c'
const ADDRESS = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/a'

function incident(kind: string, rest: Partial<WatcherIncident> = {}): WatcherIncident {
  const request = { method: 'PUT', path: '/x', userAgent: 'azsdk-js-arm-network/39.0.0' }
  const cause = { request, operation: null }
  return {
    kind,
    cluster: CLUSTER,
    subnet: null,
    address: null,
    resource: null,
    wasInUse: true,
    detail: '',
    cause,
    ...rest,
  }
}

/** A plan with acknowledged findings, and with a row of the ledger for 20.70.0.1. */
function plan(
  findings: Record<string, object>,
  row: { change?: string; recoverable?: boolean } = {},
  rest: object = {},
): ExecutedPlan {
  return {
    cluster: { id: CLUSTER.toUpperCase() },
    findings: Object.entries(findings).map(([code, facts]) => ({ code, facts })),
    acknowledgementsRequired: Object.keys(findings),
    egressIps: [{ address: '20.70.0.1', change: 'lost', recoverable: false, ...row }],
    resourceChanges: [],
    ...rest,
  } as unknown as ExecutedPlan
}

const deleted = incident('addressDeleted', { address: '20.70.0.1', resource: ADDRESS })
const bypassed = { ...deleted, wasInUse: false }
const LOST = { EGRESS_IP_LOST: { addresses: ['20.70.0.1'] } }
const deletion = { egressIps: [], resourceChanges: [{ action: 'delete', id: ADDRESS.toLowerCase() }] }

const CASES: [name: string, incident: WatcherIncident, plan: ExecutedPlan, isAnnounced: boolean][] = [
  ['an address that is lost and acknowledged', deleted, plan(LOST), true],
  ['an address that is lost without an acknowledgement', deleted, plan({}), false],
  ['an acknowledgement for other addresses', deleted, plan({ EGRESS_IP_LOST: { addresses: [] } }), false],
  ['a lost address that can be recovered', deleted, plan({}, { recoverable: true }), true],
  ['an address that is kept', deleted, plan(LOST, { change: 'kept' }), false],
  ['an address of which some are lost', deleted, plan(LOST, { change: 'unknown' }), true],
  ['an address in use whose resource is deleted', deleted, plan({}, {}, deletion), false],
  ['an address out of use whose resource is deleted', bypassed, plan({}, {}, deletion), true],
  [
    'the API server with unknown addresses',
    incident('apiServerLost'),
    plan({ AUTHORIZED_RANGES_TARGET_UNKNOWABLE: {} }),
    true,
  ],
  ['the API server of a plan that says nothing of it', incident('apiServerLost'), plan(LOST), false],
  [
    'the API server of another cluster',
    incident('apiServerLost', { cluster: `${CLUSTER}-2` }),
    plan({ AUTHORIZED_RANGES_TARGET_UNKNOWABLE: {} }),
    false,
  ],
  ['egress of an isolated cluster', incident('egressLost'), plan({ ISO_WORKLOADS_LOSE_INTERNET: {} }), true],
  ['egress of any other cluster', incident('egressLost'), plan(LOST), false],
  [
    'a rule without a frontend',
    incident('ruleWithoutFrontend', { resource: '/rules/svc' }),
    plan(LOST),
    false,
  ],
]

t.test('an incident is announced by an executed plan, or is reported', async (t) => {
  for (const [name, found, executed, isAnnounced] of CASES)
    t.equal(unannounced([found], [executed]).length, isAnnounced ? 0 : 1, name)
  t.equal(unannounced([deleted], []).length, 1, 'no plan at all')
})

t.test('counts only requests of the service and operations with an unknown origin', async (t) => {
  const by = (userAgent: string | null) => ({
    ...deleted,
    cause: { request: { method: 'PUT', path: '/x', userAgent }, operation: null },
  })
  t.strictSame(unannounced([by('node'), by(null)], []), [])
  t.equal(unannounced([{ ...deleted, cause: { request: null, operation: null } }], []).length, 1)
})
