import t from 'tap'
import { type Given, openHarness, strike, verifiedChange } from './support/node-verification.ts'

const harness = await openHarness(t)
const PARTNER = 'partner.example.com:443'
const WISH = { endpoints: ['https://partner.example.com/'], maxNodes: 1 }
const changed = (given: Given) => verifiedChange(harness, { wish: WISH, onFailure: 'rollBack', ...given })

const FOREIGN = { kind: 'editOutput', pattern: '[\\s\\S]+', replacement: 'hello' }
const GONE = { kind: 'status', status: 404 }
const SILENT = { kind: 'failOperation', code: 'VMExtensionProvisioningTimeout' }
const DENIED = { kind: 'status', status: 403 }

for (const [what, fault] of [
  ['output of something else', FOREIGN],
  ['an instance that is gone', GONE],
  ['a run-command that Azure ends', SILENT],
] as const) {
  t.test(`repeats a baseline with ${what} on another instance, so that a loss is detected`, async (t) => {
    const { room, job } = await changed({ rules: strike(1, 1, fault) })
    t.match(job, {
      status: 'Failed',
      rollback: { status: 'Succeeded' },
      error: { code: 'NODES_LOST_ENDPOINTS' },
      nodeVerification: {
        before: [{ pool: 'system', status: 'completed' }, { status: 'skipped' }],
        lost: [{ kind: 'endpoint', endpoint: PARTNER }],
      },
    })
    const [first, repeated] = room.asked.filter(
      ({ method, path }) => method === 'POST' && /runCommand/.test(path),
    )
    t.not(first?.path, repeated?.path)
  })

  t.test(`stops before the cutover if the baseline has ${what} twice`, async (t) => {
    const { room, job } = await changed({ rules: strike(1, 2, fault) })
    t.match(job, {
      status: 'Failed',
      rollback: null,
      error: {
        code: 'NODES_NOT_MEASURED',
        step: 'probe-nodes-before',
        message: /No traffic has moved\. Pool `system`: /,
      },
      nodeVerification: { after: null, lost: [] },
    })
    t.notOk(
      room.asked.some(({ method, path }) => method === 'PUT' && /managedClusters|\/subnets\//.test(path)),
      'the job changed neither the cluster nor a subnet',
    )
  })
}

t.test('a repeated baseline measures only the pool without a result', async (t) => {
  const match = { method: 'POST', pathPattern: 'aks-user.*runCommand', nth: 1 }
  const { room, job } = await changed({ wish: {}, rules: [{ match, fault: GONE }] })
  t.match(job, { nodeVerification: { before: [{ status: 'completed' }, { status: 'completed' }] } })
  const until = room.asked.findIndex(({ method, path }) => method === 'PUT' && /\/subnets\//.test(path))
  const sent = room.asked
    .slice(0, until)
    .filter(({ method, path }) => method === 'POST' && /runCommand/.test(path))
  t.strictSame(
    sent.map(({ path }) => /aks-(system|user)/.exec(path)?.[1]),
    ['system', 'user', 'user'],
  )
})

t.test('reports an endpoint that is not reached and that no baseline could measure', async (t) => {
  const { job } = await changed({ rules: strike(1, 1, DENIED) })
  t.match(job, {
    status: 'Succeeded',
    nodeVerification: {
      before: [{ status: 'failed', isRejected: true }, { status: 'skipped' }],
      lost: [],
      unreached: [{ kind: 'endpoint', endpoint: PARTNER, pool: 'system', cause: /firewall `fw-hub`/ }],
    },
  })
  t.equal(job.nodeVerification?.unreached?.length, 1, 'only some clusters need the other endpoints')
})

t.test(
  'does not report an endpoint that only the first of two measurements after the cutover did not reach',
  async (t) => {
    const loss = { kind: 'editOutput', pattern: '\\n1\\|.*', replacement: '\n1|28|000|104.16.1.1|0.000|0|' }
    const rules = [...strike(1, 1, DENIED), ...strike(2, 2, loss)]
    const { job } = await changed({ wish: { maxNodes: 1 }, rules })
    t.match(job, { status: 'Succeeded' })
    t.notOk(job.nodeVerification?.unreached)
  },
)

t.test(
  'output of something else after the cutover is unreadable, and no statement about egress',
  async (t) => {
    const { job } = await changed({ wish: { maxNodes: 1 }, rules: strike(2, 3, FOREIGN) })
    t.match(job, {
      status: 'Failed',
      rollback: { status: 'Succeeded' },
      error: {
        code: 'NODES_LOST_ENDPOINTS',
        message: /^After the cutover, no measurement shows whether .* unreadable result, so it is unknown/,
        remedy: /^Fix what prevents the measurement/,
      },
      nodeVerification: { lost: [{ kind: 'unmeasured', endpoint: null }] },
    })
    t.notMatch(job.error?.message, /443|no longer returns/)
  },
)
