import { CLUSTER_NAME, RESOURCE_GROUP } from '../../contract/cluster.ts'
import { NO_CONTROL_CHARACTERS } from '../../contract/fields.ts'
import { NETWORK_RESOURCE_NAME } from '../../contract/preparation.ts'
import type { Fault } from '../../contract/problem.ts'
import { PROBLEMS, Problem, type ProblemCode } from '../problems/problems.ts'

const ONE_LINE = 'text without line breaks and other control characters.'

/**
 * Patterns in plain text, for fields whose description explains their meaning and not their form. For any other pattern,
 * the description of its field is shown.
 */
export const PATTERN_DESCRIPTIONS: Readonly<Record<string, string | undefined>> = {
  [NO_CONTROL_CHARACTERS]: ONE_LINE,
  '^[^\\u0000-\\u001f\\u007f]*$': ONE_LINE,
  [RESOURCE_GROUP]:
    'the name of a resource group: 1 to 90 letters, digits, _ . ( ) or -, not ending with a dot.',
  [CLUSTER_NAME]:
    'the name of a cluster: 1 to 63 letters, digits, _ or -, starting and ending with a letter or digit.',
  [NETWORK_RESOURCE_NAME]:
    'a name of 1 to 80 letters, digits, _ . or -, starting with a letter or digit and ending with a letter, digit or _.',
  '^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?=[0-9])|$)){4}$': 'an IPv4 address, such as 10.0.0.4.',
  '^[-a-zA-Z0-9_().*\\u00aa-\\uffdc]{1,90}$':
    'the name of a resource group: 1 to 90 characters, with `*` for any characters.',
  '^[a-zA-Z0-9_*-]{1,63}$': 'the name of a cluster: 1 to 63 characters, with `*` for any characters.',
  '^[A-Za-z]{1,64}$': 'an operationId, such as createPlan.',
  '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+$':
    'an http or https URL without spaces, such as https://portal.example.com/hooks.',
}

/** The fields of a schema validator's error that are used here. */
export interface SchemaError {
  keyword: string
  instancePath: string
  schemaPath: string
  params: Record<string, unknown>
  message?: string
  parentSchema?: object
  data?: unknown
}

type RequestPart = Fault['in']

/** More errors than any real request has; further errors would only enlarge the response. */
const MAX_ERRORS = 100
const MAX_PLACE_LENGTH = 300
/** More fields than any request has; the bound keeps the response small if one grows. */
const MAX_SHOWN_NAMES = 40

/** The validator's errors as plain text, one for each location and kind. */
export function toFieldErrors(part: RequestPart, errors: readonly SchemaError[]): Fault[] {
  return selectIntendedBranches(errors).map((error) => toFieldError(part, error))
}

/** The problem that lists all errors; if all errors have the same code and it is a problem code, that problem. */
export function toErrorsProblem(errors: readonly Fault[]): Problem {
  const distinct = [
    ...new Map(errors.map((error) => [JSON.stringify([toPlaceKey(error), error.code]), error])),
  ]
  const shown = distinct.slice(0, MAX_ERRORS).map(([, error]) => error)
  const codes = new Set(shown.map(({ code }) => code))
  const [only] = codes
  const code = codes.size === 1 && isProblemCode(only) ? only : 'INVALID_REQUEST'
  return new Problem(code, { errors: shown, facts: { faults: distinct.length } })
}

function toPlaceKey(error: Fault): string {
  return `${error.in}:${error.pointer ?? error.parameter ?? ''}`
}

function isProblemCode(code: string | undefined): code is ProblemCode {
  return code !== undefined && Object.hasOwn(PROBLEMS, code)
}

/**
 * For a choice between shapes, only the errors of the shape that the caller probably meant are reported: the shape with
 * the fewest unknown fields, then with the fewest missing fields. For an empty object, the choice itself is reported.
 */
function selectIntendedBranches(errors: readonly SchemaError[]): SchemaError[] {
  const choice = errors.find((error) => error.keyword === 'anyOf')
  if (choice === undefined) return [...errors]
  const isInside = (error: SchemaError) =>
    error.schemaPath.startsWith(`${choice.schemaPath}/`) && isAtOrBelow(error, choice)
  const outside = errors.filter((error) => error !== choice && !isInside(error))
  return [...selectIntendedBranch(choice, errors.filter(isInside)), ...selectIntendedBranches(outside)]
}

