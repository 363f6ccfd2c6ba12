import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { SETTINGS } from '../src/config/settings.ts'
import { readConfig } from '../src/config.ts'
import { parseAccessPolicy } from '../src/core/access/parse-access-policy.ts'
import { readConfig as readSimulatorConfig } from '../src/simulator/config.ts'
import { serveMetrics } from '../src/telemetry/metrics-server.ts'
import { fakeApp } from './routes/support/fakes.ts'

const FOLDER = fileURLToPath(new URL('../deploy/kubernetes/', import.meta.url))
const OVERLAYS = ['azure', 'simulated']
/** A stop takes at most this long, plus the delay (docs/operations.md, Stopping). */
const MAX_STOP_SECONDS = 25
const MIGRATION_SECONDS = 1_800

/** Any manifest, loosely: an absent member shows in the comparison. */
// biome-ignore lint/suspicious/noExplicitAny: Kubernetes has no types here.
type Manifest = any

function parse(text: string, place: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(`${place}: ${document.errors.join('; ')}`)
    return document.toJS()
  })
}

/** kubectl 1.27 is the first whose kustomize reads everything that the overlays use. */
const isKubectlHere = (() => {
  try {
    const text = execFileSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
    return Number.parseInt(JSON.parse(text).clientVersion.minor, 10) >= 27
  } catch {
    return false
  }
})()

/** What `kubectl apply -k` would send. */
function render(overlay: string): Manifest[] {
  return renderFolder(`overlays/${overlay}`)
}

function renderFolder(folder: string): Manifest[] {
  return parse(execFileSync('kubectl', ['kustomize', FOLDER + folder], { encoding: 'utf8' }), folder)
}

/** Kinds of the Prometheus operator, whose schemas the project does not have. */
const CUSTOM = ['monitoring.coreos.com/v1/ServiceMonitor']

/** How a manifest differs from the schema of its kind in Kubernetes, unknown fields included; needs no cluster. */
async function schemaFaults(manifest: Manifest): Promise<string[]> {
  const kind = `${manifest.apiVersion}/${manifest.kind}`
  if (CUSTOM.includes(kind)) return []
  const { validate } = await import(`kubernetes-models/_schemas/${schemaOf(manifest)}`)
  const read = new Map<string, boolean>()
  if (!validate(watched(manifest, '', read)))
    return validate.errors.map((fault: Manifest) => `${fault.instancePath}: ${JSON.stringify(fault.params)}`)
  return [...read].filter(([, isRead]) => !isRead).map(([path]) => `${path} is no field of ${kind}`)
}

/** The name of a schema in Kubernetes' OpenAPI document: `networking.k8s.io/v1` becomes `IoK8sApiNetworkingV1`. */
function schemaOf({ apiVersion, kind }: Manifest): string {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse()
  return ['io', 'k8s', 'api', group.split('.')[0], version, kind]
    .map((part) => part[0].toUpperCase() + part.slice(1))
    .join('')
}

/**
 * The schemas allow additional members, as the API server does. Their validators read every member that they know, so
 * a member that is not read is unknown.
 */
function watched(value: Manifest, path: string, read: Map<string, boolean>): Manifest {
  if (typeof value !== 'object' || value === null) return value
  for (const name of Object.keys(value)) read.set(`${path}/${name}`, read.get(`${path}/${name}`) ?? false)
  return new Proxy(value, {
    get(target, name) {
      const place = `${path}/${String(name)}`
      if (read.has(place)) read.set(place, true)
      return watched(target[name], place, read)
    },
  })
}

const ofKind = (manifests: Manifest[], kind: string) => manifests.filter((manifest) => manifest.kind === kind)
const labelsMatch = (selector: Manifest, labels: Manifest) =>
  Object.entries(selector).every(([name, value]) => labels?.[name] === value)

