import t from 'tap'
import type { AzureHarness, Struck } from './support/azure-harness.ts'
import { type Given, openHarness, strike, testLosses, verifiedChange } from './support/node-verification.ts'

const harness = await openHarness(t)
const changed = (given: Given) => verifiedChange(harness, given)

testLosses(t, harness, 'stop')

t.test('measures before the cutover and after it, and succeeds if nothing is lost', async (t) => {
  const { plan, job } = await changed({ wish: { maxNodes: 1 } })
  const keys = plan.steps.map(({ key }) => key)
  t.ok(keys.indexOf('probe-nodes-before') < keys.indexOf('prepare-subnet-1'), keys.join())
  t.ok(keys.indexOf('probe-nodes-after') > keys.indexOf('discover-egress-ips'))
  t.match(job, { status: 'Succeeded', error: null })
  t.match(job.nodeVerification, {
    before: [{ pool: 'system', status: 'completed' }, { status: 'skipped' }],
    after: [{ pool: 'system', status: 'completed' }, { status: 'skipped' }],
    lost: [],
  })
})

/** Gives the cluster an HTTP proxy in an unknown network, as if it always had one. */
async function addProxy({ demo }: AzureHarness, config: object = {}) {
  const { body } = await demo.arm.getCluster(demo.ref('lb-byo'))
  const httpProxyConfig = { httpProxy: 'http://52.9.9.9:3128', ...config }
  const properties = { ...(body.properties as object), httpProxyConfig }
  await demo.control('resources', { put: [{ ...body, properties }] })
}

t.test('behind an HTTP proxy, a firewall without a rule for the proxy fails the job', async (t) => {
  const { job } = await changed({ wish: { maxNodes: 1 }, before: (room) => addProxy(room) })
  t.match(job, { status: 'Failed', error: { code: 'NODES_LOST_ENDPOINTS' } })
  const [before] = job.nodeVerification?.before ?? []
  t.match(
    before?.readings.find(({ origin }) => origin === 'httpProxy'),
    { endpoint: '52.9.9.9:3128', outcome: 'reached', via: 'direct' },
  )
  t.match(
    before?.readings.find(({ endpoint }) => endpoint === 'mcr.microsoft.com:443'),
    { outcome: 'reached', via: 'httpProxy', address: null },
  )
  t.match(
    job.nodeVerification?.lost.find(({ endpoint }) => endpoint === 'mcr.microsoft.com:443'),
    { cause: /does not reach its HTTP proxy 52\.9\.9\.9:3128/ },
  )
})

t.test('a proxy with a trusted authority and its own address are no faults', async (t) => {
  const { job } = await changed({
    wish: { maxNodes: 1, sourceAddressUrl: 'https://ip.example.com/' },
    before: (room) => addProxy(room, { trustedCa: 'LS0t', httpProxy: 'http://10.17.200.4:3128' }),
    rules: [
      {
        match: { method: 'POST', pathPattern: 'runCommand' },
        fault: { kind: 'editOutput', pattern: 'S\\|.*', replacement: 'S|52.1.2.3' } as Struck['fault'],
      },
    ],
  })
  t.equal(job.status, 'Succeeded')
  t.match(job.warnings.join(), /the observed address is that of the HTTP proxy.*52\.1\.2\.3/)
  t.match(job.nodeVerification, { lost: [], after: [{ readings: [{}, { origin: 'httpProxy' }] }] })
  t.match(JSON.stringify(job.nodeVerification?.after), 'HTTP Proxy CA')
})

const SILENT = { kind: 'failOperation', code: 'VMExtensionProvisioningTimeout' }

t.test('nodes that return no result after the cutover fail the job', async (t) => {
  const { job } = await changed({ wish: { maxNodes: 1 }, rules: strike(2, 3, SILENT), onFailure: 'rollBack' })
  t.match(job, {
    status: 'Failed',
    rollback: { status: 'Succeeded' },
    error: {
      code: 'NODES_LOST_ENDPOINTS',
      message: /no longer returns results, for which it needs egress to Azure/,
    },
  })
  t.match(job.nodeVerification, { lost: [{ endpoint: null, pool: 'system' }], notes: [/Not probed/] })
})

t.test('an outage of all nodes is not extended by a second measurement', async (t) => {
  const { room, job } = await changed({
    wish: { maxNodes: 1 },
    rules: strike(2, 2, { kind: 'stall' }),
    onFailure: 'rollBack',
  })
  t.match(job, { status: 'Failed', rollback: { status: 'Succeeded' } })
  t.match(job.nodeVerification, {
    lost: [{ endpoint: null, cause: /did not end within the time limit/ }],
    afterRollback: { outcome: 'restored' },
  })
  const sent = room.asked.filter(({ method, path }) => method === 'POST' && /runCommand/.test(path))
  t.equal(sent.length, 3, 'one for each measurement: before, after, and after the rollback')
})

t.test('a loss stands if the second measurement gives no answer', async (t) => {
  const loss = { kind: 'editOutput', pattern: '\\n1\\|.*', replacement: '\n1|28|000|104.16.1.1|0.000|0|' }
  const rules = [...strike(2, 2, loss), ...strike(3, 3, { kind: 'status', status: 403 })]
  const { job } = await changed({ wish: { maxNodes: 1 }, rules })
  t.match(job, { status: 'Failed', error: { message: /A second measurement gave no answer/ } })
  t.ok(
    job.nodeVerification?.lost.some(({ endpoint }) => endpoint !== null),
    'the loss of the first measurement',
  )
})

t.test('a measurement that only fails once is repeated', async (t) => {
  const { job } = await changed({
    wish: { maxNodes: 1 },
    rules: [
      {
        match: { method: 'POST', pathPattern: 'runCommand', nth: 2 },
        fault: {
          kind: 'editOutput',
          pattern: '\\n1\\|.*',
          replacement: '\n1|28|000|104.16.1.1|0.000|0|',
        } as Struck['fault'],
      },
    ],
  })
  t.match(job, { status: 'Succeeded', nodeVerification: { lost: [] } })
})

t.test('a measurement that fails after the rollback does not fail the rollback', async (t) => {
  const { job } = await changed({
    wish: { endpoints: ['https://partner.example.com/'], maxNodes: 1 },
    onFailure: 'rollBack',
    rules: [
      {
        // One read for each measurement: before, after, confirmed, and after the rollback.
        match: { method: 'GET', pathPattern: 'virtualMachineScaleSets\\?', from: 4 },
        fault: { kind: 'status', status: 500 } as Struck['fault'],
      },
    ],
  })
  t.match(job, {
    status: 'Failed',
    rollback: { status: 'Succeeded' },
    error: { code: 'NODES_LOST_ENDPOINTS' },
  })
  t.match(job.nodeVerification?.afterRollback, { outcome: 'unknown', nodes: [], lost: [] })
  t.match(job.warnings.at(-1), /it is unknown .* The measurement after the rollback failed/)
})
