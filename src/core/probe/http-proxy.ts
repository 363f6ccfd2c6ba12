import { foldCase } from '../lib/fold-case.ts'
import { distinctBy } from '../lib/lists.ts'
import type { HttpProxyFacts, ProxyServer } from '../snapshot/snapshot.ts'

/** The settings that determine whether a request of a node uses the proxy. */
interface Request {
  protocol: 'https' | 'http'
  host: string
  port: number
}

/**
 * The URL of the proxy that a request passes; null for a direct request. `unusable`: the request passes a proxy that
 * probes cannot use, because its URL is no address, or contains a password, which probes never read.
 */
export function routeOf(
  proxy: HttpProxyFacts | null,
  request: Request,
  apiServerHost: string | null,
): string | 'unusable' | null {
  if (proxy === null || bypasses(proxy, request, apiServerHost, matchesInGo)) return null
  const server = proxy.servers[request.protocol]
  if (server === null) return null
  return server === 'unusable' || proxy.hasCredentials || !isSafeProxyUrl(proxyUrl(server))
    ? 'unusable'
    : proxyUrl(server)
}

/** The servers that nodes send requests to, without those whose URL is no address. */
export function proxyServers(proxy: HttpProxyFacts | null): ProxyServer[] {
  const found = Object.values(proxy?.servers ?? {}).filter(
    (server) => server !== null && server !== 'unusable',
  )
  return distinctBy(found, proxyUrl).filter((server) => isSafeProxyUrl(proxyUrl(server)))
}

/** The reasons why a proxy affects a result, as sentences. */
export function proxyNotes(
  proxy: HttpProxyFacts,
  { passing, unmeasured, differing }: Record<'passing' | 'unmeasured' | 'differing', string[]>,
): string[] {
  const names = proxyServers(proxy).map(proxyUrl).join(' and ')
  return [
    ...(passing.length === 0
      ? []
      : [
          `Requests to ${passing.length} endpoints pass the HTTP proxy ${names}, which resolves their names. Requests to the other endpoints are direct, because the no-proxy list contains these endpoints.`,
        ]),
    ...(unmeasured.length === 0
      ? []
      : [
          `Not probed, because they are behind an HTTP proxy ${proxy.hasCredentials ? 'whose URL contains credentials, which AKS does not support and probes do not read' : 'whose URL is no address'}: ${unmeasured.join(', ')}.`,
        ]),
    ...(differing.length === 0
      ? []
      : [
          `curl and containerd read the no-proxy list differently for ${differing.join(', ')}. Probes follow containerd.`,
        ]),
    ...(proxy.hasTrustedCa
      ? [
          'Nodes trust the certificate authority of their HTTP proxy (`trustedCa`), so this authority may have issued the certificates that nodes receive.',
        ]
      : []),
  ]
}

/** Whether curl and the node components, which are written in Go, read the no-proxy list differently for a request. */
export function isReadDifferently(
  proxy: HttpProxyFacts | null,
  request: Request,
  apiServerHost: string | null,
): boolean {
  if (proxy === null || proxy.servers[request.protocol] === null) return false
  const [go, curl] = [matchesInGo, matchesInCurl].map((matches) =>
    bypasses(proxy, request, apiServerHost, matches),
  )
  return go !== curl
}

/**
 * Targets are names, so the networks in the list do not concern them. Neither Go nor curl resolves a name to compare its
 * address (golang.org/x/net/http/httpproxy, curl --noproxy). AKS adds the API server to the list. Where ARM does not show
 * the effective list, this is inferred.
 */
function bypasses(
  { effectiveNoProxy, noProxy }: HttpProxyFacts,
  request: Request,
  apiServerHost: string | null,
  matches: (entry: string, request: Request) => boolean,
): boolean {
  const added = apiServerHost === null ? [] : [apiServerHost]
  const list = effectiveNoProxy ?? [...noProxy, ...added]
  return list.map((entry) => foldCase(entry.trim())).some((entry) => entry !== '' && matches(entry, request))
}

/** `x.com` matches the name and its subdomains, `.x.com` and `*.x.com` only the subdomains, `*` everything. */
function matchesInGo(entry: string, { host, port }: Request): boolean {
  if (entry === '*') return true
  const [, name = entry, entryPort] = /^(.*):(\d+)$/.exec(entry) ?? []
  if (entryPort !== undefined && Number(entryPort) !== port) return false
  const suffix = name.startsWith('*.') ? name.slice(1) : name
  const folded = foldCase(host)
  return suffix.startsWith('.') ? folded.endsWith(suffix) : isBelow(folded, suffix)
}

/** A leading dot changes nothing, a port never matches, and `*` is a wildcard only alone. */
function matchesInCurl(entry: string, { host }: Request): boolean {
  return entry === '*' || isBelow(foldCase(host), entry.replace(/^\./, ''))
}

function isBelow(host: string, name: string): boolean {
  return host === name || host.endsWith(`.${name}`)
}

/** `http://10.1.2.3:3128` */
export function proxyUrl({ scheme, host, port }: ProxyServer): string {
  return `${scheme}://${host}:${port}`
}

/** A proxy can be an IPv4 address, or a name without a domain, which the DNS of the network completes. */
export const PROXY_HOST = /^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*$/i

/** Whether the URL of a proxy has no character with a meaning in a shell or in the header of the script. */
export function isSafeProxyUrl(text: string): boolean {
  const [, host = '', port = ''] = /^https?:\/\/([^:/]+):([1-9]\d{0,4})$/.exec(text) ?? []
  return PROXY_HOST.test(host) && host.length <= 253 && Number(port) <= 65_535
}
