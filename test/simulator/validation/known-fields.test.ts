import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { clusterPath, type Loose, listOf, simulated } from '../support/simulated.ts'

/** The models of the SDK, which its package does not export: their deserializers read every field of a body. */
const models = (await import(
  new URL('models/models.js', import.meta.resolve('@azure/arm-containerservice')).href
)) as { managedClusterDeserializer(body: unknown): unknown }

/** Fields of older versions and previews that bodies in test/data/recordings have and the stable model lacks. */
const RECORDED: Record<string, string[]> = {
  properties: ['enablePodSecurityPolicy'],
  'properties/agentPoolProfiles': ['enableCustomCATrust'],
  'properties/networkProfile': ['dockerBridgeCidr'],
  'properties/networkProfile/loadBalancerProfile': ['clusterServiceLoadBalancerHealthProbeMode'],
  'properties/storageProfile/diskCSIDriver': ['version'],
}

/** The fields that a deserializer reads, by the path of their object; `*` is any key of a map. */
function fieldsOf(deserialize: (body: unknown) => unknown): Record<string, string[]> {
  const fields = new Map<string, Set<string>>()
  const body = (path: string, depth: number): unknown =>
    new Proxy({} as Record<string, unknown>, {
      get: (_target, member) => {
        if (member === Symbol.toPrimitive) return () => '2026-01-01'
        if (typeof member === 'symbol') return undefined
        if (member === 'map') return (read: (item: unknown) => unknown) => [read(body(path, depth))]
        fields.set(path, (fields.get(path) ?? new Set()).add(member))
        // Errors hold errors without an end.
        return /rror$|provisioningInfo/.test(member)
          ? undefined
          : body(path === '' ? member : `${path}/${member}`, depth + 1)
      },
      ownKeys: () => ['*'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    })
  deserialize(body('', 0))
  return Object.fromEntries([...fields].map(([path, members]) => [path, [...members]]))
}

const FILE = new URL('../../../src/simulator/validation/known-fields.json', import.meta.url)

t.test(
  'knows the fields of the stable model and the recorded ones; GOLDEN=write takes them over',
  async (t) => {
    const fields = fieldsOf(models.managedClusterDeserializer)
    for (const [path, members] of Object.entries(RECORDED)) fields[path]?.push(...members)
    const wanted = Object.fromEntries(
      Object.entries(fields).map(([path, members]) => [path, members.join(' ')]),
    )
    if (process.env.GOLDEN === 'write') writeFileSync(FILE, `${JSON.stringify(wanted, null, 2)}\n`)
    t.strictSame(JSON.parse(readFileSync(FILE, 'utf8')), wanted)
  },
)

type Change = (body: Loose) => void
const cases: { name: string; field: string; apiVersion?: string; change: Change }[] = [
  {
    name: 'a misspelled property',
    field: 'addProfile',
    change: (body) => Object.assign(body.properties as object, { addProfile: {} }),
  },
  {
    name: 'a property at the wrong level',
    field: 'agentPoolProfiles',
    change: (body) => Object.assign(body, { agentPoolProfiles: [] }),
  },
  {
    name: 'a property of a pool',
    field: 'shape',
    change: (body) => Object.assign(listOf(body.properties?.agentPoolProfiles)[1] as object, { shape: 1 }),
  },
  {
    name: 'the read-only effective list of a proxy',
    field: 'effectiveNoProxy',
    change: (body) =>
      Object.assign(body.properties as object, {
        httpProxyConfig: { noProxy: [], effectiveNoProxy: ['localhost'] },
      }),
  },
  {
    name: 'the same in a preview',
    field: 'effectiveNoProxy',
    apiVersion: '2026-05-02-preview',
    change: (body) => Object.assign(body.properties as object, { httpProxyConfig: { effectiveNoProxy: [] } }),
  },
  {
    name: 'the namespaces that a preview excludes itself',
    field: 'systemExcludedNamespaces',
    apiVersion: '2026-05-02-preview',
    change: (body) =>
      Object.assign(body.properties as object, {
        safeguardsProfile: { systemExcludedNamespaces: ['kube-system'] },
      }),
  },
  {
    name: 'the SSH access of a pool, as with the pasted version,',
    field: 'sshAccess',
    apiVersion: '2025-10-01',
    change: (body) =>
      Object.assign(listOf(body.properties?.agentPoolProfiles)[0]?.securityProfile as object, {
        sshAccess: 'Disabled',
      }),
  },
  {
    name: 'the SKU of a NAT gateway before its version',
    field: 'sku',
    apiVersion: '2026-05-01',
    change: (body) =>
      Object.assign(body.properties?.networkProfile as object, { natGatewayProfile: { sku: 'Standard' } }),
  },
]

// One simulator for all: what is rejected leaves nothing behind.
const azure = simulated(t)
for (const { name, field, apiVersion, change } of cases)
  t.test(`rejects ${name} with UnmarshalError`, async (t) => {
    const body = await azure.cluster('lb-managed', apiVersion)
    change(body)
    const answer = await azure.put(body, apiVersion === undefined ? {} : { apiVersion })
    t.equal(answer.status, 400)
    t.strictSame(answer.body, {
      code: 'UnmarshalError',
      details: null,
      message: `UnmarshalEntity encountered error: json: unknown field "${field}" Check that the field is in the right location, is spelled correctly, and is supported in the API version. Visit aka.ms/aks/apiversions for more API version information..`,
      subcode: '',
    })
    t.equal(String((await azure.cluster('lb-managed')).properties?.provisioningState), 'Succeeded')
  })

t.test(
  'accepts every demo cluster as it was read, in any letter case, and anything before 2024',
  async (t) => {
    const azure = simulated(t)
    const { value } = (await azure.ask('GET', clusterPath('').replace('/?', '?'))).body
    for (const body of listOf(value)) {
      const name = String(body.name)
      const answer = await azure.put(body)
      t.equal(answer.status, name === 'stopped' ? 409 : 200, `${name}: ${answer.body.message}`)
    }
    await azure.advance(300)
    const body = await azure.cluster('lb-managed')
    t.equal((await azure.put({ ...body, KIND: 'Base' })).status, 200)
    await azure.advance(300)
    const old = { ...(await azure.cluster('lb-managed', '2023-11-01')), anything: true }
    t.equal((await azure.put(old, { apiVersion: '2023-11-01' })).status, 200)
  },
)
