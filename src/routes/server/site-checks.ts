import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../problems/problems.ts'

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']
/** The values of `Sec-Fetch-Site` for requests from pages of this service, and for URLs that the user typed. */
const OWN_SITES = ['same-origin', 'none']

/**
 * Serves only requests for these host names, with any port. A web page can let its own name resolve to a loopback address
 * (DNS rebinding) and is then of the same origin as the service; only the `Host` header still shows its name. Forwarded
 * headers do not count: such a page can set them.
 */
export function rejectUnknownHosts(app: FastifyInstance, knownHosts: readonly string[]): void {
  if (knownHosts.length === 0) return
  app.addHook('onRequest', (request, _reply, done) => {
    const { host } = request.headers
    // HTTP/1.0 has no Host header, and no browser uses HTTP/1.0.
    if (host === undefined || knownHosts.includes(host.toLowerCase().replace(/:\d{1,5}$/, ''))) return done()
    done(new Problem('HOST_UNKNOWN', { facts: { host: host.slice(0, 200), knownHosts: [...knownHosts] } }))
  })
}

/**
 * Rejects requests that change something and come from a page of another site, unless CORS allows its origin. A POST
 * without a body needs no preflight, so CORS alone does not stop it. Clients other than browsers send neither header.
 */
export function rejectOtherSites(app: FastifyInstance, corsOrigins: readonly string[]): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { origin } = request.headers
    if (SAFE_METHODS.includes(request.method) || isOwnSite(request)) return done()
    if (origin !== undefined && corsOrigins.includes(origin)) return done()
    done(new Problem('SITE_NOT_ALLOWED', { facts: { origin: shownOrigin(origin) } }))
  })
}

/**
 * `Sec-Fetch-Site` counts if it is present: pages cannot set it, and proxies do not change it. Browsers omit it on
 * plain HTTP to other machines; there the host of `Origin` must be the host of the request.
 */
function isOwnSite({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return typeof site === 'string' && OWN_SITES.includes(site)
  const { origin } = headers
  return origin === undefined || URL.parse(origin)?.host === host.toLowerCase()
}

/** A header that is no origin is not repeated: it may be a secret in the wrong place. */
function shownOrigin(origin: string | undefined): string | null {
  if (origin === undefined || origin === 'null') return origin ?? null
  const url = URL.parse(origin)
  return url?.origin === origin ? origin.slice(0, 200) : null
}
