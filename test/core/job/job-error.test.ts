import t from 'tap'
import { JOB_ERROR_CODES } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { Step } from '../../../src/contract/steps.ts'
import {
  armCause,
  jobError,
  RESULT_REFUSED,
  restoringRemedy,
  revertedError,
  withAddedRanges,
  withoutRanges,
} from '../../../src/core/job/job-error.ts'
import { lossTexts } from '../../../src/core/probe/losses.ts'

t.test('every code has a meaning and a remedy', async (t) => {
  for (const code of JOB_ERROR_CODES) {
    const error = jobError(code, 'verify')
    t.match(error, { code, step: 'verify', arm: null })
    t.match(error.message, /^[A-Z].*\.$/, code)
    t.match(error.remedy, /^[A-Z].*\.$/, code)
  }
  t.equal(new Set(JOB_ERROR_CODES.map((code) => jobError(code, null).message)).size, JOB_ERROR_CODES.length)
})

t.test("keeps ARM's message, and adds the cause and remedy of a known code", async (t) => {
  const unknown = { code: 'NoSuchCode', message: 'Something.', requestId: 'r-1' }
  t.match(jobError('ARM_REFUSED', null, { arm: unknown }), {
    message: 'Azure rejected the change. Azure error: NoSuchCode: Something.',
    arm: unknown,
  })
  const known = { code: 'RouteTableInvalidNextHop', message: 'Bad hop.', requestId: null }
  const error = jobError('ARM_REFUSED', null, { arm: known })
  t.match(error.message, /Bad hop\. .*default route/)
  t.match(error.remedy, /next hop/)
  const short = jobError('ARM_REFUSED', null, { arm: { ...known, message: 'Bad hop' } })
  t.equal(short.message, error.message, 'a message without a period is a sentence, too')
})

t.test('an accepted change whose result Azure does not return is not reported as rejected', async (t) => {
  const arm = { code: 'Nope', message: 'No.', requestId: null }
  const error = jobError('ARM_REFUSED', 'change-outbound-type', { arm, texts: RESULT_REFUSED })
  t.match(
    error.message,
    /^Azure accepted the change, or may .* intermediate state\. Azure error: Nope: No\.$/,
  )
  t.match(error.remedy, /reconcile plan/)
  const reverted = revertedError(error)
  t.notMatch(reverted.message, /intermediate/)
  t.match(reverted.remedy, /The job restored the former egress\./)
})

t.test('the cause of a known code is true for every error with this code', async (t) => {
  t.match(armCause('LoadBalancerProfileOutboundIPNotExist')?.cause, /does not exist, or AKS cannot read it/)
  t.match(armCause('InvalidResourceReference')?.cause, /refers to does not exist/)
  t.match(armCause('PublicIPAddressCannotBeDeleted')?.cause, /is still in use/)
  t.match(armCause('OperationNotAllowed')?.cause, /another operation runs on the cluster, or because a quota/)
  t.match(armCause('BootstrapArtifactSourceNotAllowed')?.remedy, /managed identity/)
  t.match(armCause('CreateVMSSAgentPoolFailed')?.cause, /may be unable/)
})

t.test(
  'the remedy of a failed operation states the cause and names only steps that added ranges',
  async (t) => {
    const arm = { code: 'VMExtensionProvisioningError', message: 'exit 50', requestId: null }
    const error = jobError('ARM_OPERATION_FAILED', 'change-outbound-type', { arm })
    t.match(error.remedy, /firewall rules/)
    const step = (title: string, op: string) =>
      ({ title, does: { kind: 'updateCluster', changes: [{ op }] } }) as unknown as Step
    const [change, widen, late] = [
      step('Change the type', 'set'),
      step('Add 20.1.2.3/32', 'unionCidrs'),
      step('Add the new addresses', 'unionDiscoveredEgress'),
    ]
    t.equal(withAddedRanges(error, [change]), error, 'no step added entries')
    t.match(
      withAddedRanges(error, [widen, change]).remedy,
      /still contain the entries that the job added in the step “Add 20\.1\.2\.3\/32”\.$/,
    )
    t.match(
      withAddedRanges(revertedError(error), [widen, change, late]).remedy,
      /in the steps “Add 20\.1\.2\.3\/32” and “Add the new addresses”\.$/,
    )
    for (const { remedy } of [error, revertedError(error)]) t.notMatch(remedy, /still contain/)
  },
)

