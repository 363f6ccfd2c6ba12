import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as OTLP/JSON brings it, with its attributes as plain members. */
export interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  status?: { code?: number }
  attributes: Record<string, unknown>
}

interface Wire {
  resourceSpans: {
    resource: { attributes: { key: string; value: object }[] }
    scopeSpans: { spans: (Omit<Span, 'attributes'> & { attributes: { key: string; value: object }[] })[] }[]
  }[]
}

interface Collector {
  endpoint: string
  spans: Span[]
  /** Attributes of the resource that sent the last spans. */
  resource: Record<string, unknown>
  /** Everything that arrived, headers included, as text. */
  text: string
}

/** An OpenTelemetry collector as far as this service speaks to one: keeps what is posted to /v1/traces. */
export async function collector(t: { teardown(end: () => unknown): unknown }): Promise<Collector> {
  const kept: Collector = { endpoint: '', spans: [], resource: {}, text: '' }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    kept.text += `${JSON.stringify(request.headers)}${text}`
    if (request.url === '/v1/traces') keep(kept, JSON.parse(text) as Wire)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  kept.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return kept
}

function keep(kept: Collector, { resourceSpans }: Wire): void {
  for (const { resource, scopeSpans } of resourceSpans) {
    kept.resource = plain(resource.attributes)
    for (const span of scopeSpans.flatMap((each) => each.spans))
      kept.spans.push({ ...span, attributes: plain(span.attributes) })
  }
}

function plain(attributes: { key: string; value: object }[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}

/** The samples of a metrics text: `name{label="value"}` and its number, as they stand there. */
export function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line): [string, number] => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

/** The sum of all samples of a name whose labels hold these. */
export function sumOf(
  samples: Map<string, number>,
  name: string,
  labels: Record<string, string> = {},
): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return [...samples]
    .filter(([key]) => key.split('{')[0] === name && wanted.every((each) => key.includes(each)))
    .reduce((sum, [, value]) => sum + value, 0)
}
