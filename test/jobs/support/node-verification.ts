import type { Test } from 'tap'
import type { OnFailure } from '../../../src/contract/job.ts'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import { type AzureHarness, azureHarnesses, type Struck } from './azure-harness.ts'

const NETWORK = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
const UDR = { outboundType: 'userDefinedRouting' } as const
/** lb-byo gets a default route to the firewall of the company or the branch. */
const toFirewall = (address: string) => ({
  defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: address },
})
const COMPANY = toFirewall('10.250.0.4')
const BRANCH = toFirewall('10.251.0.4')

export interface Given {
  wish?: object
  rules?: Struck[]
  onFailure?: OnFailure
  before?: (room: AzureHarness) => Promise<unknown>
  cluster?: string
  prepare?: RequestedPreparation
  target?: RequestedTarget
  dies?: boolean
}

/** Gives a new room of the test. */
export type Harness = Awaited<ReturnType<typeof azureHarnesses>>

export const openHarness = async (t: Test): Promise<Harness> =>
  azureHarnesses(t, await openMigrated(openEmptyDatabase(t)))

/** A change to user-defined routing that measures from nodes, from the plan to the end of the job. */
export async function verifiedChange(
  harness: Harness,
  {
    wish = {},
    rules = [],
    onFailure = 'stop',
    before,
    cluster = 'lb-byo',
    prepare = COMPANY,
    target = UDR,
    dies = false,
  }: Given,
) {
  const room = await harness()
  await before?.(room)
  const plan = await room.plan(cluster, target, { prepare, verifyFromNodes: wish })
  const { id } = await room.accept(plan, { onFailure })
  if (rules.length > 0) await room.strike(rules)
  await room.run({ dies })
  return { room, plan, job: await room.jobs.get(id) }
}

/** Changes a resource as if it always had been so. */
async function edit(room: AzureHarness, path: string, properties: object) {
  const { body } = await room.demo.arm.getResource(`${NETWORK}/${path}`, '2024-05-01')
  const put = [{ ...body, properties: { ...(body.properties as object), ...properties } }]
  await room.demo.control('resources', { put })
}

const PARTNER = 'https://partner.example.com/'

/** Strikes every run-command from the `from`th on, up to the `to`th. */
export const strike = (from: number, to: number, fault: object): Struck[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    match: { method: 'POST', pathPattern: 'runCommand', nth: from + index },
    fault: fault as Struck['fault'],
  }))
/** Changes the output of every run-command but the first one on these paths. */
function afterCutover(pathPattern: string, pattern: string, replacement: string): Struck {
  const fault = { kind: 'editOutput', pattern, replacement }
  return { match: { method: 'POST', pathPattern, from: 2 }, fault }
}