/** The environment of a container, with the database of the secret. */
function environmentOf(container: Manifest, manifests: Manifest[]): Record<string, string> {
  const maps = (container.envFrom ?? []).map(({ configMapRef }: Manifest) => {
    const map = ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === configMapRef.name)
    return map?.data ?? {}
  })
  const single = (container.env ?? []).map(({ name, value }: Manifest) => [
    name,
    value ?? 'postgres://user@database/planner?sslmode=verify-full',
  ])
  return Object.assign({}, ...maps, Object.fromEntries(single))
}

t.test('every file is valid YAML', async (t) => {
  const files = globSync('**/*.yaml', { cwd: FOLDER })
  t.ok(files.length > 10)
  for (const file of files) {
    const manifests = parse(readFileSync(FOLDER + file, 'utf8'), file)
    for (const { apiVersion, kind } of manifests) t.ok(apiVersion && kind, file)
  }
})

t.test('every overlay pins the image by digest', async (t) => {
  for (const overlay of OVERLAYS) {
    const file = `${FOLDER}overlays/${overlay}/kustomization.yaml`
    const [{ images }] = parse(readFileSync(file, 'utf8'), file)
    t.match(images, [{ name: 'aks-egress-planner', digest: /^sha256:[0-9a-f]{64}$/ }], overlay)
  }
})

t.test('the schemas of Kubernetes report wrong types, missing members, and unknown fields', async (t) => {
  const metadata = { name: 'api', labels: { any: 'label' } }
  const selector = { matchLabels: { app: 'api' } }
  const container = { name: 'api', image: 'api' }
  const template = (spec: object) => ({ metadata: { labels: { app: 'api' } }, spec })
  const deployment = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
  const valid = { selector, template: template({ containers: [container] }) }
  t.strictSame(await schemaFaults(deployment(valid)), [])
  t.match(await schemaFaults(deployment({ ...valid, replicas: 'two' })), [
    '/spec/replicas: {"type":"integer"}',
  ])
  t.match(await schemaFaults(deployment({ selector })), [/"missingProperty":"template"/])
  const typo = { ...container, livenesProbe: {} }
  t.strictSame(await schemaFaults(deployment({ selector, template: template({ containers: [typo] }) })), [
    '/spec/template/spec/containers/0/livenesProbe is no field of apps/v1/Deployment',
  ])
})

t.test('the images that others publish are pinned by digest', async (t) => {
  const root = new URL('../', import.meta.url)
  const text = readFileSync(new URL('Dockerfile', root), 'utf8')
  const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
  const [{ services }] = parse(
    readFileSync(new URL('docker-compose.yml', root), 'utf8'),
    'docker-compose.yml',
  )
  const pulled = Object.values(services).flatMap(({ image, build }: Manifest) =>
    build === undefined ? [image] : [],
  )
  t.ok(bases.length > 0 && pulled.length > 0)
  for (const image of [...bases, ...pulled]) t.match(image, /:[\w.-]+@sha256:[0-9a-f]{64}$/)
})

t.test('the example of an access policy is valid', async (t) => {
  const text = readFileSync(`${FOLDER}overlays/azure/access-policy.json`, 'utf8')
  t.has(parseAccessPolicy(JSON.parse(text)), { policy: {} })
})

t.ok(isKubectlHere || process.env.CI === undefined, 'CI renders the manifests')
if (!isKubectlHere) t.comment('no kubectl 1.27 or later is installed: the rendered manifests are not checked')

