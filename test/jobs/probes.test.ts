import t from 'tap'
import type { Probe } from '../../src/contract/probe.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { DEMO_GROUP } from '../support/demo.ts'
import { type AzureHarness, azureHarnesses, type Struck } from './support/azure-harness.ts'
import { anId } from './support/job-harness.ts'

const harness = await azureHarnesses(t, await openMigrated(openEmptyDatabase(t)))
const RUN = /\/runCommand\?/
const match = { method: 'POST', pathPattern: '/runCommand\\?' }

interface Given {
  rules?: Struck[]
  dies?: boolean
  wish?: object
}

/** A probe of a demo cluster from its acceptance to its end, and how many run-commands reached each node. */
async function probed(
  room: AzureHarness,
  cluster: string,
  { rules = [], dies = false, wish = {} }: Given = {},
) {
  if (rules.length > 0) await room.strike(rules)
  const { id } = await room.probes.accept({ cluster: room.demo.ref(cluster), by: 'tester', ...wish })
  await room.run({ dies })
  const probe = JSON.parse((await room.probes.getText(id)).text) as Probe
  const sent = room.asked.filter(({ method, path }) => method === 'POST' && RUN.test(path))
  return { probe, sent: sent.length }
}

const outcomesOf = ({ nodes }: Probe) => nodes.map(({ pool, status }) => `${pool} ${status}`)

t.test('measures one node of each pool and names unmeasured pools', async (t) => {
  const room = await harness()
  const { probe, sent } = await probed(room, 'udr-byo', {
    wish: { endpoints: ['https://partner.example.com/'], sourceAddressUrl: 'https://ip.example.com/' },
  })
  t.match(probe, { status: 'Succeeded', finishedAt: String })
  t.strictSame(outcomesOf(probe), ['system completed', 'user completed'])
  t.equal(sent, 2)
  const [node] = probe.nodes
  t.match(node, { isComplete: true, dnsServer: '168.63.129.16', sourceAddress: /^\d/ })
  const outcome = (endpoint: string) =>
    node?.readings.find((reading) => reading.endpoint === endpoint)?.outcome
  t.match(node?.readings[0], { origin: 'apiServer', outcome: 'reached', httpStatus: 401 })
  t.equal(outcome('mcr.microsoft.com:443'), 'reached')
  t.equal(outcome('partner.example.com:443'), 'tlsFailed')
  t.match(probe.notes.join(), /ntp\.ubuntu\.com/)
  t.notMatch(probe.notes.join(), /network-isolated/)
  const listed = await room.probes.list({ limit: 5, cursor: null, cluster: room.demo.ref('udr-byo') })
  t.match(listed.items, [{ id: probe.id }])
  t.rejects(room.probes.getText(anId()), { code: 'PROBE_NOT_FOUND' })
  t.rejects(room.probes.accept({ cluster: room.demo.ref('none'), by: 'x' }), { code: 'CLUSTER_NOT_FOUND' })
})

t.test('says that nodes of a network-isolated cluster may not reach the endpoints of AKS', async (t) => {
  const { probe } = await probed(await harness(), 'isolated')
  t.match(
    probe.notes.join(),
    /registry .*`Cache`.* failed readings of endpoints that AKS requires are expected/,
  )
})

t.test('measures the source address of each family in a dual-stack cluster', async (t) => {
  const wish = { sourceAddressUrl: 'https://ip.example.com/', maxNodes: 1 }
  const { probe } = await probed(await harness(), 'dualstack-managed', { wish })
  t.match(probe.nodes[0], { sourceAddress: /^\d+\.[\d.]+$/, sourceAddressIpv6: /^[\da-f]+:[\da-f:]+$/ })
})

t.test('says for each pool why it was not measured', async (t) => {
  t.match((await probed(await harness(), 'stopped')).probe, {
    status: 'Succeeded',
    nodes: [{ status: 'skipped', reason: 'The pool is stopped.' }],
    notes: [/./, 'No node was measured.'],
  })
  const windows = await probed(await harness(), 'windows-nat')
  t.strictSame(outcomesOf(windows.probe), ['system completed', 'user completed', 'win skipped'])
  const denied = { match: { pathPattern: 'virtualMachineScaleSets' }, fault: { kind: 'status', status: 403 } }
  const hidden = {
    match: { pathPattern: `MC_${DEMO_GROUP}_.*Compute` },
    fault: { kind: 'status', status: 404 },
  }
  for (const rule of [denied, hidden])
    t.match((await probed(await harness(), 'lb-managed', { rules: [rule] })).probe, {
      status: 'Succeeded',
      nodes: [
        {
          status: 'skipped',
          reason: /The instances cannot be read\. (AuthorizationFailed|ResourceNotFound)/,
        },
      ],
    })
})