/** Whether the error is at the location of the choice or below it: entries of a list share the paths of their schema. */
function isAtOrBelow({ instancePath }: SchemaError, choice: SchemaError): boolean {
  return instancePath === choice.instancePath || instancePath.startsWith(`${choice.instancePath}/`)
}

function selectIntendedBranch(choice: SchemaError, inside: readonly SchemaError[]): SchemaError[] {
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
  const meant = possible.toSorted((a, b) => branchDistance(a) - branchDistance(b))[0]
  if (meant !== undefined) return selectIntendedBranches(meant)
  const types = new Set(branches.map(([error]) => error?.params.type))
  return branches[0]?.[0] === undefined ? [choice] : [{ ...branches[0][0], params: { type: [...types] } }]
}

function isEmpty(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.keys(data).length === 0
}

function branchDistance(branch: readonly SchemaError[]): number {
  const cost: Record<string, number | undefined> = { additionalProperties: 100, required: 1 }
  return branch.reduce((sum, error) => sum + (cost[error.keyword] ?? 0), 0)
}

function toFieldError(part: RequestPart, error: SchemaError): Fault {
  const missing = error.params.missingProperty ?? error.params.additionalProperty
  const pointer =
    missing === undefined ? error.instancePath : `${error.instancePath}/${escaped(String(missing))}`
  const segments = pointer.split('/')
  const last = segments.at(-1) ?? ''
  // An entry of a list has only a number, so the name of the list precedes it.
  const isEntry = /^\d+$/.test(last) && segments.length > 2
  const name = unescaped(isEntry ? segments.slice(-2).join('/') : last).slice(0, 100)
  const { code, message } = describeError(part, error, name)
  const shown = pointer.length > MAX_PLACE_LENGTH ? `${pointer.slice(0, MAX_PLACE_LENGTH)}…` : pointer
  if (part === 'body') return { in: part, pointer: shown, code, message }
  return { in: part, parameter: unescaped(segments[1] ?? '').slice(0, MAX_PLACE_LENGTH), code, message }
}

function describeError(
  part: RequestPart,
  error: SchemaError,
  name: string,
): { code: string; message: string } {
  const schema = (error.parentSchema ?? {}) as Record<string, unknown>
  const subject = name === '' ? 'The body' : name
  const kind = part === 'body' ? 'FIELD' : 'PARAMETER'
  switch (error.keyword) {
    case 'required':
      return { code: `${kind}_MISSING`, message: `${name} is missing.` }
    case 'additionalProperties':
      return {
        code: `${kind}_UNKNOWN`,
        message: `${name} is not a ${kind === 'FIELD' ? 'field' : 'parameter'} of this request.${describeAllowed(error, schema)}`,
      }
    case 'type':
      return { code: 'TYPE_WRONG', message: `${subject} must be ${describeType(error.params.type)}.` }
    case 'enum':
      return { code: 'VALUE_NOT_ALLOWED', message: `${subject} must be one of ${joinValues(schema.enum)}.` }
    case 'minimum':
    case 'maximum':
    case 'multipleOf':
      return { code: 'PARAMETER_OUT_OF_RANGE', message: `${subject} must be ${describeRange(schema)}.` }
    case 'minLength': {
      const least = Number(schema.minLength)
      const requirement = least === 1 ? 'not be empty' : `have at least ${least} characters`
      return { code: 'LENGTH_WRONG', message: `${subject} must ${requirement}.` }
    }
    case 'maxLength':
      return {
        code: 'LENGTH_WRONG',
        message: `${subject} must not be longer than ${String(schema.maxLength)} characters.`,
      }
    case 'minItems':
      return {
        code: 'TOO_FEW',
        message: `${subject} must have ${atLeastText(schema.minItems, 'entry', 'entries')}.`,
      }
    case 'minProperties':
      return {
        code: 'TOO_FEW',
        message: `${subject} must have ${atLeastText(schema.minProperties, 'field', 'fields')}. Allowed: ${joinValues(Object.keys(schema.properties ?? {}))}.`,
      }
    case 'maxItems':
      return {
        code: 'TOO_MANY',
        message: `${subject} must not have more than ${String(schema.maxItems)} entries.`,
      }
    case 'maxProperties':
      return {
        code: 'TOO_MANY',
        message: `${subject} must not have more than ${String(schema.maxProperties)} fields.`,
      }
    case 'uniqueItems':
      return { code: 'NOT_UNIQUE', message: `${subject} contains the same entry twice.` }
    case 'format':
    case 'pattern':
    case 'anyOf':
      if (schema.format === 'date-time')
        return { code: 'FORMAT_INVALID', message: `${subject} must be a time such as 2027-01-01T00:00:00Z.` }
      return {
        code: 'FORMAT_INVALID',
        message: `${subject} has an invalid format. Expected: ${uncapitalized(describePattern(schema))}`,
      }
    default:
      return {
        code: 'VALUE_NOT_ALLOWED',
        message: `${subject} is not allowed here.${describeMeaning(schema)}`,
      }
  }
}

