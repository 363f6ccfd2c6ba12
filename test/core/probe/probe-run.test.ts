import fc from 'fast-check'
import t from 'tap'
import {
  type ChosenInstance,
  chooseInstances,
  podSubnetNotes,
} from '../../../src/core/probe/choose-instances.ts'
import {
  applyProbeEvent,
  nextProbeAction,
  type ProbeEvent,
  type ProbeRun,
  SETTLE_AFTER_MS,
  scriptFor,
  startProbe,
  toNodeProbes,
} from '../../../src/core/probe/probe-run.ts'
import { MAX_TARGETS, type ProbeTargets, probeTargets } from '../../../src/core/probe/probe-targets.ts'
import type { InstanceFacts } from '../../../src/core/snapshot/agent-pools.ts'
import { aByoSnapshot, aPool } from '../../support/a-cluster.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const START = '2026-01-01T00:00:00.000Z'
const later = (ms: number) => new Date(Date.parse(START) + ms)
const TARGETS: ProbeTargets = {
  targets: [
    { protocol: 'https', host: 'a.example.com', port: 443, path: '/', origin: 'required', need: 'required' },
  ],
  sourceAddressUrl: null,
  notes: [],
}
const chosen = (...ids: (string | null)[]): ChosenInstance[] =>
  ids.map((instanceId, index) => ({
    pool: `p${index}`,
    subnetId: null,
    instanceId,
    reason: instanceId === null ? 'No.' : null,
  }))
const begun = (...ids: (string | null)[]) => startProbe('probe', START, TARGETS, chosen(...ids))
const after = (run: ProbeRun, ...events: ProbeEvent[]) => events.reduce(applyProbeEvent, run)
const output = (token: string) =>
  `Enable succeeded: \n[stdout]\naks-egress-probe/1 begin ${token}\n0|0|200|203.0.113.1|0.010|0.020|Issuer\naks-egress-probe/1 end ${token}\n[stderr]\n`

t.test('sends the command to every node first, and then polls each', async (t) => {
  let run = begun('a', null, 'b')
  t.strictSame(nextProbeAction(run, later(0)), { kind: 'send', node: 0 })
  run = after(
    run,
    { type: 'intended', node: 0, at: START },
    { type: 'accepted', node: 0, at: START, poller: 'x', notBefore: later(5_000).toISOString() },
  )
  t.strictSame(nextProbeAction(run, later(0)), { kind: 'send', node: 2 })
  run = after(run, { type: 'intended', node: 2, at: START })
  t.strictSame(nextProbeAction(run, later(0)), { kind: 'wait', until: later(5_000).toISOString() })
  t.strictSame(nextProbeAction(run, later(5_000)), { kind: 'poll', node: 0 })
  run = after(run, { type: 'answered', node: 0, message: output('probe-0-1') })
  t.strictSame(nextProbeAction(run, later(6_000)), {
    kind: 'wait',
    until: later(SETTLE_AFTER_MS).toISOString(),
  })
  t.strictSame(nextProbeAction(run, later(SETTLE_AFTER_MS)), { kind: 'settle', node: 2 })
  run = after(run, { type: 'failed', node: 2, reason: 'Gone.' })
  t.strictSame(nextProbeAction(run, later(0)), { kind: 'end' })
  t.match(toNodeProbes(run), [
    { status: 'completed', isComplete: true, readings: [{ outcome: 'reached', address: '203.0.113.1' }] },
    { status: 'skipped', reason: 'No.' },
    { status: 'failed', reason: 'Gone.' },
  ])
  const silent = after(begun('a'), { type: 'failed', node: 0, reason: 'Time-out.', isUnanswered: true })
  t.match(toNodeProbes(silent), [{ status: 'failed', isUnanswered: true }])
  t.notOk(toNodeProbes(after(begun('a'), { type: 'failed', node: 0, reason: 'Denied.' }))[0]?.isUnanswered)
})

t.test('ignores the output of an earlier attempt', async (t) => {
  const first = after(begun('a'), { type: 'intended', node: 0, at: START })
  const run = after(
    first,
    { type: 'released', node: 0, notBefore: null },
    { type: 'intended', node: 0, at: START },
  )
  t.match(scriptFor(run, 0), 'probe-0-2')
  const answered = after(run, { type: 'answered', node: 0, message: output('probe-0-1') })
  t.match(toNodeProbes(answered), [{ status: 'failed', reason: /does not belong to this probe/ }])
})

t.test('never sends while an earlier run-command of the node may be under way', async () => {
  const kinds = ['intended', 'accepted', 'delayed', 'released', 'answered', 'failed'] as const
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 12 }), (types) => {
      let run = begun('a')
      let last = ''
      for (const type of types) {
        const event = { type, node: 0, at: START, poller: 'x', notBefore: START, message: '', reason: '' }
        run = applyProbeEvent(run, event as ProbeEvent)
        if (type !== 'delayed') last = type
        const mayBeUnderWay = last === 'intended' || last === 'accepted'
        if (mayBeUnderWay && nextProbeAction(run, later(SETTLE_AFTER_MS)).kind === 'send') return false
      }
      return true
    }),
    { numRuns: propertyRuns() },
  )
})

const instance = (given: Partial<InstanceFacts>): InstanceFacts => ({
  id: 'i',
  pool: 'system',
  subnetId: 's1',
  osType: 'Linux',
  provisioningState: 'Succeeded',
  powerState: 'PowerState/running',
  ...given,
})

