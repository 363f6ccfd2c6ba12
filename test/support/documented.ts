import { readFileSync } from 'node:fs'
import { type Document, documentValidator, operationsOf } from '../routes/document.ts'

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
}

const DOCUMENT_FILE = new URL('../../openapi/openapi.json', import.meta.url)
/** Served beside the contract: the document itself, Swagger UI, figures for operators. */
const BESIDE = /^\/(docs|openapi\.json|metrics|$)/

let loaded: { known: Known[]; validator: ReturnType<typeof documentValidator> } | null = null

/** The checked-in document, read when it is first needed: most tests never ask an operation. */
function document() {
  if (loaded !== null) return loaded
  const parsed = JSON.parse(readFileSync(DOCUMENT_FILE, 'utf8')) as Document
  const known = operationsOf(parsed).map(({ path, method, operation }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
    operationId: operation.operationId ?? '',
  }))
  loaded = { known, validator: documentValidator(parsed) }
  return loaded
}

/**
 * What is wrong with an answer, held against the checked-in document; empty when it is as documented. What no
 * operation answers for must be a problem, or stand beside the contract.
 */
export function faultsOf({ method, path, status, contentType, text }: Exchange): string[] {
  if (method === 'HEAD' || method === 'OPTIONS') return []
  const pathname = path.split('?')[0] ?? ''
  const { known, validator } = document()
  const operation = known.find((each) => each.method === method && each.pattern.test(pathname))
  const body = bodyOf(contentType, text)
  if (operation !== undefined)
    return validator.faultsOfAnswer(operation.operationId, status, contentType ?? '', body)
  if (BESIDE.test(pathname) && status < 400) return []
  return contentType?.startsWith('application/problem+json') === true
    ? validator.faultsOfSchema('Problem', body)
    : [`${method} ${pathname} is no operation and answers ${status} ${contentType}`]
}

function bodyOf(contentType: string | null, text: string): unknown {
  if (text === '') return undefined
  return /[/+]json\b/.test(contentType ?? '') ? JSON.parse(text) : text
}
