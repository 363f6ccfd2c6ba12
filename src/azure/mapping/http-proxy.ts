import type { HttpProxyFacts, ProxyServer } from '../../core/snapshot/snapshot.ts'
import type { BodyReader } from '../client/body-reader.ts'

/**
 * The HTTP proxy of a cluster, without user and password; null if there is none. Older API versions have no field
 * `enabled`: without it, a configured proxy is in use.
 */
export function toHttpProxy(config: BodyReader): HttpProxyFacts | null {
  const http = config.string('httpProxy') || null
  // Without an HTTPS proxy, the HTTP proxy serves both (http-proxy).
  const https = config.string('httpsProxy') || http
  if (https === null || config.optionalBoolean('enabled') === false) return null
  const urls = [http, https].flatMap((text) => parseProxy(text ?? '') ?? [])
  return {
    servers: { http: toServer(http), https: toServer(https) },
    hasCredentials: urls.some(({ username, password }) => username !== '' || password !== ''),
    hasTrustedCa: Boolean(config.string('trustedCa')),
    effectiveNoProxy: config.has('effectiveNoProxy') ? config.strings('effectiveNoProxy') : null,
    noProxy: config.strings('noProxy'),
  }
}

function toServer(text: string | null): ProxyServer | 'unusable' | null {
  if (text === null) return null
  const url = parseProxy(text)
  if (url === null) return 'unusable'
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port)
  return { scheme, host: url.hostname, port }
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const

/** The node components are written in Go, which reads a text without a scheme as the address of an HTTP proxy. */
function parseProxy(text: string): URL | null {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' ? url : null
}
