import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Files of Swagger UI change only with the version of the service. */
const STATIC_PATH = '/docs/static/'
const STATIC_CACHE = 'public, max-age=3600'
/** The page and the documents depend on the settings, so browsers ask each time, and get a 304. */
const DOCUMENT_CACHE = 'no-cache'
const COMPRESSED_TYPES = /^(text\/|application\/(json|javascript)|image\/svg)/

interface Stored {
  etag: string
  compressed: Buffer
}

/**
 * Compresses the files of Swagger UI and the OpenAPI document at their first request, and keeps them: they never change
 * while a process runs. Responses of operations are not compressed, because their size could reveal secrets in them.
 */
export function compressDocuments(app: FastifyInstance): void {
  const stored = new Map<string, Promise<Stored>>()
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!isDocument(request, reply) || payload === null || payload === undefined) return payload
    const path = request.url.split('?')[0] ?? ''
    const isStatic = path.startsWith(STATIC_PATH)
    const vary = reply.getHeader('vary')
    reply.headers({
      'cache-control': isStatic ? STATIC_CACHE : DOCUMENT_CACHE,
      vary: vary === undefined ? 'Accept-Encoding' : `${vary}, Accept-Encoding`,
    })
    if (isStatic && !acceptsGzip(request)) return payload
    if (!stored.has(path)) {
      const storing = bytesOf(payload).then(compress)
      storing.catch(() => stored.delete(path))
      stored.set(path, storing)
    } else if (isStream(payload)) payload.destroy()
    const { etag, compressed } = (await stored.get(path)) as Stored
    if (!isStatic) {
      reply.header('etag', etag)
      if (request.headers['if-none-match'] === etag) {
        reply.code(304).removeHeader('content-type')
        return ''
      }
    }
    if (!acceptsGzip(request)) return payload
    reply.removeHeader('content-length')
    reply.header('content-encoding', 'gzip')
    return compressed
  })
}

function isDocument({ method, url, headers }: FastifyRequest, reply: FastifyReply): boolean {
  if (method !== 'GET' || reply.statusCode !== 200 || headers.range !== undefined) return false
  if (!url.startsWith('/docs') && !url.startsWith('/openapi.json')) return false
  return COMPRESSED_TYPES.test(String(reply.getHeader('content-type') ?? ''))
}

function acceptsGzip({ headers }: FastifyRequest): boolean {
  return /(^|,)\s*gzip\s*(,|;\s*q=(0\.\d*[1-9]|1)|$)/i.test(String(headers['accept-encoding'] ?? ''))
}

type Stream = AsyncIterable<Buffer> & { destroy(): void }

function isStream(payload: unknown): payload is Stream {
  return typeof payload === 'object' && payload !== null && Symbol.asyncIterator in payload
}

async function bytesOf(payload: unknown): Promise<Buffer> {
  return isStream(payload) ? buffer(payload) : Buffer.from(payload as string)
}

async function compress(bytes: Buffer): Promise<Stored> {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  return { etag: `W/"${hash}"`, compressed: await promisify(gzip)(bytes, { level: 9 }) }
}
