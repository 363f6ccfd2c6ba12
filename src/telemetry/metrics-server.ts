import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../core/lib/logger.ts'
import type { Check } from './readiness.ts'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface MetricsServerOptions {
  host: string
  port: number
  text: () => Promise<string>
  readiness: () => Promise<Check[]>
  logger: Pick<Logger, 'warn'>
}

/**
 * Metrics and probes on a separate port, for scrapers without credentials and for workers, which serve no API. The
 * responses contain no names of clusters or callers.
 */
export async function serveMetrics(
  options: MetricsServerOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const pages: Record<string, (() => Promise<[status: number, body: string]>) | undefined> = {
    '/metrics': async () => [200, await options.text()],
    '/healthz': async () => [200, 'ok\n'],
    '/readyz': async () => {
      const checks = await options.readiness()
      const isReady = checks.every((check) => check.ok || !check.required)
      const lines = checks.map(
        ({ name, ok, detail }) =>
          `${name}: ${ok ? 'ok' : 'not ok'}${detail === undefined ? '' : `, ${detail}`}`,
      )
      return [isReady ? 200 : 503, `${lines.join('\n')}\n`]
    },
  }
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 5_000 },
    ({ method, url }, response) => {
      const page = pages[url?.split('?')[0] ?? '']
      if (page === undefined) return respond(response, 404, 'Not found.\n')
      if (method !== 'GET' && method !== 'HEAD')
        return respond(response, 405, 'Only GET and HEAD are allowed.\n')
      page().then(
        ([status, body]) => respond(response, status, body),
        (error: unknown) => {
          options.logger.warn({ err: error }, 'metrics request failed')
          respond(response, 500, 'Internal error. The log shows the cause.\n')
        },
      )
    },
  )
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const { address, port, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function respond(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, {
      'content-type': METRICS_TYPE,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    })
    .end(body)
}
