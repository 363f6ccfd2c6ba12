import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type Answer, type Loose, pathOf, type Simulated, simulated } from './support/simulated.ts'

const FOLDER = new URL('../data/recordings/', import.meta.url)

interface Interaction {
  method: string
  uri: string
  status: number | null
  count?: number
  requestBody: Loose | null
  responseBody: Loose | null
  responseHeaders: Record<string, string>
  note?: string
}

function interactionsOf(file: string): Interaction[] {
  const { interactions } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as {
    interactions: Interaction[]
  }
  return interactions.filter(({ uri }) => !uri.includes('Microsoft.ManagedIdentity'))
}

/** Paths of all members, with list indexes; values are left out. */
function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry, index) => keysOf(entry, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return [path]
  const members = Object.entries(value)
  return members.length === 0 ? [path] : members.flatMap(([name, inner]) => keysOf(inner, `${path}.${name}`))
}

/** Headers that a client can rely on; lengths, dates, and the server's name are irrelevant. */
const COMPARED = [
  'azure-asyncoperation',
  'azure-asyncnotification',
  'location',
  'etag',
  'content-type',
  'retry-after',
  'x-ms-failure-cause',
]

function headersOf(headers: Record<string, string | undefined>): string[] {
  return COMPARED.filter((name) => headers[name] !== undefined)
}

const isCluster = (uri: string) => /managedClusters\/[^/?]+\?/.test(uri)
/** The GUID of an operation URL; a text that is in no recording for any other URL. */
function operationIdOf(url: string): string {
  return /\/operations\/([0-9a-f-]+)/.exec(url)?.[1] ?? 'none'
}
const isOperation = (uri: string) => /\/operations\//.test(uri)

/** A world in which the resource group exists, with the first recorded cluster unless the recording creates it. */
async function given(azure: Simulated, interactions: Interaction[]): Promise<void> {
  const clusters = interactions.filter(({ uri }) => isCluster(uri))
  const creates = clusters.some(({ method, status }) => method === 'PUT' && status === 201)
  const before = creates
    ? undefined
    : clusters.find(({ responseBody }) => responseBody !== null)?.responseBody
  const [, subscription, group] = /subscriptions\/([^/]+)\/resourceGroups\/([^/]+)/.exec(
    interactions.find(({ uri }) => uri.includes('/resourceGroups/'))?.uri ?? '',
  ) as unknown as string[]
  const root = {
    id: `/subscriptions/${subscription}/resourceGroups/${group}`,
    name: group,
    type: 'Microsoft.Resources/resourceGroups',
  }
  // A second address was created in the same way and not recorded.
  const second = {
    id: `${root.id}/providers/Microsoft.Network/publicIPAddresses/cliakstest000004`,
    name: 'cliakstest000004',
    type: 'Microsoft.Network/publicIPAddresses',
    location: 'westus2',
    properties: { provisioningState: 'Succeeded', ipAddress: '20.1.2.3', publicIPAddressVersion: 'IPv4' },
    sku: { name: 'Standard', tier: 'Regional' },
  }
  await azure.ask('POST', '/simulator/reset', {
    resources: [root, second, ...(before === undefined ? [] : [before])],
  })
}

/** The state sequence and forms of one interaction; the operation polled is the one started last. */
async function replay(azure: Simulated, recorded: Interaction, last: Answer | undefined): Promise<Answer> {
  if (isOperation(recorded.uri)) {
    const wanted = recorded.responseBody?.status as unknown as string | undefined
    if (wanted !== 'InProgress') await azure.advance(400)
    return azure.ask('GET', pathOf(last?.headers['azure-asyncoperation']))
  }
  const headers: Record<string, string> =
    recorded.requestBody === null ? {} : { 'content-type': 'application/json' }
  return azure.ask(recorded.method, pathOf(recorded.uri), recorded.requestBody ?? undefined, headers)
}

