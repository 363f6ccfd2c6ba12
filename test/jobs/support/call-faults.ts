import type { Asked, Struck } from './azure-harness.ts'

/** Longer than anything that the arm client would wait for within a call. */
export const RETRY_AFTER_SECONDS = 37

/** A read that fails is sent twice more (src/azure/arm-call.ts). */
const SENDS_OF_A_READ = 3

export interface CallFault {
  name: string
  fault: Struck['fault'] & Record<string, unknown>
  /** A job that meets it ends as if it had not: it passes, or means nothing. */
  passes: boolean
}

const status = (code: number, rest: object, passes: boolean): CallFault => ({
  name: Object.values({ code, ...rest }).join(' '),
  fault: { kind: 'status', status: code, ...rest },
  passes,
})
const kind = (name: string, passes: boolean, rest: object = {}): CallFault => ({
  name,
  fault: { kind: name, ...rest },
  passes,
})

const ANYWHERE = [
  status(429, { retryAfterSeconds: RETRY_AFTER_SECONDS }, true),
  status(503, {}, true),
  status(401, {}, true),
  kind('reset', true),
  kind('resetAfter', true),
]
const OF_READS = [...ANYWHERE, status(403, {}, false), status(404, {}, false)]
const OF_POLLS = [...ANYWHERE, status(403, {}, false), status(404, {}, true)]
const OF_WRITES = [
  ...ANYWHERE,
  status(500, {}, true),
  kind('timeout', true, { ms: 5 }),
  kind('delay', true, { ms: 5 }),
  status(409, { code: 'OperationNotAllowed' }, true),
  status(409, { code: 'EtagMismatch' }, true),
  status(412, {}, true),
  status(400, {}, false),
  status(403, {}, false),
  status(404, {}, false),
  kind('failOperation', false),
  kind('stall', false),
  kind('errorInSuccess', true),
  kind('changeEtag', true),
  kind('concurrentWriter', false),
  kind('ignoreChange', false),
]

export const isWrite = ({ method }: Asked): boolean => method !== 'GET'
export const isPoll = ({ path }: Asked): boolean => path.includes('/operations/')

/** What can go wrong at a call. */
export function faultsOf(call: Asked): CallFault[] {
  if (isWrite(call)) return OF_WRITES
  return isPoll(call) ? OF_POLLS : OF_READS
}

/**
 * The rules that make it go wrong at the nth request of the job. A read is struck as often as it is sent within one
 * call, so that sending it again does not heal it.
 */
export function ruleFor(call: Asked, nth: number, { fault }: CallFault): Struck {
  if (isWrite(call) || isPoll(call)) return { match: { nth }, fault }
  return { match: { method: 'GET', pathPattern: patternOf(call), from: nth, count: SENDS_OF_A_READ }, fault }
}

function patternOf({ path }: Asked): string {
  return `${(path.split('?')[0] ?? '').replaceAll('.', '\\.')}\\?`
}

/** The calls of a healthy job with their numbers as `ruleFor` wants them, without the polls between the second and the last of an operation. */
export function tellingCalls(asked: Asked[]): { call: Asked; nth: number }[] {
  const times = new Map<string, number>()
  return asked
    .map((call, index) => {
      const key = `${call.method} ${call.path.split('?')[0]}`.toLowerCase()
      times.set(key, (times.get(key) ?? 0) + 1)
      // Reads of one snapshot come in any order, so a read is counted among those of the same path.
      return { call, nth: isWrite(call) || isPoll(call) ? index + 1 : (times.get(key) ?? 1) }
    })
    .filter(({ call }, index) => {
      if (!isPoll(call)) return true
      const same = (offset: number) => asked[index + offset]?.path === call.path
      return !same(1) || !same(-1) || !same(-2)
    })
}