const FAULTS: {
  what: string
  fault: { kind: string } & Record<string, unknown>
  count?: number
  sent: number
  node: RegExp
  /** Why there is no result. If Azure rejected the run-command, the probe still succeeds. */
  flag?: 'isUnanswered' | 'isUnreadable' | 'isRejected'
}[] = [
  {
    what: 'a denied run-command',
    fault: { kind: 'status', status: 403 },
    sent: 1,
    node: /failed/,
    flag: 'isRejected',
  },
  {
    what: 'a lock on the node resource group',
    fault: { kind: 'status', status: 409, code: 'ScopeLocked' },
    sent: 1,
    node: /failed/,
    flag: 'isRejected',
  },
  { what: 'an instance that is deleted', fault: { kind: 'status', status: 404 }, sent: 1, node: /failed/ },
  {
    what: 'a run-command of somebody else',
    fault: { kind: 'status', status: 409 },
    count: 3,
    sent: 4,
    node: /completed/,
  },
  {
    what: 'throttling',
    fault: { kind: 'status', status: 429, retryAfterSeconds: 20 },
    count: 2,
    sent: 3,
    node: /completed/,
  },
  { what: 'a lost request', fault: { kind: 'reset' }, count: 1, sent: 2, node: /completed/ },
  { what: 'a lost answer', fault: { kind: 'resetAfter' }, count: 1, sent: 2, node: /completed/ },
  {
    what: 'three lost answers',
    fault: { kind: 'reset' },
    count: 3,
    sent: 3,
    node: /failed/,
    flag: 'isUnanswered',
  },
  {
    what: 'a failed run-command',
    fault: { kind: 'failOperation', code: 'VMExtensionProvisioningError' },
    sent: 1,
    node: /failed/,
    flag: 'isUnanswered',
  },
  {
    what: 'a run-command that does not end',
    fault: { kind: 'stall' },
    sent: 1,
    node: /failed/,
    flag: 'isUnanswered',
  },
  {
    what: 'the output of something else',
    fault: { kind: 'editOutput', pattern: '[\\s\\S]*', replacement: 'hello' },
    sent: 1,
    node: /failed/,
    flag: 'isUnreadable',
  },
  {
    what: 'truncated output',
    fault: { kind: 'editOutput', pattern: '[\\s\\S]{300}', replacement: '' },
    sent: 1,
    node: /completed/,
  },
]

for (const { what, fault, count, sent, node, flag } of FAULTS)
  t.test(`ends after ${what}`, async (t) => {
    const room = await harness()
    const rules = [{ match: { ...match, ...(count === undefined ? {} : { count }) }, fault }]
    const found = await probed(room, 'lb-managed', { rules, wish: { maxNodes: 1 } })
    t.match(found.probe.nodes[0], { pool: 'system', status: node })
    t.equal(found.sent, sent)
    t.match(found.probe.nodes[0]?.reason ?? '.', /\.$/, 'the reason is a sentence')
    for (const other of ['isUnanswered', 'isUnreadable', 'isRejected'] as const)
      t.equal(found.probe.nodes[0]?.[other] ?? false, other === flag, other)
    t.equal(found.probe.status, flag === undefined || flag === 'isRejected' ? 'Succeeded' : 'Failed')
  })

t.test('a machine without a clear answer does not hold up the others', async (t) => {
  const room = await harness()
  const rules = [{ match: { ...match, count: 1 }, fault: { kind: 'reset' } }]
  const { probe } = await probed(room, 'lb-managed', { rules })
  t.strictSame(outcomesOf(probe), ['system completed', 'user completed'])
  const [first, second] = room.asked.filter(({ method, path }) => method === 'POST' && RUN.test(path))
  t.ok((second?.at ?? Infinity) - (first?.at ?? 0) < 30_000, 'the second node is asked at the same time')
})

const OPERATION = { method: 'GET', pathPattern: 'Compute/locations' }
const forgotten = { kind: 'status', status: 404 }

t.test('ends after an instance is deleted while it is measured', async (t) => {
  const rules = [
    { match: OPERATION, fault: forgotten },
    { match: { method: 'GET', pathPattern: 'virtualMachines/\\d+\\?', from: 2 }, fault: forgotten },
  ]
  const { probe, sent } = await probed(await harness(), 'lb-managed', { rules, wish: { maxNodes: 1 } })
  t.match(probe.nodes[0], { pool: 'system', status: 'failed', reason: /no longer exists/ })
  t.equal(sent, 1)
})

t.test('measures again after Azure has forgotten the operation', async (t) => {
  const rules = [{ match: { ...OPERATION, count: 1 }, fault: forgotten }]
  const { probe, sent } = await probed(await harness(), 'lb-managed', { rules, wish: { maxNodes: 1 } })
  t.match(probe.nodes[0], { pool: 'system', status: 'completed' })
  t.equal(sent, 2)
})