t.test('an error that leaves the cluster Failed or Canceled explains how to reconcile it', async (t) => {
  for (const code of ['ARM_OPERATION_FAILED', 'OPERATION_ABORTED'] as const)
    t.match(
      jobError(code, 'change-outbound-type').remedy,
      /`POST \/v1\/jobs\/\{jobId\}\/reconcile-plan`.*`az aks update -g .*create a new plan/,
    )
})

t.test('no remedy for a cluster without authorized IP ranges mentions them', async (t) => {
  for (const code of JOB_ERROR_CODES) {
    const error = jobError(code, null)
    for (const { remedy } of [error, revertedError(error)]) {
      t.notMatch(withoutRanges(remedy), /authorized IP ranges|the ranges/, code)
      t.match(withoutRanges(remedy), /^[A-Z`].*[^ .]\.$/, code)
    }
  }
})

t.test('recognizes the codes that users reported', async (t) => {
  const met = [
    'InvalidUserDefinedRoutingWithLoadBalancerProfile',
    'ManagedNATGatewayWithCustomVNetNotAllowed',
    'RouteTableInvalidNextHop',
    'InvalidNetworkIsolatedClusterConfiguration',
    'BootstrapArtifactSourceNotAllowed',
    'EtagMismatch',
    'OperationNotAllowed',
    'AKSOperationPreempted',
    'AKSOperationPreemptedByDelete',
    'PublicIPAddressCannotBeDeleted',
    'InvalidResourceReference',
    'LoadBalancerProfileOutboundIPNotExist',
    'VMExtensionProvisioningError',
    'CreateVMSSAgentPoolFailed',
    'LinkedAuthorizationFailed',
    'ScopeLocked',
    'RequestDisallowedByPolicy',
    'PublicIPCountLimitReached',
  ]
  for (const code of met) t.ok(armCause(code), code)
  t.equal(armCause('constructor'), null, 'and nothing else is')
})

t.test('the remedy of lost endpoints names the plans that restore the former egress path', async (t) => {
  const change = { key: 'change-outbound-type', does: { kind: 'updateCluster' } } as Step
  const attach = { key: 'attach-1', does: { kind: 'putResource', body: null } } as unknown as Step
  const remedy = (steps: Step[], hasRollback: boolean) =>
    restoringRemedy({
      steps,
      cutOver: { step: null },
      rollback: { target: hasRollback ? { outboundType: 'loadBalancer' } : null },
    } as unknown as Plan)
  const rollback = /execute a rollback plan/
  const cleanup = /execute a cleanup plan of this job/
  for (const [steps, hasRollback, isRolledBack, isCleanedUp] of [
    [[change], true, true, false],
    [[attach, change], true, true, true],
    [[attach], false, false, true],
    [[change], false, false, false],
    [[attach, change], false, false, false],
    [[], true, false, false],
  ] as const) {
    const text = remedy([...steps], hasRollback)
    t.equal(rollback.test(text), isRolledBack, text)
    t.equal(cleanup.test(text), isCleanedUp, text)
    t.match(text, /^(If the job has not reverted the change, .*\. Then measure again\.)?$/)
  }
  const replaced = restoringRemedy({
    steps: [attach],
    cutOver: { step: null },
    rollback: { target: { outboundType: 'userAssignedNATGateway' }, prepare: { natGateway: {} } },
  } as unknown as Plan)
  t.match(replaced, rollback)
  t.notMatch(replaced, cleanup, 'the rollback plan itself replaces the gateway')
  t.match(
    remedy([attach, change], true),
    /rollback-plan.*, then .*clean-up-plan.* override the outbound type\./,
  )
})

for (const [kind, message, remedy] of [
  [
    'endpoint',
    /^After the cutover, nodes no longer reach endpoints/,
    /^Fix the cause on the new egress path/,
  ],
  ['sourceAddress', /^After the cutover, the public source address/, /^Compare the observed source address/],
  [
    'unanswered',
    /^After the cutover, nodes no longer return results/,
    /^Check whether nodes reach Azure on port 443/,
  ],
  ['unmeasured', /^After the cutover, no measurement shows/, /^Fix what prevents the measurement/],
] as const)
  t.test(`the error of a loss describes its kind: ${kind}`, async (t) => {
    const only = lossTexts([{ kind }, { kind }])
    t.match(only, { message, remedy })
    t.equal(only.message.split('After the cutover').length, 2, 'one sentence for each kind')
    t.match(only.remedy, /Then measure again with `POST \/v1\/probes`\.$/)
    const both = lossTexts([{ kind }, { kind: 'unmeasured' }])
    t.ok(both.message.includes(only.message) && /no measurement shows/.test(both.message))
  })
