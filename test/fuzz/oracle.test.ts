import t from 'tap'
import { exampleProblem, problemBody } from '../../src/routes/problems/problems.ts'
import { faultsIn, faultsOfReplay } from './run/oracle.ts'
import type { Answer, Wire } from './run/wire.ts'

const PROBLEMS = new Map([
  ['PLAN_NOT_FOUND', 404],
  ['INTERNAL', 500],
  ['CLUSTER_LOCKED', 409],
  ['MALFORMED_HTTP', 400],
])
const wire: Wire = {
  operation: 'getPlan',
  caller: 'maker',
  method: 'GET',
  target: '/v1/plans/01990000-0000-7000-8000-000000000001?x=1',
  headers: [],
  body: null,
  ways: [],
}
const problem = (code: 'PLAN_NOT_FOUND' | 'INTERNAL' | 'CLUSTER_LOCKED', status: number): Answer => {
  const { facts } = exampleProblem(code)
  const body = problemBody({ code, facts, errors: [], instance: '/x', requestId: '1' })
  return {
    status,
    headers: {
      'x-request-id': '1',
      'content-type': 'application/problem+json; charset=utf-8',
      'x-ms-error-code': code,
    },
    text: JSON.stringify(body),
    isCut: false,
  }
}
const faults = (answer: Answer | null, given: Partial<Wire> = {}) =>
  faultsIn({ wire: { ...wire, ...given }, answer }, PROBLEMS)

t.test('a documented response has no error', async (t) => {
  t.strictSame(faults(problem('PLAN_NOT_FOUND', 404)), [])
})

t.test('every kind of wrong response is detected', async (t) => {
  const good = problem('PLAN_NOT_FOUND', 404)
  const json = { ...good.headers, 'content-type': 'application/json' }
  t.match(faults(problem('INTERNAL', 500)), ['500'])
  t.match(faults({ ...good, headers: { ...good.headers, 'x-request-id': undefined } }), [
    'it has no x-request-id',
  ])
  t.match(faults({ ...good, status: 410 }), [/the body of a 410 says 404/])
  t.match(faults({ ...good, headers: json }), [/404 is told as application\/json/])
  t.match(faults({ ...good, headers: { ...good.headers, 'x-ms-error-code': 'X' } }), [/x-ms-error-code/])
  t.match(faults(problem('CLUSTER_LOCKED', 409)), [/does not document 409 CLUSTER_LOCKED/])
  t.match(faults({ ...good, text: JSON.stringify({ status: 404, code: 'PLAN_NOT_FOUND' }) }), [/must have/])
  t.match(faults({ ...good, status: 200, headers: json, text: '{}' }), [/must have required property/])
  t.match(faults({ ...good, status: 204, headers: json }), [/GET 204 has a body/])
  t.match(faults(good, { method: 'HEAD' }), [/HEAD 404 has a body/])
  t.match(faults({ ...good, status: 429, text: '' }, { method: 'HEAD', target: '/healthz' }), [
    /HEAD of getHealth/,
  ])
  t.match(faults({ ...good, status: 200, headers: json, text: '{}' }, { target: '/v2' }), [/is no operation/])
  t.match(faults(null), ['it is not answered'])
  t.strictSame(faults(null, { ways: ['goAway'] }), [])
})

t.test('detects a replay that differs from the first response', async (t) => {
  const first: Answer = { status: 201, headers: {}, text: '{}', isCut: false }
  const replayed = { 'idempotency-replayed': 'true' }
  t.strictSame(faultsOfReplay(first, { ...first, headers: replayed }), [])
  t.strictSame(faultsOfReplay(first, { ...first, text: '[]' }), [])
  t.match(faultsOfReplay(first, { ...first, headers: replayed, text: '[]' }), [/replayed/])
  t.match(faultsOfReplay(first, { ...first, headers: replayed, status: 200 }), [/replayed/])
})
