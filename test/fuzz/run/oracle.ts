import { contractViolations } from '../../support/contract-check.ts'
import { OPERATIONS, type Operation, operationAt } from '../document/operations.ts'
import { NEVER_SUCCEEDS } from '../hints.ts'
import { pathOf } from './ledger.ts'
import { mayBeUnanswered } from './send.ts'
import { type Answer, type Exchange, headerOf, jsonOf, type Wire } from './wire.ts'

/** Status of each problem code, as `GET /problems` lists them. */
export type Problems = ReadonlyMap<string, number>

/** Requests that the HTTP parser or the router rejects have not reached an operation. */
const BEFORE_OPERATIONS = new Set([
  'MALFORMED_HTTP',
  'MALFORMED_URL',
  'HEADERS_TOO_LARGE',
  'REQUEST_TIMEOUT',
  'EXPECTATION_FAILED',
])

interface Problem {
  status?: unknown
  code?: unknown
}

/** What is wrong with the answer to a request; empty when it is as it has to be. */
export function faultsIn({ wire, answer }: Exchange, problems: Problems): string[] {
  if (answer === null) return mayBeUnanswered(wire) ? [] : ['it is not answered']
  const { status } = answer
  const faults: string[] = []
  if (status >= 500 || status < 200) faults.push(`${status}`)
  if (headerOf(answer, 'x-request-id') === null) faults.push('it has no x-request-id')
  if (isBare(wire, answer) && answer.text !== '') faults.push(`${wire.method} ${status} has a body`)
  faults.push(...(status >= 400 && answer.text !== '' ? problemFaults(wire, answer, problems) : []))
  return [...faults, ...contractFaults(wire, answer)]
}

/** A request that the parser rejects may be a HEAD or any other method: its response ends the connection. */
function isBare({ method }: Wire, { status, headers }: Answer): boolean {
  const isParsers = headers['x-ms-error-code'] === 'MALFORMED_HTTP' && headers.connection === 'close'
  return (method === 'HEAD' && !isParsers) || status === 204 || status === 304
}

function problemFaults(wire: Wire, answer: Answer, problems: Problems): string[] {
  const type = headerOf(answer, 'content-type')
  if (type?.startsWith('application/problem+json') !== true) return [`${answer.status} is told as ${type}`]
  const { status, code } = jsonOf(answer) as Problem
  const operation = askedOf(wire)
  const documented = operation === undefined || isDocumented(operation, String(code), answer.status)
  return [
    ...(status === answer.status ? [] : [`the body of a ${answer.status} says ${status}`]),
    ...(problems.get(String(code)) === status ? [] : [`GET /problems does not list ${code} with ${status}`]),
    ...(headerOf(answer, 'x-ms-error-code') === code ? [] : [`x-ms-error-code is not ${code}`]),
    ...(status === 503 && headerOf(answer, 'retry-after') === null ? ['503 without Retry-After'] : []),
    ...(documented ? [] : [`${operation?.id} does not document ${answer.status} ${code}`]),
  ]
}

function isDocumented({ responses }: Operation, code: string, status: number): boolean {
  if (BEFORE_OPERATIONS.has(code)) return true
  const examples = responses[status]?.content?.['application/problem+json']?.examples
  return examples !== undefined && Object.hasOwn(examples, code)
}

/** Against the document: status, content type and body. */
function contractFaults(wire: Wire, answer: Answer): string[] {
  const { status } = answer
  const code = status >= 400 && wire.method !== 'HEAD' ? String((jsonOf(answer) as Problem).code) : null
  const operation = askedOf(wire)
  if (operation === undefined && status === 400 && code === null) return []
  if (wire.method === 'HEAD') {
    if (operation === undefined || status in operation.responses || [400, 408, 417, 431].includes(status))
      return []
    return [`HEAD of ${operation.id} answers ${status}`]
  }
  const method = code !== null && BEFORE_OPERATIONS.has(code) ? 'NONE' : wire.method
  const contentType = headerOf(answer, 'content-type')
  if (answer.isCut) return streamFaults(answer)
  return contractViolations({ method, path: askedPath(wire), status, contentType, text: answer.text })
}

/** As far as it was read, a stream is of whole events. */
function streamFaults({ status, text }: Answer): string[] {
  const blocks = text.split('\n\n').slice(0, -1)
  const bad = blocks.filter(
    (block) => !block.split('\n').every((line) => /^(id|event|data|retry)?:/.test(line)),
  )
  return [...(status === 200 ? [] : [`a stream with ${status}`]), ...bad.map((each) => `no event: ${each}`)]
}

function askedOf(wire: Wire): Operation | undefined {
  return operationAt(wire.method, askedPath(wire))
}

/** What comes behind a number sign is sent by no client and no part of the path to the router; nor is a last space. */
function askedPath({ target }: Wire): string {
  return (pathOf(target).split('#')[0] ?? '').trimEnd()
}

/** What a repetition has to say, given what was said the first time. */
export function faultsOfReplay(first: Answer, again: Answer): string[] {
  if (headerOf(again, 'idempotency-replayed') !== 'true') return []
  if (first.status === again.status && first.text === again.text) return []
  return [`replayed as ${again.status} what was ${first.status}, or with another body`]
}

/** How often each operation was answered with each status. */
export class StatusTable {
  readonly #counts = new Map<string, Map<string, number>>()
  total = 0

  add({ wire, answer }: Exchange): void {
    this.total++
    const row = askedOf(wire)?.id ?? '(no operation)'
    const status = answer === null ? 'none' : String(answer.status)
    const counts = this.#counts.get(row) ?? new Map<string, number>()
    counts.set(status, (counts.get(status) ?? 0) + 1)
    this.#counts.set(row, counts)
  }

  /** Operations that never succeeded, or were never rejected although they document a rejection. */
  gaps(): { operation: Operation; text: string }[] {
    return OPERATIONS.flatMap((operation) => {
      const { id, responses } = operation
      const answered = [...(this.#counts.get(id)?.keys() ?? [])]
      const has = (statuses: string[], first: string) => statuses.some((each) => each.startsWith(first))
      const texts = [
        ...(has(answered, '2') || id in NEVER_SUCCEEDS ? [] : [`${id} never succeeded`]),
        ...(has(answered, '4') || !has(Object.keys(responses), '4') ? [] : [`${id} never refused`]),
      ]
      return texts.map((text) => ({ operation, text }))
    })
  }

  lines(): string[] {
    const rows = [...OPERATIONS.map(({ id }) => id), '(no operation)']
    const width = Math.max(...rows.map((each) => each.length))
    return rows.map((row) => {
      const counts = [...(this.#counts.get(row) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))
      return `${row.padEnd(width)}  ${counts.map(([status, count]) => `${status}: ${count}`).join('  ')}`
    })
  }
}
