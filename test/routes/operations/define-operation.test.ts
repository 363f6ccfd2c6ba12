import t from 'tap'
import { defineOperation } from '../../../src/routes/operations/define-operation.ts'

const BASE = {
  operationId: 'newOperation',
  method: 'GET',
  tag: 'Service',
  summary: 'An operation',
  description: 'An operation that is not served.',
  responses: {},
  problems: [],
  handle: () => ({}),
} as const

t.test('an operation without an access requirement does not compile', async (t) => {
  // @ts-expect-error: no grant
  const withoutGrant = defineOperation({ ...BASE, path: '/v1/new', subject: 'nothing' })
  // @ts-expect-error: no subject
  const withoutSubject = defineOperation({ ...BASE, path: '/v1/new', grant: 'Egress.Read' })
  t.ok(withoutGrant && withoutSubject)
  t.ok(defineOperation({ ...BASE, path: '/v1/new', grant: 'Egress.Read', subject: 'list' }))
})

t.test(
  'an operation whose path names a plan, a job or a cluster is about it, or does not compile',
  async (t) => {
    const grant = 'Egress.Read'
    // @ts-expect-error: the access policy would not be applied to the plan
    t.ok(defineOperation({ ...BASE, path: '/v1/plans/:planId/new', grant, subject: 'nothing' }))
    // @ts-expect-error: the access policy would not be applied to the cluster
    t.ok(defineOperation({ ...BASE, path: '/v1/clusters/:clusterName/new', grant, subject: 'list' }))
    // @ts-expect-error: the path names nothing that the access policy knows
    t.ok(defineOperation({ ...BASE, path: '/v1/webhooks/:webhookId', grant, subject: 'path' }))
    t.ok(defineOperation({ ...BASE, path: '/v1/jobs/:jobId/new', grant, subject: 'path' }))
  },
)
