import { readFileSync } from 'node:fs'
import t from 'tap'
import { isTransitionAllowed } from '../../../src/simulator/validation/outbound-type.ts'
import {
  type Loose,
  listOf,
  type Simulated,
  SUBSCRIPTION,
  simulated,
  toOutboundType,
} from '../support/simulated.ts'

const KEYS = [
  'loadBalancer',
  'managedNATGateway',
  'managedNATGatewayV2',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
]
/** The version that has both `managedNATGatewayV2` and `block`. */
const PREVIEW = '2026-05-02-preview'
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network`

/** Everything around a private cluster with cached artifacts, so that only the matrix can stand in the way. */
async function surroundings(
  azure: Simulated,
  kind: 'managed' | 'byo',
): Promise<{ cluster: Loose; rest: Loose[] }> {
  const url = `${NETWORK}/virtualNetworks/vnet-udr-private/subnets/nodes?api-version=2025-01-01`
  const subnet = (await azure.ask('GET', url)).body
  Object.assign(subnet.properties as object, {
    natGateway: { id: `${NETWORK}/natGateways/natgw-lb-byo-nat-ready` },
  })
  if ((await azure.ask('PUT', url, subnet)).status !== 200) throw new Error('the gateway cannot be attached')
  await azure.advance(5)
  const cluster = await azure.cluster(kind === 'managed' ? 'isolated' : 'udr-private')
  Object.assign(cluster.properties as object, { bootstrapProfile: { artifactSource: 'Cache' } })
  const { resources } = (await azure.ask('GET', '/simulator/state')).body
  const rest = listOf(resources).filter(
    (body) => String(body.id).startsWith(NETWORK) || /resourceGroups\/rg-demo$/.test(String(body.id)),
  )
  return { cluster, rest }
}

function clusterOfType(cluster: Loose, key: string): Loose {
  const isV2 = key === 'managedNATGatewayV2'
  const natGatewayProfile = { managedOutboundIPProfile: { count: 1 }, sku: isV2 ? 'StandardV2' : 'Standard' }
  const profiles = key.startsWith('managedNAT') ? { natGatewayProfile } : {}
  return toOutboundType(cluster, isV2 ? 'managedNATGateway' : key, profiles)
}

for (const kind of ['managed', 'byo'] as const)
  for (const from of KEYS)
    t.test(`leaves ${from} in a ${kind} VNet exactly where either edition says so`, async (t) => {
      const azure = simulated(t)
      const { cluster, rest } = await surroundings(azure, kind)
      for (const to of KEYS.filter((key) => key !== from)) {
        const before = clusterOfType(cluster, from)
        const reset = await azure.ask('POST', '/simulator/reset', { resources: [...rest, before] })
        t.equal(reset.status, 200)
        const name = String(cluster.name)
        const answer = await azure.put(toOutboundType(await azure.cluster(name), to), { apiVersion: PREVIEW })
        const isAllowed = isTransitionAllowed('union', kind, from, to)
        t.equal(answer.status, isAllowed ? 200 : 400, `${from} to ${to}: ${answer.body.code}`)
        if (!isAllowed) continue
        await azure.advance(200)
        const after = await azure.cluster(name, PREVIEW)
        t.equal(String(after.properties?.provisioningState), 'Succeeded')
        t.equal(String(after.properties?.networkProfile?.outboundType), to)
        const profile = after.properties?.networkProfile
        const effective = [profile?.loadBalancerProfile, profile?.natGatewayProfile].map(
          (own) => listOf(own?.effectiveOutboundIPs).length,
        )
        const wanted = [to === 'loadBalancer' ? 1 : 0, to.startsWith('managedNAT') ? 1 : 0]
        t.strictSame(effective, wanted, `${from} to ${to}: addresses of the target and no others`)
      }
    })

t.test('has the 32 and the 45 cells of the two editions', async (t) => {
  const text = readFileSync(new URL('../../../src/simulator/validation/matrix.json', import.meta.url), 'utf8')
  const { editions } = JSON.parse(text) as {
    editions: Record<'managed' | 'byo', { rows: Record<string, string[]> }>[]
  }
  const cells = editions.map(
    (edition) => [edition.managed, edition.byo].flatMap(({ rows }) => Object.values(rows).flat()).length,
  )
  t.strictSame(cells, [32, 45])
})