t.test('chooses one ready Linux instance for each pool and subnet', async (t) => {
  const [pool] = aByoSnapshot().cluster.agentPools
  if (pool === undefined) throw new Error('no pool')
  const named = (name: string, given: object = {}) => ({
    ...pool,
    name,
    osType: 'Linux',
    powerState: 'Running',
    ...given,
  })
  const pools = [
    named('system'),
    named('win', { osType: 'Windows' }),
    named('off', { powerState: 'Stopped' }),
    named('user'),
  ]
  const instances = [
    instance({ id: 'busy', provisioningState: 'Updating' }),
    instance({ id: 'a' }),
    instance({ id: 'b' }),
    instance({ id: 'c', subnetId: 's2' }),
    instance({ id: 'd', pool: 'USER', powerState: 'PowerState/deallocated' }),
  ]
  const summary = (max: number) =>
    chooseInstances(pools, instances, null, max).map(({ pool, instanceId, reason }) => [
      pool,
      instanceId ?? reason,
    ])
  t.strictSame(summary(10), [
    ['system', 'a'],
    ['system', 'c'],
    ['win', 'The script runs on Linux only.'],
    ['off', 'The pool is stopped.'],
    ['user', 'No instance of the pool is running.'],
  ])
  t.match(summary(1)[1], ['system', /At most 1 node is probed/])
  // A busy instance is measured when its operation has ended, and a failed one can still run a script.
  const only = (...given: Partial<InstanceFacts>[]) =>
    chooseInstances([named('system')], given.map(instance), null, 10)[0]
  t.match(
    only({ id: 'failed', provisioningState: 'Failed' }, { id: 'busy', provisioningState: 'updating' }),
    {
      instanceId: 'busy',
      reason: null,
    },
  )
  t.match(only({ id: 'failed', provisioningState: 'Failed' }), { instanceId: 'failed', reason: null })
  const avoiding = (...ids: string[]) => chooseInstances(pools, instances, null, 10, ids)[0]?.instanceId
  t.strictSame([avoiding('A'), avoiding('a', 'b'), avoiding('a', 'b', 'busy')], ['b', 'busy', 'a'])
  for (const unusable of [
    { provisioningState: 'Creating' },
    { provisioningState: 'deleting' },
    { powerState: 'PowerState/deallocated' },
    { osType: 'windows', provisioningState: 'Updating' },
  ])
    t.match(only(unusable), { instanceId: null, reason: 'No instance of the pool is running.' })
  const denied = chooseInstances(pools, null, 'AuthorizationFailed: no', 10)
  t.match(denied[0], { instanceId: null, reason: /cannot be read\. AuthorizationFailed: no/ })
})

t.test('notes the pools whose pods use another subnet than the nodes that are measured', async (t) => {
  const pool = (name: string, podSubnetId: string | null) =>
    aPool({ name, vnetSubnetId: '/vnets/v/subnets/nodes', podSubnetId })
  t.match(
    podSubnetNotes([
      pool('a', null),
      pool('b', '/vnets/v/subnets/pods'),
      pool('c', '/VNETS/v/subnets/nodes'),
    ]),
    [/^Pods of pool `b` use the subnet `pods`\. Only the egress of the nodes is measured/],
  )
  t.equal(podSubnetNotes([pool('a', null)]).length, 0)
})

t.test('probes the API server first, then what every cluster needs, then requested endpoints', async (t) => {
  const { cluster } = aByoSnapshot()
  const required = (destination: string, need: 'required' | 'recommended', given: object = {}) => ({
    destination,
    kind: 'fqdn' as const,
    port: 443,
    protocol: 'HTTPS' as const,
    need,
    reason: '',
    when: '',
    source: 'list' as const,
    asOf: '',
    open: 'notChecked' as const,
    ...given,
  })
  const many = Array.from({ length: 70 }, (_, index) => required(`r${index}.example.com`, 'recommended'))
  const list = [
    ...many,
    required('mcr.microsoft.com', 'required'),
    required('*.x.com', 'required'),
    required('ntp.ubuntu.com', 'required', { protocol: 'UDP', port: 123 }),
  ]
  const found = probeTargets(cluster, 'api.example.com', list, {
    endpoints: [
      'https://partner.example.com:8443/health',
      'https://10.0.0.1/',
      'https://mcr.microsoft.com/v2/',
      'https://partner.example.com:8443/other',
    ],
    sourceAddressUrl: 'https://127.0.0.1/',
  })
  t.equal(found.targets.length, MAX_TARGETS)
  t.match(
    found.targets.slice(0, 4).map(({ host, port, origin }) => `${origin} ${host}:${port}`),
    [
      'apiServer api.example.com:443',
      'required mcr.microsoft.com:443',
      'requested partner.example.com:8443',
      'required r0.example.com:443',
    ],
  )
  t.equal(found.sourceAddressUrl, null)
  t.match(found.notes, [
    /\*\.x\.com \(HTTPS 443\), ntp\.ubuntu\.com \(UDP 123\)/,
    /with another path: https:\/\/mcr\.microsoft\.com:443\/v2\/, https:\/\/partner\.example\.com:8443\/other/,
    /at most 70 endpoints: r67/,
  ])
})
