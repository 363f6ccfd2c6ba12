import fc from 'fast-check'
import t from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import type { Json, JsonObject } from '../../../src/contract/json.ts'
import type { FieldChange } from '../../../src/contract/steps.ts'
import { anyCharacter } from '../../support/any-character.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { recordedBodies } from '../recordings.ts'
import { armServer, REF, type Test } from '../support/arm-server.ts'
import { CHANGES_BY_TARGET } from '../support/planned-changes.ts'

/**
 * A PUT sends the bytes of the GET without the fields that ARM does not accept, and with only the planned paths
 * changed. The fields that ARM does not accept are listed here a second time. They come from the recordings and not
 * from the code.
 */
const TOP = ['id', 'name', 'type', 'systemData', 'eTag', 'etag']
const PROPERTIES = [
  'provisioningState',
  'powerState',
  'maxAgentPools',
  'currentKubernetesVersion',
  'fqdn',
  'privateFQDN',
  'azurePortalFQDN',
  'controlPlanePluginProfiles',
  'resourceUID',
  'status',
]
const POOL = ['eTag', 'provisioningState', 'currentOrchestratorVersion', 'nodeImageVersion', 'status']

function without(object: JsonObject | undefined, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([key]) => !keys.includes(key)))
}

function expectedBody(read: JsonObject): JsonObject {
  const body = without(read, TOP)
  const properties = without(body.properties as JsonObject, PROPERTIES)
  body.properties = properties
  properties.agentPoolProfiles = (properties.agentPoolProfiles as JsonObject[]).map((pool) =>
    without(pool, POOL),
  )
  const network = { ...(properties.networkProfile as JsonObject) }
  properties.networkProfile = network
  for (const key of ['loadBalancerProfile', 'natGatewayProfile']) {
    if (network[key] !== undefined)
      network[key] = without(network[key] as JsonObject, ['effectiveOutboundIPs'])
  }
  const identity = without(body.identity as JsonObject, ['principalId', 'tenantId'])
  const identities = Object.entries((identity.userAssignedIdentities ?? {}) as JsonObject)
  if (identities.length > 0) {
    identity.userAssignedIdentities = Object.fromEntries(
      identities.map(([id, value]) => [id, without(value as JsonObject, ['principalId', 'clientId'])]),
    )
  }
  body.identity = identity
  return body
}

/** Every leaf of a body by its pointer, so that bodies can be compared path by path. */
function leaves(
  value: Json | undefined,
  pointer = '',
  found = new Map<string, string>(),
): Map<string, string> {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    for (const [key, child] of Object.entries(value)) leaves(child, `${pointer}/${key}`, found)
  } else {
    found.set(pointer, JSON.stringify(value))
  }
  return found
}

/** The paths at which two bodies differ. */
function differences(before: JsonObject, after: JsonObject): string[] {
  const [left, right] = [leaves(before), leaves(after)]
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => left.get(path) !== right.get(path))
}

/** A path may differ when a change names it, something around it, or something in it. */
function isPlanned(path: string, changes: FieldChange[]): boolean {
  return changes.some(
    (change) =>
      path === change.path || path.startsWith(`${change.path}/`) || change.path.startsWith(`${path}/`),
  )
}

function valueAt(body: JsonObject, path: string): Json | undefined {
  return path
    .slice(1)
    .split('/')
    .reduce<Json | undefined>((value, key) => (value as JsonObject | undefined)?.[key], body)
}

const RECORDED = recordedBodies('Microsoft.ContainerService/managedClusters')

async function roundTrip(t: Test) {
  const state = { body: {} as JsonObject }
  const server = await armServer(t, ({ method }) =>
    method === 'GET' ? { status: 200, body: state.body } : { status: 200, body: {} },
  )
  const arm = connectArm({ endpoint: server.endpoint, simulated: true })
  return async (body: JsonObject, changes: FieldChange[]) => {
    state.body = body
    server.seen.length = 0
    await arm.startClusterUpdate({
      ref: REF,
      apiVersion: '2026-06-01',
      changes,
      discoveredEgress: ['30.1.2.3'],
      beforeSend: async () => {},
    })
    const [get, put] = server.seen
    if (server.seen.length !== 2 || get?.method !== 'GET' || put?.method !== 'PUT')
      throw new Error('not one GET and one PUT')
    return { put, text: put.body, sent: JSON.parse(put.body) as JsonObject }
  }
}

