import { FORMS } from './forms.ts'
import { PROBLEMS, Problem, type ProblemCode } from './problems.ts'
import type { Fault } from './schemas/problem.ts'

/** What the schema validator says of one fault, as far as it is read here. */
export interface SchemaError {
  keyword: string
  instancePath: string
  schemaPath: string
  params: Record<string, unknown>
  message?: string
  parentSchema?: object
  data?: unknown
}

export type RequestPart = Fault['in']

/** More than any honest request has; the rest would only swell the answer. */
const MOST_FAULTS = 100
const LONGEST_PLACE = 300

/** The validator's errors as faults in plain words, one for each place and kind. */
export function faultsFrom(part: RequestPart, errors: readonly SchemaError[]): Fault[] {
  return withoutLosingBranches(errors).map((error) => faultFrom(part, error))
}

/** The problem that names all faults; when all are of one kind that has a problem of its own, it is that one. */
export function problemOf(faults: readonly Fault[]): Problem {
  const distinct = [...new Map(faults.map((fault) => [JSON.stringify([place(fault), fault.code]), fault]))]
  const shown = distinct.slice(0, MOST_FAULTS).map(([, fault]) => fault)
  const codes = new Set(shown.map((fault) => fault.code))
  const [only] = codes
  const code = codes.size === 1 && isProblemCode(only) ? only : 'INVALID_REQUEST'
  return new Problem(code, { faults: shown, facts: { faults: distinct.length } })
}

function place(fault: Fault): string {
  return `${fault.in}:${fault.pointer ?? fault.parameter ?? ''}`
}

function isProblemCode(code: string | undefined): code is ProblemCode {
  return code !== undefined && Object.hasOwn(PROBLEMS, code)
}

/**
 * Of a choice between shapes only the shape that the caller seems to have meant is told: the one with the
 * fewest unknown fields, then with the fewest missing ones. Who gave nothing is told of the choice itself.
 */
function withoutLosingBranches(errors: readonly SchemaError[]): SchemaError[] {
  const choice = errors.find((error) => error.keyword === 'anyOf')
  if (choice === undefined) return [...errors]
  const isInside = (error: SchemaError) =>
    error.schemaPath.startsWith(`${choice.schemaPath}/`) && isAt(error, choice)
  const outside = errors.filter((error) => error !== choice && !isInside(error))
  return [...meantBy(choice, errors.filter(isInside)), ...withoutLosingBranches(outside)]
}

/** Whether it is about the place of the choice or one below: entries of a list share the paths of their schema. */
function isAt({ instancePath }: SchemaError, choice: SchemaError): boolean {
  return instancePath === choice.instancePath || instancePath.startsWith(`${choice.instancePath}/`)
}

function meantBy(choice: SchemaError, inside: readonly SchemaError[]): SchemaError[] {
  const branches = Object.values(
    Object.groupBy(
      inside,
      (error) => error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '',
    ),
  ).map((branch) => branch ?? [])
  const isAnotherType = (branch: readonly SchemaError[]) =>
    branch.some((error) => error.keyword === 'type' && error.instancePath === choice.instancePath)
  const possible = branches.filter((branch) => !isAnotherType(branch))
  if (possible.length > 1 && isEmpty(choice.data)) return [choice]
  const meant = possible.toSorted((a, b) => distance(a) - distance(b))[0]
  if (meant !== undefined) return withoutLosingBranches(meant)
  const types = new Set(branches.map(([error]) => error?.params.type))
  return branches[0]?.[0] === undefined ? [choice] : [{ ...branches[0][0], params: { type: [...types] } }]
}

function isEmpty(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.keys(data).length === 0
}

function distance(branch: readonly SchemaError[]): number {
  const cost: Record<string, number | undefined> = { additionalProperties: 100, required: 1 }
  return branch.reduce((sum, error) => sum + (cost[error.keyword] ?? 0), 0)
}

function faultFrom(part: RequestPart, error: SchemaError): Fault {
  const missing = error.params.missingProperty ?? error.params.additionalProperty
  const pointer =
    missing === undefined ? error.instancePath : `${error.instancePath}/${escaped(String(missing))}`
  const segments = pointer.split('/')
  const name = unescaped(segments.at(-1) ?? '').slice(0, 100)
  const { code, message } = explain(part, error, name)
  const shown = pointer.length > LONGEST_PLACE ? `${pointer.slice(0, LONGEST_PLACE)}…` : pointer
  if (part === 'body') return { in: part, pointer: shown, code, message }
  return { in: part, parameter: unescaped(segments[1] ?? '').slice(0, LONGEST_PLACE), code, message }
}

