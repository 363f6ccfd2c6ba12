import type { FastifyInstance } from 'fastify'
import { Problem } from './problems.ts'

/**
 * JSON is the only body. An empty one counts as none, because many clients send the content type with every
 * POST. Keys that would reach an object's prototype are refused.
 */
export function addBodyParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined)
    return parse(request, body as string, (error, value) => {
      done(error === null ? null : malformed(body as string, error), value)
    })
  })
}

function malformed(body: string, cause: Error): Problem {
  return new Problem('MALFORMED_JSON', { facts: { reason: reasonOf(body) }, cause })
}

/** The parser's own words, with the place; the safe parser in front of it keeps them to itself. */
function reasonOf(body: string): string {
  try {
    JSON.parse(body)
    return 'keys named __proto__ or constructor are refused'
  } catch (error) {
    // It quotes the text around the place, which may be a secret.
    const quote = /, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s
    return error instanceof Error ? error.message.replace(quote, '') : 'not JSON'
  }
}
