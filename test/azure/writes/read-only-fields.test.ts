import { readFileSync } from 'node:fs'
import t from 'tap'
import { toWritableBody } from '../../../src/azure/writes/start-write.ts'
import type { Json, JsonObject } from '../../../src/contract/json.ts'

const ROOT = new URL('../../../', import.meta.url)
const CONTAINER_SERVICE = 'node_modules/@azure/arm-containerservice'

interface Property {
  name: string
  type: string
  isReadOnly: boolean
}

/** The interfaces of the SDK's models, each with the properties that it inherits. */
function sdkModels(file: string): Map<string, Property[]> {
  const text = readFileSync(new URL(file, ROOT), 'utf8')
  const models = new Map<string, Property[]>()
  for (const [, name = '', base, body = ''] of text.matchAll(
    /export interface (\w+)(?: extends (\w+))? \{\n([\s\S]*?)\n\}/g,
  )) {
    const own = [...body.matchAll(/^ {4}(readonly )?(\w+)\??: (.+);$/gm)].map(
      ([, isReadOnly, property = '', type = '']) => ({
        name: property,
        type,
        isReadOnly: isReadOnly !== undefined,
      }),
    )
    models.set(name, [...(base === undefined ? [] : [{ name: '', type: base, isReadOnly: false }]), ...own])
  }
  const inherited = (name: string): Property[] =>
    (models.get(name) ?? []).flatMap((property) =>
      property.name === '' ? inherited(property.type) : [property],
    )
  return new Map([...models.keys()].map((name) => [name, inherited(name)]))
}

const MODELS = sdkModels(`${CONTAINER_SERVICE}/dist/esm/models/models.d.ts`)

/** A body of a model with every property set, the read-only ones to `read-only`. */
function sample(type: string, parents: string[] = []): Json {
  const list = /^(\w+)\[\]$/.exec(type)?.[1]
  if (list !== undefined) return [sample(list, parents)]
  const map = /^Record<string, (\w+)/.exec(type)?.[1]
  if (map !== undefined) return { key: sample(map, parents) }
  const model = MODELS.get(type)
  if (model === undefined || parents.includes(type)) return 'writable'
  return Object.fromEntries(
    model.map(({ name, type: of, isReadOnly }) => [
      name,
      isReadOnly ? 'read-only' : sample(of, [...parents, type]),
    ]),
  )
}

/** The pointers of all values that are this text. */
function pathsOf(value: Json | undefined, text: string, path = ''): string[] {
  if (value === text) return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => pathsOf(child, text, `${path}/${key}`))
}

/** A cluster with every property that the SDK knows, in ARM's form: the SDK's own has `properties` flattened. */
function aWholeCluster(): JsonObject {
  const { properties, ...top } = sample('ManagedCluster') as JsonObject
  return {
    ...top,
    properties: { ...(sample('ManagedClusterProperties') as JsonObject), ...(properties as object) },
  }
}

t.test('omits every property that the SDK marks as read-only and sends every other property', async (t) => {
  const body = aWholeCluster()
  const readOnly = pathsOf(body, 'read-only').filter((path) => path.startsWith('/properties/'))
  t.ok(readOnly.length > 15, `${readOnly.length} read-only properties`)
  const sent = toWritableBody(body, 'managedCluster')
  t.strictSame(
    pathsOf(sent, 'read-only').filter((path) => path.startsWith('/properties/')),
    [],
  )
  // The CLI leaves it out, and the SDK does not mark it.
  const isKept = (path: string) => !path.endsWith('/nodeImageVersion')
  const writable = pathsOf(body, 'writable').filter((path) => path.startsWith('/properties/') && isKept(path))
  t.strictSame(
    pathsOf(sent, 'writable').filter((path) => path.startsWith('/properties/') && isKept(path)),
    writable,
  )
})

t.test('the source of the list is the installed version of the SDK', async (t) => {
  const { version } = JSON.parse(readFileSync(new URL(`${CONTAINER_SERVICE}/package.json`, ROOT), 'utf8'))
  const data = readFileSync(new URL('src/azure/writes/read-only-fields.json', ROOT), 'utf8')
  t.match(data, `@azure/arm-containerservice ${version}`)
})

t.test('read-only properties of preview versions are left out, and their neighbors are sent', async (t) => {
  const file = new URL('test/data/arm-bodies/read-only-properties.json', ROOT)
  const { httpProxyConfig, previewOnly } = JSON.parse(readFileSync(file, 'utf8'))
  const properties = {
    httpProxyConfig,
    ...previewOnly,
    safeguardsProfile: { level: 'Warning', ...previewOnly.safeguardsProfile },
  }
  const { effectiveNoProxy: _dropped, ...proxy } = httpProxyConfig
  t.strictSame(toWritableBody({ properties }, 'managedCluster'), {
    properties: { httpProxyConfig: proxy, safeguardsProfile: { level: 'Warning' } },
  })
  const ingressProfile = {
    applicationLoadBalancer: { enabled: true, identity: { resourceId: '/i' } },
    webAppRouting: { enabled: true, identity: {}, defaultDomain: { enabled: true, domainName: 'x' } },
  }
  t.strictSame(toWritableBody({ properties: { ingressProfile } }, 'managedCluster'), {
    properties: {
      ingressProfile: {
        applicationLoadBalancer: { enabled: true },
        webAppRouting: { enabled: true, defaultDomain: { enabled: true } },
      },
    },
  })
})