/** Everything that can be lost at the cutover, each in a job of its own. */
export function testLosses(t: Test, harness: Harness, onFailure: OnFailure): void {
  const changed = (given: Given) => verifiedChange(harness, given)
  const rollback = onFailure === 'stop' ? null : { status: 'Succeeded' }

  t.test(`a firewall that lacks one endpoint fails the job (${onFailure})`, async (t) => {
    const { job } = await changed({ wish: { endpoints: [PARTNER], maxNodes: 1 }, onFailure })
    t.match(job, {
      status: 'Failed',
      rollback,
      error: { code: 'NODES_LOST_ENDPOINTS', step: 'probe-nodes-after' },
    })
    t.match(
      job.error?.message,
      /Pool `system` in subnet `nodes`, partner\.example\.com:443: .*firewall `fw-hub`/,
    )
    t.match(job.nodeVerification?.lost, [{ endpoint: 'partner.example.com:443', pool: 'system' }])
    t.equal(job.nodeVerification?.lost.length, 1)
    const obsolete = /no longer reaches .* as before\. Packets now pass/
    if (onFailure === 'stop') {
      t.match(job.warnings.join(), obsolete)
      return t.notOk(job.nodeVerification?.afterRollback)
    }
    t.notMatch(job.warnings.join(), obsolete, 'packets no longer pass the firewall')
    t.match(job.nodeVerification?.afterRollback, {
      outcome: 'restored',
      nodes: [{ pool: 'system', status: 'completed' }, { status: 'skipped' }],
      lost: [],
      unmeasured: [],
    })
    t.equal(job.steps.at(-1)?.key, 'undo-probe-nodes')
    t.notMatch(job.warnings.join(), /after the rollback/i)
  })

  t.test(`a DNS server that the new route blocks fails the job (${onFailure})`, async (t) => {
    const server = '9.9.9.9'
    const dhcpOptions = { dnsServers: [server] }
    const { job } = await changed({
      onFailure,
      wish: { maxNodes: 1 },
      before: (room) => edit(room, 'virtualNetworks/vnet-lb-byo', { dhcpOptions }),
    })
    t.match(job, { status: 'Failed', rollback, error: { code: 'NODES_LOST_ENDPOINTS' } })
    t.match(
      job.error?.message,
      /The DNS server 9\.9\.9\.9 does not answer\. The path to the DNS server now passes the firewall `fw-hub`/,
    )
  })

  t.test(`an observed address that was not promised fails the job (${onFailure})`, async (t) => {
    const { job } = await changed({
      onFailure,
      wish: { maxNodes: 1, sourceAddressUrl: 'https://ip.example.com/' },
      rules: [
        {
          match: { method: 'POST', pathPattern: 'runCommand', from: 2 },
          fault: { kind: 'editOutput', pattern: 'S\\|.*', replacement: 'S|52.1.2.3' } as Struck['fault'],
        },
      ],
    })
    t.match(job, {
      status: 'Failed',
      rollback,
      error: { code: 'NODES_LOST_ENDPOINTS', message: /leave from 52\.1\.2\.3/ },
    })
    if (onFailure === 'stop') return
    t.match(job.nodeVerification?.afterRollback, {
      outcome: 'notRestored',
      lost: [{ endpoint: null, pool: 'system', cause: /leave from 52\.1\.2\.3/ }],
    })
    t.match(job.warnings.join(), /After the rollback, nodes do not reach some endpoints/)
  })

  t.test(`one pool of three that lost an endpoint fails the job (${onFailure})`, async (t) => {
    const { job } = await changed({
      onFailure,
      before: addPool,
      rules: [afterCutover('third.*runCommand', '\\n1\\|.*', '\n1|28|000|104.16.1.1|0.000|0|')],
    })
    t.match(job, { status: 'Failed', rollback, error: { message: /Pool `third`/ } })
    t.equal(job.nodeVerification?.after?.filter(({ status }) => status === 'completed').length, 3)
    t.strictSame([...new Set(job.nodeVerification?.lost.map(({ pool }) => pool))], ['third'])
  })

  t.test(`a firewall that intercepts TLS fails the job (${onFailure})`, async (t) => {
    const { job } = await changed({
      onFailure,
      wish: { maxNodes: 1 },
      prepare: BRANCH,
      before: interceptTls,
    })
    t.match(job, {
      status: 'Failed',
      rollback,
      error: { message: /issued by Corp Inspection CA: an appliance intercepts TLS/ },
    })
  })

  t.test(`a denied permission is a warning, and stated in the preflight (${onFailure})`, async (t) => {
    const denied = { kind: 'status', status: 403 } as Struck['fault']
    const { plan, job } = await changed({
      onFailure,
      rules: [{ match: { method: 'POST', pathPattern: 'runCommand' }, fault: denied }],
    })
    t.ok(
      plan.preflight.checks.some(
        ({ action, scope }) => /virtualMachines\/runCommand\/action$/.test(action) && /MC_/.test(scope),
      ),
    )
    t.match(job, {
      status: 'Succeeded',
      rollback: null,
      warnings: [/was not measured before the cutover\. AuthorizationFailed/],
    })
  })

  t.test(`a permission that is denied after the cutover fails the job (${onFailure})`, async (t) => {
    const fault = { kind: 'status', status: 403 } as Struck['fault']
    const { job } = await changed({
      onFailure,
      wish: { maxNodes: 1 },
      rules: [{ match: { method: 'POST', pathPattern: 'runCommand', from: 2 }, fault }],
    })
    t.match(job, {
      status: 'Failed',
      rollback,
      error: { message: /no measurement confirms the new egress path/ },
    })
    if (onFailure === 'stop') return
    t.match(job.nodeVerification?.afterRollback, { outcome: 'unknown', unmeasured: [/AuthorizationFailed/] })
    t.match(job.warnings.join(), /it is unknown whether nodes again reach all endpoints/)
  })
}

async function addPool({ demo }: AzureHarness) {
  const { body } = await demo.arm.getCluster(demo.ref('lb-byo'))
  const properties = body.properties as { agentPoolProfiles: object[] }
  const agentPoolProfiles = [
    ...properties.agentPoolProfiles,
    { ...properties.agentPoolProfiles[1], name: 'third' },
  ]
  await demo.control('resources', { put: [{ ...body, properties: { ...properties, agentPoolProfiles } }] })
}

/** The firewall of the branch ends TLS itself, for everything that it allows. */
async function interceptTls(room: AzureHarness) {
  const certificateAuthority = {
    name: 'Corp Inspection CA',
    keyVaultSecretId: 'https://example.vault.azure.net/secrets/ca',
  }
  await edit(room, 'firewallPolicies/fwp-branch', { transportSecurity: { certificateAuthority } })
  const group = 'firewallPolicies/fwp-branch/ruleCollectionGroups/rcg-aks'
  const { body } = await room.demo.arm.getResource(`${NETWORK}/${group}`, '2024-05-01')
  const { ruleCollections } = body.properties as { ruleCollections: { rules: object[] }[] }
  await edit(room, group, {
    ruleCollections: ruleCollections.map((collection) => ({
      ...collection,
      rules: collection.rules.map((rule) => ({ ...rule, terminateTLS: true })),
    })),
  })
}