function explain(part: RequestPart, error: SchemaError, name: string): { code: string; message: string } {
  const schema = (error.parentSchema ?? {}) as Record<string, unknown>
  const subject = name === '' ? 'The body' : name
  const kind = part === 'body' ? 'FIELD' : 'PARAMETER'
  switch (error.keyword) {
    case 'required':
      return { code: `${kind}_MISSING`, message: `${name} is missing.` }
    case 'additionalProperties':
      return {
        code: `${kind}_UNKNOWN`,
        message: `${name} is not a ${kind === 'FIELD' ? 'field' : 'parameter'} of this request.`,
      }
    case 'type':
      return { code: 'TYPE_WRONG', message: `${subject} must be ${typeInWords(error.params.type)}.` }
    case 'enum':
      return { code: 'VALUE_NOT_ALLOWED', message: `${subject} must be one of ${listed(schema.enum)}.` }
    case 'minimum':
    case 'maximum':
    case 'multipleOf':
      return { code: 'PARAMETER_OUT_OF_RANGE', message: `${subject} must be ${rangeInWords(schema)}.` }
    case 'minLength': {
      const least = Number(schema.minLength)
      const wanted = least === 1 ? 'not be empty' : `have at least ${least} characters`
      return { code: 'LENGTH_WRONG', message: `${subject} must ${wanted}.` }
    }
    case 'maxLength':
      return {
        code: 'LENGTH_WRONG',
        message: `${subject} must not be longer than ${String(schema.maxLength)} characters.`,
      }
    case 'minItems':
      return {
        code: 'TOO_FEW',
        message: `${subject} must have ${atLeast(schema.minItems, 'entry', 'entries')}.`,
      }
    case 'minProperties':
      return {
        code: 'TOO_FEW',
        message: `${subject} must have ${atLeast(schema.minProperties, 'field', 'fields')}. Possible: ${listed(Object.keys(schema.properties ?? {}))}.`,
      }
    case 'maxItems':
      return {
        code: 'TOO_MANY',
        message: `${subject} must not have more than ${String(schema.maxItems)} entries.`,
      }
    case 'uniqueItems':
      return { code: 'NOT_UNIQUE', message: `${subject} has the same entry twice.` }
    case 'format':
    case 'pattern':
    case 'anyOf':
      if (schema.format === 'date-time')
        return { code: 'FORMAT_INVALID', message: `${subject} must be a time such as 2027-01-01T00:00:00Z.` }
      return {
        code: 'FORMAT_INVALID',
        message: `${subject} is not well-formed. Wanted: ${uncapitalized(formOf(schema))}`,
      }
    default:
      return { code: 'VALUE_NOT_ALLOWED', message: `${subject} is not possible here.${meaningOf(schema)}` }
  }
}

/** Descriptions are sentences of their own; here they end one. */
function uncapitalized(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

/** Of a schema without a form of its own in words its description says what is wanted. */
function formOf({ pattern, description }: Record<string, unknown>): string {
  return FORMS[String(pattern)] ?? String(description ?? 'another form; GET /openapi.json describes it.')
}

function meaningOf({ description }: Record<string, unknown>): string {
  return description === undefined ? '' : ` It is: ${uncapitalized(String(description))}`
}

function atLeast(least: unknown, one: string, more: string): string {
  return `at least ${String(least)} ${least === 1 ? one : more}`
}

function typeInWords(type: unknown): string {
  if (Array.isArray(type)) return type.map(typeInWords).join(' or ')
  const names: Record<string, string | undefined> = {
    object: 'a JSON object',
    array: 'a list',
    integer: 'a whole number',
    number: 'a number',
    string: 'a string',
    boolean: 'true or false',
  }
  return names[String(type)] ?? String(type)
}

function rangeInWords(schema: Record<string, unknown>): string {
  const multiple = schema.multipleOf === undefined ? '' : ` and a multiple of ${String(schema.multipleOf)}`
  if (schema.maximum === undefined) return `${String(schema.minimum)} or more${multiple}`
  return `a whole number from ${String(schema.minimum)} to ${String(schema.maximum)}${multiple}`
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.join(', ') : String(values)
}

/** JSON pointer escaping, RFC 6901. */
function escaped(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}
