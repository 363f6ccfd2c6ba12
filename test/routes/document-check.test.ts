import t from 'tap'
import { exampleProblem, type ProblemCode } from '../../src/routes/problems.ts'
import { faultsOf, untoldProblems } from '../support/documented.ts'

const health = {
  method: 'GET',
  path: '/healthz',
  status: 200,
  contentType: 'application/json; charset=utf-8',
}
const good = JSON.stringify({ status: 'ok', version: '1.0.0', azure: 'simulated' })

t.test('answers that the document does not say are found', async (t) => {
  t.strictSame(faultsOf({ ...health, text: good }), [])
  t.match(faultsOf({ ...health, text: '{}' }), [/required property/])
  t.match(faultsOf({ ...health, text: good, status: 201 }), [/does not document 201/])
  t.match(faultsOf({ ...health, text: good, contentType: 'text/plain' }), [/does not document text\/plain/])
  t.match(faultsOf({ ...health, text: good, path: '/v2/healthz' }), [/is no operation/])
  const problem = { ...health, path: '/v2/healthz', status: 404, contentType: 'application/problem+json' }
  t.ok(faultsOf({ ...problem, text: '{}' }).length > 0, 'a problem without its members')
})

t.test('problems that an operation shows no example of are found', async (t) => {
  const refused = { ...health, status: 400, contentType: 'application/problem+json' }
  const saying = (code: ProblemCode) => ({ ...refused, text: JSON.stringify(exampleProblem(code)) })
  t.strictSame(untoldProblems(saying('INVALID_REQUEST')), [])
  t.strictSame(untoldProblems(saying('CURSOR_INVALID')), ['getHealth 400 shows no CURSOR_INVALID'])
  t.strictSame(untoldProblems({ ...saying('INVALID_REQUEST'), status: 404 }), [
    'getHealth 404 shows no INVALID_REQUEST',
  ])
  t.strictSame(untoldProblems({ ...health, text: good }), [], 'a good answer is none')
})
