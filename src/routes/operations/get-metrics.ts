import type { App, AppDeps } from '../server/app-deps.ts'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** What Prometheus scrapes. For operators and not of the contract, so the document leaves it out. */
export function getMetrics(app: App, { metrics }: AppDeps): void {
  if (metrics === undefined) return
  const config = { operation: 'getMetrics', quiet: true, evenUnderPressure: true }
  app.get('/metrics', { schema: { hide: true }, config }, async (_request, reply) =>
    reply
      .type(METRICS_TYPE)
      .header('cache-control', 'no-store')
      .send(await metrics()),
  )
}
