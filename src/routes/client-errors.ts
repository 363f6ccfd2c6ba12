import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { PROBLEMS, type ProblemCode, problemBody } from './problems.ts'

/** What Node's HTTP parser refuses never becomes a request; the problem is written to the socket by hand. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // After a reset, or in the middle of an answer, there is nobody to tell.
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswered(socket)) {
    socket.destroy(error)
    return
  }
  const { status, headers, body } = rawProblem(codeOf(error.code))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}

/** Node answers an Expect header that it does not know by itself unless somebody listens. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = rawProblem('EXPECTATION_FAILED')
  response.writeHead(status, headers).end(body)
}

function rawProblem(code: ProblemCode) {
  const requestId = randomUUID()
  const body = JSON.stringify(problemBody({ code, facts: {}, faults: [], instance: undefined, requestId }))
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    'x-ms-error-code': code,
    connection: 'close',
  }
  return { status: PROBLEMS[code].status, headers, body }
}

function codeOf(code: string | undefined): ProblemCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TIMEOUT'
  return 'MALFORMED_HTTP'
}

/** Node keeps the answer under way on the socket; a second status line would be read as its content. */
function hasAnswered(socket: Socket & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
