import ipaddr from 'ipaddr.js'
import type { EndpointNeed, RequiredEndpoint } from '../../contract/routing.ts'
import { equalsArm } from '../arm/words.ts'
import { foldCase } from '../lib/fold-case.ts'
import type { ClusterFacts, ProxyServer } from '../snapshot/snapshot.ts'
import {
  isReadDifferently,
  isSafeProxyUrl,
  PROXY_HOST,
  proxyNotes,
  proxyServers,
  routeOf,
} from './http-proxy.ts'

/** One endpoint as the script probes it. Every text was validated, but the script quotes it nevertheless. */
export interface ProbeTarget {
  protocol: 'https' | 'http'
  host: string
  port: number
  path: string
  origin: 'required' | 'apiServer' | 'requested' | 'httpProxy'
  need: EndpointNeed
  /** The HTTP proxy that the request passes, such as `http://10.1.2.3:3128`; absent for a direct request. */
  proxy?: string
}

/** The required properties of an endpoint. */
type NeededEndpoint = Pick<RequiredEndpoint, 'destination' | 'kind' | 'port' | 'protocol' | 'need'>

export interface ProbeTargets {
  targets: ProbeTarget[]
  sourceAddressUrl: string | null
  /** The HTTP proxy that the request for the source address passes; absent for a direct request. */
  sourceProxy?: string
  /** Nodes have addresses of both families. */
  isDualStack?: true
  /** Nodes trust the authority of their HTTP proxy, so certificates of this authority are expected. */
  trustsProxy?: boolean
  /** The endpoints that are not probed, with the reasons. */
  notes: string[]
}

/** So that one line for each endpoint fits into the 4,096 bytes that run-command returns. */
export const MAX_TARGETS = 70

const HOST = /^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))+$/i
const PATH = /^\/[A-Za-z0-9._~/-]*$/

/** Whether no text of a target contains characters with a special meaning in a shell or in the header of the script. */
export function isSafeTarget(target: Omit<ProbeTarget, 'need' | 'protocol'>): boolean {
  const { host, path, port, origin, proxy } = target
  return (
    (origin === 'httpProxy' ? PROXY_HOST : HOST).test(host) &&
    (proxy === undefined || isSafeProxyUrl(proxy)) &&
    host.length <= 253 &&
    PATH.test(path) &&
    Number.isInteger(port) &&
    port > 0 &&
    port <= 65_535
  )
}

/** A sentence for clusters whose nodes need no egress to the endpoints of AKS (network-isolated). */
export function isolationNotes({ artifactSource }: Pick<ClusterFacts, 'artifactSource'>): string[] {
  return equalsArm(artifactSource, 'Cache')
    ? [
        'Nodes get the images of AKS from a container registry (`bootstrapProfile.artifactSource` is `Cache`). In a network-isolated cluster, failed readings of endpoints that AKS requires are expected.',
      ]
    : []
}

/** Names that no public DNS server resolves. They refer to hosts in the network of the host that resolves them. */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|localdomain|home\.arpa|svc|internal\.cloudapp\.net)$/i

/** The text itself is checked, not the parsed URL: parsers remove tabs and line feeds. */
const URL_TEXT = /^https:\/\/([A-Za-z0-9.-]+)(:[1-9][0-9]{0,4})?(\/[A-Za-z0-9._~/-]*)?$/

/**
 * The reason why nodes must not call this URL, as a sentence; null if they may. A URL with an address could refer to
 * the metadata service or to another host in the network of the node.
 */
export function rejectedProbeUrl(text: string): string | null {
  if (!URL_TEXT.test(text))
    return 'Use an https URL with a DNS name and a plain path, without user and query.'
  const url = URL.parse(text)
  if (url === null || !isSafeTarget(toTarget(url))) return 'The URL has no valid DNS name.'
  if (ipaddr.isValid(url.hostname)) return 'The URL must contain a DNS name, not an IP address.'
  return LOCAL_NAME.test(url.hostname) ? 'The name belongs to a local network.' : null
}

function toTarget(url: URL): ProbeTarget {
  return {
    protocol: 'https',
    host: url.hostname,
    port: url.port === '' ? 443 : Number(url.port),
    path: url.pathname,
    origin: 'requested',
    need: 'required',
  }
}