function states(body: Loose | null): unknown {
  const pools = body?.properties?.agentPoolProfiles as unknown as { provisioningState: string }[] | undefined
  return {
    status: body?.status,
    cluster: body?.properties?.provisioningState,
    pools: pools?.map((pool) => pool.provisioningState),
    outboundType: body?.properties?.networkProfile?.outboundType,
    id: body?.id,
    type: body?.type,
  }
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json') && !name.startsWith('errors')))
  t.test(`answers the requests of ${file} as Azure did`, async (t) => {
    const interactions = interactionsOf(file)
    const hasEtags = JSON.stringify(interactions).includes('"eTag"')
    const azure = simulated(t, { etags: hasEtags ? 'body' : 'none' })
    await given(azure, interactions)
    const started = new Map<string, Answer>()
    let compared = 0
    for (const [index, recorded] of interactions.entries()) {
      const polled = started.get(operationIdOf(recorded.uri))
      // Of some operations only a poll was kept, not the request that started it.
      if (isOperation(recorded.uri) && polled === undefined) continue
      // Before the next request, the recorded client had polled the last write to its end, even if the polls were not
      // kept.
      if (!isOperation(recorded.uri)) await azure.advance(400)
      const isPreempted = interactions[index + 1]?.responseBody?.error !== undefined
      if (isPreempted) await azure.fault({ kind: 'errorInSuccess' })
      const answer = await replay(azure, recorded, polled)
      if (isPreempted) await azure.ask('DELETE', '/simulator/faults')
      started.set(operationIdOf(recorded.responseHeaders['azure-asyncoperation'] ?? ''), answer)
      const name = `${index} ${recorded.method} ${pathOf(recorded.uri).split('?')[0]?.split('/').slice(-2).join('/')}`
      if (recorded.status !== null) t.equal(answer.status, recorded.status, `${name}: status`)
      const isPartial =
        recorded.note?.includes('only the last part') || recorded.note?.includes('present (value')
      if (recorded.responseBody === null || isPartial) continue
      // Where only the operation's URL was kept, nothing is known of the other headers.
      if (recorded.responseHeaders['content-type'] !== undefined)
        t.strictSame(headersOf(answer.headers), headersOf(recorded.responseHeaders), `${name}: headers`)
      t.strictSame(states(answer.body), states(recorded.responseBody), `${name}: states and casing`)
      if (!isCreation(interactions, recorded))
        t.strictSame(keysOf(answer.body).sort(), keysOf(recorded.responseBody).sort(), `${name}: members`)
      compared += 1
    }
    t.ok(compared > 0, 'at least one body was compared')
  })

/** Bodies of clusters that this simulator creates itself hold fewer of the service's defaults: only states are compared. */
function isCreation(interactions: Interaction[], recorded: Interaction): boolean {
  const creates = interactions.some(
    ({ method, status, uri }) => method === 'PUT' && status === 201 && isCluster(uri),
  )
  return creates && isCluster(recorded.uri)
}

for (const file of [
  'aks-preview__test_aks_update_outbound_from_slb_to_natgateway.json',
  'aks-preview__test_aks_create_and_update_with_managed_nat_gateway_outbound.json',
  'aks-preview__test_aks_create_and_update_outbound_ips.json',
  'test_aks_create_loadbalancer_then_update.json',
])
  t.test(`carries the recorded update of ${file} out on the recorded cluster`, async (t) => {
    const all = interactionsOf(file)
    const put = all.findIndex(
      ({ method, status, uri }) => method === 'PUT' && status === 200 && isCluster(uri),
    )
    const before = all.slice(0, put).findLast(({ uri, method }) => isCluster(uri) && method === 'GET')
    const azure = simulated(t, { etags: 'none' })
    await given(azure, [before as Interaction, ...all.slice(put)])
    let started: Answer | undefined
    const seen: unknown[] = []
    for (const recorded of all
      .slice(put)
      .filter(({ method }) => method !== 'DELETE')
      .slice(0, 4)) {
      const answer = await replay(azure, recorded, started)
      started ??= answer
      seen.push(answer.status)
      if (recorded.status !== null) t.equal(answer.status, recorded.status)
      if (recorded.responseBody === null) continue
      if (!isOperation(recorded.uri))
        t.strictSame(
          keysOf(answer.body).sort(),
          keysOf(recorded.responseBody).sort(),
          `${recorded.method}: members`,
        )
      t.strictSame(states(answer.body), states(recorded.responseBody), `${recorded.method}: states`)
      const recordedOrder = Object.keys(recorded.responseBody.properties?.networkProfile ?? {})
      t.strictSame(
        Object.keys(answer.body.properties?.networkProfile ?? {}),
        recordedOrder,
        'order of members',
      )
    }
    t.ok(seen.length >= 3)
  })
