import t from 'tap'
import type { Struck } from './support/azure-harness.ts'
import { type Given, openHarness, testLosses, verifiedChange } from './support/node-verification.ts'

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

t.test('a denied permission is a warning, and stated in the preflight', async (t) => {
  const { plan, job } = await changed({
    rules: [
      {
        match: { method: 'POST', pathPattern: 'runCommand' },
        fault: { kind: 'status', status: 403 } as Struck['fault'],
      },
    ],
  })
  t.ok(
    plan.preflight.checks.some(
      ({ action, scope }) => /virtualMachines\/runCommand\/action$/.test(action) && /MC_/.test(scope),
    ),
  )
  t.match(job, {
    status: 'Succeeded',
    warnings: [/was not measured before the cutover\. AuthorizationFailed/],
  })
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
