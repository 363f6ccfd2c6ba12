import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { App } from '../../../src/routes/server/app-deps.ts'

interface Operation {
  operationId?: string
  summary?: string
  description?: string
  responses: Record<
    string,
    { description?: string; content?: Record<string, { schema?: { $ref?: string } }> }
  >
}

/** The OpenAPI document as far as the tests read it. */
export interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; examples: Record<string, { value: unknown }> }
}

export function documentOf(app: App): Document {
  return app.swagger() as unknown as Document
}

export function operationsOf(document: Document) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
}

/**
 * Fast to compile, because every test file that calls an operation compiles the schemas. The linters check the
 * schemas themselves (npm run lint:openapi).
 */
const CHEAP = { validateSchema: false, meta: false, inlineRefs: false, code: { optimize: false } }

/** Checks values against the schemas of the document, as a client's generator would read them. */
export function documentValidator(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, ...CHEAP })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')
  const at = (...segments: string[]): string =>
    `openapi#/${segments.map((each) => encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`
  /** What is wrong with an answer; empty when it is as documented. */
  function faultsOfAnswer(operationId: string, status: number, contentType: string, body: unknown): string[] {
    const found = operationsOf(document).find(({ operation }) => operation.operationId === operationId)
    if (found === undefined) return [`no operation ${operationId}`]
    const media = contentType.split(';')[0] ?? ''
    const answer = found.operation.responses[status]
    if (answer === undefined) return [`${operationId} does not document ${status}`]
    if (answer.content === undefined)
      return body === undefined ? [] : [`${operationId} ${status} has no body`]
    if (answer.content[media] === undefined) return [`${operationId} ${status} does not document ${media}`]
    // Most answers are of a named schema, which is compiled once for all of them.
    const { $ref } = answer.content[media].schema ?? {}
    if ($ref !== undefined) return faultsAgainst(`openapi${$ref}`, body)
    const inline = [found.path, found.method, 'responses', String(status), 'content', media, 'schema']
    return faultsAgainst(at('paths', ...inline), body)
  }
  const compiled = new Map<string, ReturnType<typeof ajv.compile>>()
  function faultsAgainst(reference: string, value: unknown): string[] {
    const validate = compiled.get(reference) ?? ajv.compile({ $ref: reference })
    compiled.set(reference, validate)
    return validate(value)
      ? []
      : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`)
  }
  const faultsOfSchema = (name: string, value: unknown) =>
    faultsAgainst(at('components', 'schemas', name), value)
  return { faultsOfAnswer, faultsOfSchema }
}
