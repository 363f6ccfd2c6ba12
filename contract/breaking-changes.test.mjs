import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { breakingChanges } from './breaking-changes.mjs'

const CLUSTER = '/v1/clusters/{subscriptionId}/{resourceGroup}/{clusterName}/egress'
const WHOLE = readFileSync(new URL('../openapi/openapi.json', import.meta.url), 'utf8')
/** The parts that the alterations below concern: a comparison of the whole document takes seconds. */
const EXCERPT = excerpt(JSON.parse(WHOLE))

function excerpt({ paths, ...document }) {
  const { get, post } = paths['/v1/plans']
  return JSON.stringify({
    ...document,
    paths: {
      '/v1/plans': { get: { ...get, responses: {} }, post: { ...post, responses: {} } },
      '/v1/jobs': { post: paths['/v1/jobs'].post },
      [CLUSTER]: { get: { ...paths[CLUSTER].get, responses: {} } },
    },
  })
}

/** What breaks clients when the document is altered like this. */
function after(alter, text = EXCERPT) {
  const present = JSON.parse(text)
  alter(present)
  return breakingChanges(JSON.parse(text), present)
}

const BREAKS = {
  'an operation that goes': (document) => delete document.paths['/v1/plans'].get,
  'an answer that goes': (document) => delete document.paths['/v1/jobs'].post.responses['202'],
  'a member of an answer that goes': ({ components }) => delete components.schemas.Job.properties.status,
  'a member of an answer that may be missing': ({ components }) => components.schemas.Job.required.pop(),
  'a member of a request that goes': ({ components }) => delete components.schemas.PlanRequest.properties.reason,
  'a member of a request that becomes required': ({ components }) =>
    components.schemas.PlanRequest.required.push('reason'),
  'a parameter that goes': ({ paths }) => paths['/v1/plans'].get.parameters.pop(),
  'a limit that becomes tighter': ({ components }) => {
    components.schemas.PlanRequest.properties.reason.maxLength = 10
  },
}
for (const [what, alter] of Object.entries(BREAKS))
  test(`${what} breaks clients`, () => assert.ok(after(alter).length > 0))

const cluster = (paths) => paths[CLUSTER].get
const SOUND = {
  nothing: () => {},
  'other words': ({ info }) => {
    info.description = 'other'
  },
  'a parameter without its example': ({ paths }) => {
    for (const { example, examples, schema } of cluster(paths).parameters)
      assert.ok(example ?? examples ?? schema.examples, 'there was one')
    cluster(paths).parameters = cluster(paths).parameters.map(({ example, examples, ...rest }) => {
      const { examples: inner, ...schema } = rest.schema
      return { ...rest, schema }
    })
  },
  'a parameter without its words': ({ paths }) => {
    for (const each of cluster(paths).parameters) delete each.description
  },
  'a new member of an answer': ({ components }) => {
    components.schemas.Job.properties.more = { type: 'string' }
  },
  'a new optional parameter': ({ paths }) =>
    paths['/v1/plans'].get.parameters.push({ name: 'more', in: 'query', schema: { type: 'string' } }),
}
for (const [what, alter] of Object.entries(SOUND))
  test(`${what} breaks nobody`, () => assert.deepEqual(after(alter), []))

test('the whole document does not break the clients of itself', () => assert.deepEqual(after(() => {}, WHOLE), []))
