import t from 'tap'
import { faultsOf } from '../support/documented.ts'

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
