import { readFileSync } from 'node:fs'
import { type Document, documentValidator, operationsOf } from '../routes/support/document.ts'

/** One request and its answer, as far as the document has a say in it. */
export interface Exchange {
  method: string
  /** With or without query. */
  path: string
  status: number
  contentType: string | null
  text: string
}

interface Known {
  method: string
  pattern: RegExp
  operationId: string
  /** The codes of the problems that it shows, by status. */
  codes: Map<number, string[]>
  /** Whether it answers with a page. */
  hasPage: boolean
}

const DOCUMENT_FILE = new URL('../../openapi/openapi.json', import.meta.url)
/** Served beside the contract: the document itself, Swagger UI, figures for operators. */
const BESIDE = /^\/(docs|openapi\.json|metrics|shared|mcp$|\.well-known\/|$)/

let loaded: { known: Known[]; validator: ReturnType<typeof documentValidator> } | null = null

/** The checked-in document, read when it is first needed: most tests never ask an operation. */
function document() {
  if (loaded !== null) return loaded
  const parsed = JSON.parse(readFileSync(DOCUMENT_FILE, 'utf8')) as Document
  const known = operationsOf(parsed).map(({ path, method, operation }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
    operationId: operation.operationId ?? '',
    codes: new Map(
      Object.entries(operation.responses).map(([status, { content }]) => [Number(status), codesOf(content)]),
    ),
    hasPage: Object.values(operation.responses).some(({ content = {} }) => 'text/html' in content),
  }))
  loaded = { known, validator: documentValidator(parsed) }
  return loaded
}

function codesOf(content: Record<string, object> | undefined): string[] {
  const { examples = {} } = (content?.['application/problem+json'] ?? {}) as { examples?: object }
  return Object.keys(examples)
}

function pathOf(path: string): string {
  return path.split('?')[0] ?? ''
}

/**
 * What is wrong with an answer, held against the checked-in document; empty when it is as documented. What no
 * operation answers for must be a problem, or stand beside the contract.
 */
export function contractViolations({ method, path, status, contentType, text }: Exchange): string[] {
  if (method === 'HEAD' || method === 'OPTIONS') return []
  const pathname = pathOf(path)
  const { known, validator } = document()
  // A request for another host is one of no operation of this service.
  const operation =
    status === 421 ? undefined : known.find((each) => each.method === method && each.pattern.test(pathname))
  // Its errors are those of JSON-RPC.
  if (pathname === '/mcp' && contentType?.startsWith('application/json') === true) return []
  if (operation === undefined && BESIDE.test(pathname) && status < 400) return []
  // The description of the document says it: a browser that opens a page gets its problems as pages.
  if (status >= 400 && contentType?.startsWith('text/html') === true)
    return (operation?.hasPage ?? true) && text.includes('<h1>') ? [] : [`${method} ${pathname} has no page`]
  const body = bodyOf(contentType, text)
  if (operation !== undefined)
    return validator.faultsOfAnswer(operation.operationId, status, contentType ?? '', body)
  return contentType?.startsWith('application/problem+json') === true
    ? validator.faultsOfSchema('Problem', body)
    : [`${method} ${pathname} is no operation and answers ${status} ${contentType}`]
}

/** Said of what did not come to be a request of an operation, though its path was like that of one. */
const BEFORE_ANY_OPERATION = ['MALFORMED_URL', 'MALFORMED_HTTP', 'ROUTE_NOT_FOUND']

/**
 * What an answer of the whole service says besides that the document does not tell: a problem of a code that its operation
 * shows no example of. Rooms that are not real throw what no operation would.
 */
export function undocumentedProblems({ method, path, status, text }: Exchange): string[] {
  if (status < 400 || text === '') return []
  const operation = document().known.find((each) => each.method === method && each.pattern.test(pathOf(path)))
  const { code } = JSON.parse(text) as { code: string }
  if (operation === undefined || BEFORE_ANY_OPERATION.includes(code)) return []
  const told = operation.codes.get(status) ?? []
  return told.includes(code) ? [] : [`${operation.operationId} ${status} shows no ${code}`]
}

function bodyOf(contentType: string | null, text: string): unknown {
  if (text === '') return undefined
  return /[/+]json\b/.test(contentType ?? '') ? JSON.parse(text) : text
}