for (const overlay of isKubectlHere ? OVERLAYS : [])
  t.test(`the rendered overlay ${overlay}`, async (t) => {
    const manifests = render(overlay)
    const deployments = ofKind(manifests, 'Deployment')
    const pods = deployments.map(({ spec }) => spec.template)
    const containers = pods.flatMap(({ spec }) => spec.containers)
    const services = containers.filter(({ name }) => name === 'egress-planner')

    t.test('contains only objects that match the schemas of Kubernetes', async (t) => {
      for (const manifest of manifests)
        t.strictSame(await schemaFaults(manifest), [], `${manifest.kind} ${manifest.metadata.name}`)
    })

    t.test('starts one API and one worker deployment with valid settings', async (t) => {
      const roles = services.map((container) => {
        const environment = environmentOf(container, manifests)
        t.strictSame(
          Object.keys(environment).filter((name) => !Object.hasOwn(SETTINGS, name)),
          [],
        )
        return readConfig(environment).role
      })
      t.strictSame(roles.sort(), ['api', 'worker'])
    })

    t.test('names only images with a digest', async (t) => {
      for (const { image } of containers) t.match(image, /@sha256:[0-9a-f]{64}$/)
    })

    t.test('opens the ports that the service listens on', async (t) => {
      for (const container of services) {
        const { role, port, metrics, host } = readConfig(environmentOf(container, manifests))
        const api = role === 'api' ? [{ name: 'http', containerPort: port }] : []
        t.strictSame(container.ports, [...api, { name: 'metrics', containerPort: metrics?.port }])
        t.strictSame([host, metrics?.host], ['0.0.0.0', '0.0.0.0'])
      }
    })

    t.test('probes only pages that exist on their port', async (t) => {
      const { app } = await fakeApp(t)
      const readiness = async () => []
      const options = { host: '127.0.0.1', port: 0, text: async () => '', readiness, logger: { warn() {} } }
      const metrics = await serveMetrics(options)
      t.teardown(() => metrics.close())
      for (const container of services)
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
          const { path, port } = container[probe].httpGet
          t.ok(
            container.ports.some(({ name }: Manifest) => name === port),
            `${probe}: ${port}`,
          )
          const status =
            port === 'http' ? (await app.inject(path)).statusCode : (await fetch(metrics.url + path)).status
          t.equal(status, 200, `${probe}: ${path}`)
        }
      for (const { readinessProbe } of services) t.equal(readinessProbe.httpGet.path, '/readyz')
      for (const { livenessProbe } of services) t.equal(livenessProbe.httpGet.path, '/healthz')
    })

    t.test('gives a pod 30 minutes for the migration of the database', async (t) => {
      for (const { startupProbe: probe } of services)
        t.ok(probe.periodSeconds * probe.failureThreshold >= MIGRATION_SECONDS)
      for (const { metadata, spec } of deployments)
        if (/-(api|worker)$/.test(metadata.name)) t.ok(spec.progressDeadlineSeconds > MIGRATION_SECONDS)
    })

    t.test('gives a pod the time that a stop takes', async (t) => {
      for (const { spec } of pods)
        for (const container of spec.containers.filter(({ name }: Manifest) => name === 'egress-planner')) {
          const { stopDelaySeconds } = readConfig(environmentOf(container, manifests))
          t.ok(spec.terminationGracePeriodSeconds >= MAX_STOP_SECONDS + stopDelaySeconds)
        }
    })

    t.test('runs every container without privileges and with limited memory', async (t) => {
      for (const { spec } of pods) {
        t.match(spec.securityContext, {
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
        })
        t.equal(spec.automountServiceAccountToken, false)
      }
      for (const { securityContext, resources } of containers) {
        t.strictSame(securityContext, {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        })
        t.match(resources, { requests: { cpu: /\d/, memory: /\d/ }, limits: { memory: /\d/ } })
      }
      // The heap limit of the image's command must fit into the limit of the container.
      const heap = /--max-old-space-size=(\d+)/.exec(
        readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8'),
      )
      for (const { resources } of services)
        t.ok(Number.parseInt(resources.limits.memory, 10) > Number(heap?.[1]))
    })

    t.test('selects existing pods with every selector', async (t) => {
      const matches = (selector: Manifest) =>
        pods.some(({ metadata }) => labelsMatch(selector, metadata.labels))
      for (const { spec, metadata } of ofKind(manifests, 'Service'))
        t.ok(matches(spec.selector), metadata.name)
      for (const { spec, metadata } of ofKind(manifests, 'PodDisruptionBudget'))
        t.ok(matches(spec.selector.matchLabels), metadata.name)
      for (const { spec, metadata } of ofKind(manifests, 'NetworkPolicy'))
        t.ok(matches(spec.podSelector.matchLabels), metadata.name)
      for (const { spec, metadata } of deployments)
        t.ok(labelsMatch(spec.selector.matchLabels, spec.template.metadata.labels), metadata.name)
      for (const { spec } of ofKind(manifests, 'HorizontalPodAutoscaler')) {
        const target = deployments.find(({ metadata }) => metadata.name === spec.scaleTargetRef.name)
        t.ok(target, 'the autoscaler has a deployment')
        t.equal(target?.spec.replicas, undefined, 'whose replicas it alone sets')
      }
      for (const { spec } of ofKind(manifests, 'ServiceMonitor')) {
        const scraped = ofKind(manifests, 'Service').filter(({ metadata }) =>
          labelsMatch(spec.selector.matchLabels, metadata.labels),
        )
        t.equal(scraped.length, 1)
        t.strictSame(
          spec.endpoints.map(({ port }: Manifest) => port),
          scraped[0].spec.ports.map(({ name }: Manifest) => name),
        )
      }
    })

    t.test('isolates every pod in both directions', async (t) => {
      for (const { metadata } of pods) {
        const types = ofKind(manifests, 'NetworkPolicy')
          .filter(({ spec }) => labelsMatch(spec.podSelector.matchLabels, metadata.labels))
          .flatMap(({ spec }) => spec.policyTypes)
        t.strictSame([...new Set(types)].sort(), ['Egress', 'Ingress'])
      }
    })

    t.test('mounts only volumes and config maps that exist', async (t) => {
      const maps = ofKind(manifests, 'ConfigMap').map(({ metadata }) => metadata.name)
      for (const { spec } of pods) {
        const volumes = spec.volumes ?? []
        for (const { volumeMounts = [] } of spec.containers)
          for (const { name } of volumeMounts)
            t.ok(
              volumes.some((volume: Manifest) => volume.name === name),
              name,
            )
        for (const { configMap } of volumes)
          if (configMap) t.ok(maps.includes(configMap.name), configMap.name)
      }
    })
  })