/** All endpoints that nodes of this cluster probe: first the API server, then the HTTP proxy. */
export function probeTargets(
  { features: { httpProxy }, ipFamilies }: Pick<ClusterFacts, 'features' | 'ipFamilies'>,
  apiServerHost: string | null,
  required: NeededEndpoint[],
  options: { endpoints?: string[] | undefined; sourceAddressUrl?: string | undefined },
): ProbeTargets {
  const { endpoints = [], sourceAddressUrl = '' } = options
  const toRoute = (request: Pick<ProbeTarget, 'protocol' | 'host' | 'port'>) =>
    routeOf(httpProxy, request, apiServerHost)
  const proxies = proxyServers(httpProxy).map(proxyTarget)
  const listed = required.flatMap((endpoint) => fromRequired(endpoint, apiServerHost))
  const wished = endpoints.flatMap((text) => requested(text) ?? [])
  const distinctTargets = distinct([
    ...(apiServerHost === null ? [] : [apiServer(apiServerHost)]),
    ...listed.filter(({ need }) => need === 'required'),
    ...wished,
    ...listed.toSorted((a, b) => rank(a) - rank(b)),
  ])
  const merged = wished.filter((target) => !distinctTargets.includes(target))
  const behind = distinctTargets.map((target) => ({ target, route: toRoute(target) }))
  const [first, ...others] = behind.flatMap(({ target, route }) => withRoute(target, route) ?? [])
  const all = [...(first === undefined ? [] : [first]), ...proxies, ...others].filter(isSafeTarget)
  const unprobed = required.filter((endpoint) => !isProbed(endpoint))
  const source = requested(sourceAddressUrl)
  const sourceRoute = source === null ? 'unusable' : toRoute(source)
  const named = (isWanted: (item: (typeof behind)[number]) => boolean) =>
    behind.filter(isWanted).map(({ target }) => endpointName(target))
  const notes = [
    ...(unprobed.length === 0
      ? []
      : [`Not probed, because they are not a single HTTP endpoint: ${unprobed.map(nameOf).join(', ')}.`]),
    ...(merged.length === 0
      ? []
      : [
          `Each host and port is probed only once, so these URLs are probed with another path: ${merged.map(({ host, port, path }) => `https://${host}:${port}${path}`).join(', ')}.`,
        ]),
    ...(all.length > MAX_TARGETS
      ? [
          `Not probed, because a node reports at most ${MAX_TARGETS} endpoints: ${all.slice(MAX_TARGETS).map(endpointName).join(', ')}.`,
        ]
      : []),
    ...(httpProxy === null
      ? []
      : proxyNotes(httpProxy, {
          passing: named(({ route }) => route !== null && route !== 'unusable'),
          unmeasured: named(({ route }) => route === 'unusable'),
          differing: named(({ target }) => isReadDifferently(httpProxy, target, apiServerHost)),
        })),
  ]
  return {
    targets: all.slice(0, MAX_TARGETS),
    sourceAddressUrl: sourceRoute === 'unusable' ? null : sourceAddressUrl,
    ...(sourceRoute === 'unusable' || sourceRoute === null ? {} : { sourceProxy: sourceRoute }),
    ...(ipFamilies.length > 1 ? { isDualStack: true } : {}),
    ...(httpProxy?.hasTrustedCa ? { trustsProxy: true } : {}),
    notes,
  }
}

function requested(text: string): ProbeTarget | null {
  const url = rejectedProbeUrl(text) === null ? URL.parse(text) : null
  return url === null ? null : toTarget(url)
}

function withRoute(target: ProbeTarget, route: string | 'unusable' | null): ProbeTarget | null {
  if (route === 'unusable') return null
  return route === null ? target : { ...target, proxy: route }
}

/** Any answer of a proxy to a request for itself shows that the proxy is reachable. */
function proxyTarget({ scheme, host, port }: ProxyServer): ProbeTarget {
  return { protocol: scheme, host, port, path: '/', origin: 'httpProxy', need: 'required' }
}

/** The name of a target in results and messages. */
export function endpointName({ host, port }: Pick<ProbeTarget, 'host' | 'port'>): string {
  return `${host}:${port}`
}

function nameOf({ destination, port, protocol }: NeededEndpoint): string {
  return `${destination} (${protocol} ${port})`
}

function apiServer(host: string): ProbeTarget {
  return { protocol: 'https', host, port: 443, path: '/healthz', origin: 'apiServer', need: 'required' }
}

/** Wildcards and service tags stand for many hosts, and UDP services do not answer an empty packet. */
function isProbed({ kind, destination, protocol }: NeededEndpoint): boolean {
  return kind === 'fqdn' && !destination.includes('*') && (protocol === 'HTTPS' || protocol === 'HTTP')
}

function fromRequired(endpoint: NeededEndpoint, apiServerHost: string | null): ProbeTarget[] {
  const { destination: host, port, protocol, need } = endpoint
  if (!isProbed(endpoint) || equalsArm(apiServerHost, host)) return []
  return [
    { protocol: protocol === 'HTTPS' ? 'https' : 'http', host, port, path: '/', origin: 'required', need },
  ]
}

const RANKS: Record<EndpointNeed, number> = { required: 0, conditional: 1, recommended: 2 }

function rank({ need }: ProbeTarget): number {
  return RANKS[need]
}

function distinct(targets: ProbeTarget[]): ProbeTarget[] {
  const found = new Map<string, ProbeTarget>()
  for (const target of targets) {
    const key = foldCase(endpointName(target))
    if (!found.has(key)) found.set(key, target)
  }
  return [...found.values()]
}
