import type { ProblemCode } from '../routes/problems/problems.ts'
import type { Answer } from './dispatch.ts'
import { ALL_TOOLS } from './tools/all-tools.ts'
import { makeAllVisible } from './untrusted.ts'

interface Advice {
  /** The tool to call next. */
  tool?: string
  /** Replaces the remedy of the HTTP API, which names headers, parameters, or lists that an agent does not have. */
  remedy?: string
}

const NEW_PLAN: Advice = { tool: 'plan' }
const WAIT: Advice = { remedy: 'Wait for `retryAfterSeconds`, then call the same tool again.' }

/** What an agent does about a problem. A code without an entry has the remedy of the HTTP API, with tools for operations. */
const ADVICE: Partial<Record<ProblemCode, Advice>> = {
  INVALID_REQUEST: {
    remedy:
      'Fix the arguments in `errors`. The resource egress://tools/{tool} has the complete schema of the arguments.',
  },
  CURSOR_INVALID: { tool: 'find_clusters' },
  CLUSTER_NOT_FOUND: { tool: 'find_clusters' },
  SUBSCRIPTION_NOT_FOUND: { tool: 'find_clusters' },
  PLAN_NOT_FOUND: { tool: 'plan', remedy: 'Check the ID of the plan, or create a plan with `plan`.' },
  JOB_NOT_FOUND: {
    tool: 'read_plan',
    remedy: 'Check the ID of the job. `read_plan` returns the job of a plan as `jobId`.',
  },
  FINDING_NOT_FOUND: { tool: 'read_plan', remedy: 'Use a code from the findings of a plan.' },
  PLAN_BLOCKED: NEW_PLAN,
  PLAN_NO_CHANGE: NEW_PLAN,
  PLAN_STALE: NEW_PLAN,
  PLAN_EXPIRED: NEW_PLAN,
  PLAN_DISCARDED: NEW_PLAN,
  PLAN_FOR_OTHER_AZURE: NEW_PLAN,
  APPROVAL_WINDOW_CLOSED: NEW_PLAN,
  ACKNOWLEDGEMENT_UNKNOWN: { tool: 'read_plan' },
  ACKNOWLEDGEMENT_MISSING: {
    tool: 'read_plan',
    remedy:
      'Show these findings of the plan to the user. Only after the user has agreed, call `execute` with each code in `acknowledge`.',
  },
  APPROVAL_MISSING: {
    tool: 'execute',
    remedy:
      'Ask the user for the approval of a second person: no tool approves a plan. Then call `execute` again.',
  },
  HOLD_NOT_POSSIBLE: { tool: 'execute' },
  CLUSTER_LOCKED: { tool: 'follow_job' },
  JOB_ALREADY_FINISHED: { tool: 'follow_job' },
  JOB_NOT_HELD: { tool: 'follow_job' },
  TOO_MANY_REQUESTS: WAIT,
  NOT_READY: WAIT,
  DATABASE_UNAVAILABLE: {
    remedy:
      'Wait for `retryAfterSeconds`, then call the same tool again. `execute` never starts a second job for a plan. A repeated `plan` or `roll_back` can create a second plan, which changes nothing in Azure.',
  },
}

/** The members of a problem, the most important first. */
const MEMBERS = [
  'code',
  'status',
  'detail',
  'remedy',
  'tool',
  'retryAfterSeconds',
  'requestId',
  'errors',
  'facts',
]
const MAX_TEXT_LENGTH = 2_000

/** The problem of an operation as an agent can use it, with visible characters only. */
export function toProblem({
  text,
  headers = {},
}: Pick<Answer, 'text'> & Partial<Answer>): [string, unknown][] {
  const problem = parse(text)
  const { remedy = problem.remedy, tool } = ADVICE[problem.code as ProblemCode] ?? {}
  const facts = problem.facts as { retryAfterSeconds?: unknown } | undefined
  const wait = Math.ceil(Number(headers['retry-after'] ?? facts?.retryAfterSeconds))
  const all: Record<string, unknown> = {
    ...problem,
    remedy: typeof remedy === 'string' ? nameTools(remedy) : remedy,
    tool,
    retryAfterSeconds: wait > 0 ? wait : undefined,
  }
  return MEMBERS.filter((name) => all[name] !== undefined).map((name) => [
    name,
    shorten(makeAllVisible(all[name])),
  ])
}

function shorten(value: unknown): unknown {
  return typeof value === 'string' && value.length > MAX_TEXT_LENGTH
    ? `${value.slice(0, MAX_TEXT_LENGTH)}…`
    : value
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return { detail: text }
  }
}

/** An operation in a remedy: `POST /v1/jobs/{jobId}/cancellation`, or with the ID of a job. */
const OPERATION = /`(GET|POST|PATCH|DELETE) ([^`\s]+)`/g
const RETRY_AFTER = /the number of seconds in the header `Retry-After`/g

/** The remedy with tools instead of operations of the HTTP API, and without its headers: an agent has neither. */
export function nameTools(remedy: string): string {
  return remedy
    .replace(RETRY_AFTER, '`retryAfterSeconds`')
    .replace(OPERATION, (operation, method: string, path: string) => {
      const tool = ALL_TOOLS.find(
        ({ operation }) => operation.method === method && patternOf(operation.path).test(path),
      )
      return tool === undefined ? `${operation} (no tool; ask the user)` : `the tool \`${tool.name}\``
    })
}

/** `/v1/jobs/:jobId` also matches `/v1/jobs/{jobId}`. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`)
}

/** The same value with tools in every member `remedy`. */
export function nameToolsIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nameToolsIn)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [
    name,
    name === 'remedy' && typeof member === 'string' ? nameTools(member) : nameToolsIn(member),
  ])
  return Object.fromEntries(members)
}