if (isKubectlHere) {
  t.test('the base without an overlay matches the schemas of Kubernetes', async (t) => {
    for (const manifest of renderFolder('base'))
      t.strictSame(await schemaFaults(manifest), [], `${manifest.kind} ${manifest.metadata.name}`)
  })

  t.test('pods in Azure sign in with workload identity', async (t) => {
    const manifests = render('azure')
    const [account] = ofKind(manifests, 'ServiceAccount')
    t.match(account.metadata.annotations, { 'azure.workload.identity/client-id': /^[0-9a-f-]{36}$/ })
    for (const { spec } of ofKind(manifests, 'Deployment')) {
      t.equal(spec.template.metadata.labels['azure.workload.identity/use'], 'true')
      t.equal(spec.template.spec.serviceAccountName, account.metadata.name)
    }
  })

  t.test('the simulator of the trial has valid settings, and the service calls its port', async (t) => {
    const manifests = render('simulated')
    const containers = ofKind(manifests, 'Deployment').flatMap(({ spec }) => spec.template.spec.containers)
    const simulator = containers.find(({ name }) => name === 'simulator')
    const { port, host, stateFile } = readSimulatorConfig(environmentOf(simulator, manifests))
    t.strictSame([host, stateFile], ['0.0.0.0', undefined])
    t.strictSame(simulator.ports, [{ name: 'arm', containerPort: port }])
    const [{ spec, metadata }] = ofKind(manifests, 'Service').filter(
      ({ spec }) => spec.ports[0].name === 'arm',
    )
    const planner = containers.find(({ name }) => name === 'egress-planner')
    t.equal(environmentOf(planner, manifests).ARM_ENDPOINT, `http://${metadata.name}:${spec.ports[0].port}`)
  })
}
