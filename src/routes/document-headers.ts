/** A header as the generator writes it into a response. */
type Header = Record<string, unknown>

interface Response {
  headers?: Record<string, Header>
}
interface Operation {
  responses: Record<string, Response>
}
/** The document as far as headers go. */
export interface DocumentWithHeaders {
  components?: object
  paths: Record<string, Record<string, Operation>>
}

const text = (description: string): Header => ({ description, schema: { type: 'string' } })

/** Set on every answer of every operation. */
const OF_ALL: Record<string, Header> = {
  'Access-Control-Allow-Origin': text(
    'The origin of the page that asks, where the operator lets pages of it in (`CORS_ORIGINS`).',
  ),
}
/** Set wherever callers are counted, which probes are not. */
const OF_COUNTED: Record<string, Header> = {
  'RateLimit-Policy': text('How many requests this caller may make, as `"reads";q=300000;w=60`.'),
  RateLimit: text('How many are left and for how many seconds, as `"reads";r=299999;t=60`.'),
}
/** Names that are not written with a capital for each word. */
const SPELLED: Record<string, string> = { etag: 'ETag' }

/**
 * Adds the headers that no operation names itself, spells all names as the registry of HTTP does, and describes each
 * header once, under `components`. `quiet` are the operations that are not counted.
 */
export function withHeaders<T extends DocumentWithHeaders>(document: T, quiet: ReadonlySet<string>): T {
  const shared: Record<string, Header> = {}
  for (const operation of Object.values(document.paths).flatMap((each) => Object.values(each))) {
    const isCounted = !quiet.has((operation as { operationId?: string }).operationId ?? '')
    for (const [status, response] of Object.entries(operation.responses)) {
      const counted = isCounted && status < '500' ? OF_COUNTED : {}
      const own = Object.entries(response.headers ?? {}).map(
        ([name, header]) => [spelled(name), header] as const,
      )
      const all = { ...Object.fromEntries(own), ...OF_ALL, ...counted }
      response.headers = Object.fromEntries(
        Object.entries(all).map(([name, header]) => [name, reference(shared, name, header)]),
      )
    }
  }
  return { ...document, components: { ...document.components, headers: shared } }
}

/** Two operations may say different things of the same header; each saying has its own name. */
function reference(shared: Record<string, Header>, name: string, header: Header): { $ref: string } {
  const same = JSON.stringify(header)
  for (let number = 1; ; number++) {
    const key = number === 1 ? name : `${name}-${number}`
    const present = shared[key]
    if (present === undefined) shared[key] = header
    if (present === undefined || JSON.stringify(present) === same)
      return { $ref: `#/components/headers/${key}` }
  }
}

function spelled(name: string): string {
  const usual = () => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
  return SPELLED[name] ?? usual()
}