t.test(
  'a PUT without changes is the recorded GET without its read-only fields, in the same order',
  async (t) => {
    const send = await roundTrip(t)
    for (const { from, body } of RECORDED) {
      const { text } = await send(body, [])
      t.equal(text, JSON.stringify(expectedBody(body)), from)
    }
  },
)

t.test('a PUT to every legal target differs from that in the planned paths only', async (t) => {
  const send = await roundTrip(t)
  for (const { from, body } of RECORDED) {
    for (const [target, changes] of Object.entries(CHANGES_BY_TARGET)) {
      const { sent } = await send(body, changes)
      const unplanned = differences(expectedBody(body), sent).filter((path) => !isPlanned(path, changes))
      t.strictSame(unplanned, [], `${target} from ${from}`)
      for (const change of changes) {
        if (change.op === 'set') t.strictSame(valueAt(sent, change.path), change.value)
        if (change.op === 'remove') t.equal(valueAt(sent, change.path), undefined)
      }
      const ranges = valueAt(sent, '/properties/apiServerAccessProfile/authorizedIPRanges')
      if (target === 'wider ranges')
        t.match(ranges, (ranges as Json[]).slice(0, -2).concat(['20.1.2.3/32', '30.1.2.3/32']))
    }
  }
})

t.test('sends unknown properties unchanged at every depth', async (t) => {
  const send = await roundTrip(t)
  const places = (body: JsonObject) => {
    const properties = body.properties as JsonObject
    const network = properties.networkProfile as JsonObject
    const [pool] = properties.agentPoolProfiles as JsonObject[]
    return [
      body,
      properties,
      network,
      pool,
      properties.servicePrincipalProfile,
      body.sku,
      body.identity,
    ] as JsonObject[]
  }
  const key = fc.string({ minLength: 1, maxLength: 12, unit: anyCharacter }).map((text) => `unknown${text}`)
  const injections = fc.array(fc.tuple(fc.nat(6), key, fc.jsonValue({ maxDepth: 3 })), {
    minLength: 1,
    maxLength: 5,
  })
  const cluster = fc.integer({ min: 0, max: RECORDED.length - 1 })
  const target = fc.constantFrom(...Object.keys(CHANGES_BY_TARGET))
  await fc.assert(
    fc.asyncProperty(cluster, target, injections, async (index, name, injected) => {
      const body = structuredClone(RECORDED[index]!.body)
      for (const [place, unknownKey, value] of injected) places(body)[place]![unknownKey] = value as Json
      const asSent = JSON.parse(JSON.stringify(body)) as JsonObject
      const changes = CHANGES_BY_TARGET[name]!
      const { sent } = await send(asSent, changes)
      return differences(expectedBody(asSent), sent).every((path) => isPlanned(path, changes))
    }),
    { numRuns: propertyRuns(0.2) },
  )
})

t.test('If-Match is the ETag of the body in either spelling, and is absent without an ETag', async (t) => {
  const send = await roundTrip(t)
  for (const { from, body } of RECORDED) {
    const { put } = await send(body, [])
    t.equal(put.headers['if-match'], body.etag ?? body.eTag, from)
    t.equal('if-match' in put.headers, (body.etag ?? body.eTag) !== undefined)
    t.equal(put.headers['content-type'], 'application/json')
    t.equal(put.headers.authorization, undefined)
    t.match(put.url, /managedClusters\/one\?api-version=2026-06-01$/)
  }
  t.equal((await send({ ...RECORDED[0]!.body, eTag: 'W/"1"' }, [])).put.headers['if-match'], 'W/"1"')
})
