import type { HttpObserver } from '../routes/observe-requests.ts'
import { type Metrics, statusClass } from './metrics.ts'
import type { Attributes, Tracing } from './tracing.ts'

/** Counts every request, and makes a span of those that are not asked all the time by machines. */
export function observeHttp({ requests }: Metrics, tracing: Tracing | null): HttpObserver {
  return ({ operation, method, route, isQuiet, traceparent }) => {
    let hasEnded = false
    const span =
      tracing === null || isQuiet
        ? null
        : tracing.begin(route === null ? method : `${method} ${route}`, 'server', {
            parent: traceparent ?? null,
            attributes: {
              'http.request.method': method,
              ...(route === null ? {} : { 'http.route': route }),
              ...(operation === null ? {} : { 'egress.operation': operation }),
            },
          })
    return {
      run: (part) => (span === null ? part() : span.run(part)),
      end({ status, code, seconds }) {
        if (hasEnded) return
        hasEnded = true
        requests.observe({ operation: operation ?? 'none', status: statusClass(status) }, seconds)
        const attributes: Attributes = { 'http.response.status_code': status }
        if (code !== null) attributes['error.type'] = code
        span?.end(attributes, status >= 500)
      },
    }
  }
}