/** The fields of the object, or the parameters, that the schema knows. */
function describeAllowed({ instancePath }: SchemaError, { properties }: Record<string, unknown>): string {
  const names = Object.keys(properties ?? {})
  if (names.length === 0) return ' None is allowed.'
  const others = names.length - MAX_SHOWN_NAMES
  const shown = joinValues(names.slice(0, MAX_SHOWN_NAMES))
  const object = unescaped(instancePath.slice(1)).slice(0, 100)
  const allowed = object === '' ? 'Allowed' : `Allowed in ${object}`
  return ` ${allowed}: ${shown}${others > 0 ? ` and ${others} more` : ''}.`
}

/** Descriptions are complete sentences; here they complete another sentence. */
function uncapitalized(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

/** The expected form: the text of the pattern, or the description of the schema. */
function describePattern({ pattern, description }: Record<string, unknown>): string {
  return PATTERN_DESCRIPTIONS[String(pattern)] ?? String(description ?? 'the format in GET /openapi.json.')
}

function describeMeaning({ description }: Record<string, unknown>): string {
  return description === undefined ? '' : ` Expected: ${uncapitalized(String(description))}`
}

function atLeastText(least: unknown, singular: string, plural: string): string {
  return `at least ${String(least)} ${least === 1 ? singular : plural}`
}

function describeType(type: unknown): string {
  if (Array.isArray(type)) return type.map(describeType).join(' or ')
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

function describeRange(schema: Record<string, unknown>): string {
  const multiple = schema.multipleOf === undefined ? '' : ` and a multiple of ${String(schema.multipleOf)}`
  if (schema.maximum === undefined) return `${String(schema.minimum)} or more${multiple}`
  return `a whole number from ${String(schema.minimum)} to ${String(schema.maximum)}${multiple}`
}

function joinValues(values: unknown): string {
  return Array.isArray(values) ? values.join(', ') : String(values)
}

/** JSON pointer escaping, RFC 6901. */
export function escaped(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** The maximum depth. No valid request is deeper, and without a limit, a body of brackets would exhaust the stack. */
const MAX_DEPTH = 50

/**
 * Texts of a body with half of a surrogate pair. JSON can contain one, but databases and URLs cannot, so it would cause
 * an error of the service.
 */
export function textErrors(body: unknown, path: readonly string[] = []): Fault[] {
  if (typeof body === 'string') return body.isWellFormed() ? [] : [malformed(path)]
  if (typeof body !== 'object' || body === null || path.length >= MAX_DEPTH) return []
  return Object.entries(body).flatMap(([name, member]) =>
    name.isWellFormed() ? textErrors(member, [...path, name]) : [malformed(path)],
  )
}

function malformed(path: readonly string[]): Fault {
  const pointer = path.map((name) => `/${escaped(name)}`).join('')
  const message = `${path.at(-1)?.slice(0, 100) ?? 'The body'} contains half of a surrogate pair.`
  return { in: 'body', pointer, code: 'FORMAT_INVALID', message }
}
