import { isObject, type Json, type JsonObject, numberAt, objectAt, textAt } from '../lib/json.ts'
import type { Fault, FaultMatch, FaultRule } from './faults.ts'

/** Invalid control input; the message says what is wrong and what is allowed. */
export class InvalidControlInput extends Error {}

const FAULT_KINDS = [
  'status',
  'reset',
  'resetAfter',
  'timeout',
  'delay',
  'hold',
  'holdAfter',
  'failOperation',
  'errorInSuccess',
  'stall',
  'changeEtag',
  'concurrentWriter',
  'ignoreChange',
  'editOutput',
] as const

/**
 * Reads the body of POST /simulator/faults: a rule or a list of rules `{ match, fault }`.
 * @throws BadControlInput
 */
export function parseFaults(body: Json): FaultRule[] {
  const rules = Array.isArray(body) ? body : [body]
  return rules.map((rule, index) => parseRule(rule, `[${index}]`))
}

function parseRule(rule: Json, where: string): FaultRule {
  if (!isObject(rule) || !isObject(rule.fault))
    throw new InvalidControlInput(`${where} must be { match: { method, pathPattern }, fault: { kind } }.`)
  assertKnownMembers(rule, ['match', 'fault'], where)
  return {
    match: parseMatch(objectAt(rule, 'match') ?? {}, `${where}.match`),
    fault: parseFault(rule.fault, `${where}.fault`),
    matched: 0,
    strikes: 0,
    given: rule,
  }
}

function parseMatch(match: JsonObject, where: string): FaultMatch {
  assertKnownMembers(match, ['method', 'pathPattern', 'bodyContains', 'nth', 'from', 'count'], where)
  const nth = toPositiveInteger(match, 'nth', where)
  const pattern = textAt(match, 'pathPattern')
  return {
    method: textAt(match, 'method')?.toUpperCase(),
    pathPattern: pattern === undefined ? undefined : toRegExp(pattern, where),
    bodyContains: textAt(match, 'bodyContains'),
    from: nth ?? toPositiveInteger(match, 'from', where) ?? 1,
    count: nth === undefined ? (toPositiveInteger(match, 'count', where) ?? Number.POSITIVE_INFINITY) : 1,
  }
}

function parseFault(fault: JsonObject, where: string): Fault {
  const kind = FAULT_KINDS.find((known) => known === fault.kind)
  switch (kind) {
    case undefined:
      throw new InvalidControlInput(`${where}.kind must be one of ${FAULT_KINDS.join(', ')}.`)
    case 'status':
      return toStatusFault(fault, where)
    case 'timeout':
    case 'delay': {
      const ms = numberAt(fault, 'ms')
      if (ms === undefined || ms < 0)
        throw new InvalidControlInput(`${where}.ms must be a number of milliseconds.`)
      return { kind, ms }
    }
    case 'editOutput': {
      const pattern = textAt(fault, 'pattern') ?? ''
      toRegExp(pattern, where)
      return { kind, pattern, replacement: textAt(fault, 'replacement') ?? '' }
    }
    case 'failOperation':
      return {
        kind,
        code: textAt(fault, 'code') ?? 'InternalOperationError',
        message: textAt(fault, 'message') ?? 'Internal server error',
      }
    default:
      return { kind }
  }
}

/** The code of Azure for a status, if the rule has no code (500 and 503 are inferred). */
const CODE_OF_STATUS: Record<number, string> = {
  401: 'AuthenticationFailed',
  403: 'AuthorizationFailed',
  404: 'ResourceNotFound',
  409: 'Conflict',
  412: 'PreconditionFailed',
  429: 'SubscriptionRequestsThrottled',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
}

function toStatusFault(fault: JsonObject, where: string): Fault {
  const status = numberAt(fault, 'status')
  if (status === undefined || !Number.isInteger(status) || status < 200 || status > 599)
    throw new InvalidControlInput(`${where}.status must be an HTTP status from 200 to 599.`)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(objectAt(fault, 'headers') ?? {})) headers[name] = String(value)
  return {
    kind: 'status',
    status,
    code: textAt(fault, 'code') ?? CODE_OF_STATUS[status] ?? 'InternalServerError',
    message: textAt(fault, 'message') ?? 'The simulator injected this fault.',
    retryAfterSeconds: numberAt(fault, 'retryAfterSeconds'),
    headers,
  }
}

function toPositiveInteger(match: JsonObject, member: string, where: string): number | undefined {
  const value = match[member]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw new InvalidControlInput(`${where}.${member} must be a whole number of 1 or more.`)
  return value
}

function toRegExp(pattern: string, where: string): RegExp {
  try {
    return new RegExp(pattern, 'i')
  } catch (error) {
    throw new InvalidControlInput(
      `${where}.pathPattern must be a valid regular expression: ${String(error)}.`,
    )
  }
}

function assertKnownMembers(object: JsonObject, known: string[], where: string): void {
  const unknown = Object.keys(object).filter((member) => !known.includes(member))
  if (unknown.length > 0)
    throw new InvalidControlInput(
      `${where} has unknown fields: ${unknown.join(', ')}. Use ${known.join(', ')}.`,
    )
}
