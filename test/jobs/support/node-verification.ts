import type { Test } from 'tap'
import type { OnFailure } from '../../../src/contract/job.ts'
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

export interface Given {
  wish?: object
  rules?: Struck[]
  onFailure?: OnFailure
  before?: (room: AzureHarness) => Promise<unknown>
  cluster?: string
  dies?: boolean
}

/** Gives a new room of the test. */
export type Harness = Awaited<ReturnType<typeof azureHarnesses>>

export const openHarness = async (t: Test): Promise<Harness> =>
  azureHarnesses(t, await openMigrated(openEmptyDatabase(t)))

/** A change to user-defined routing that measures from nodes, from the plan to the end of the job. */
export async function verifiedChange(
  harness: Harness,
  { wish = {}, rules = [], onFailure = 'stop', before, cluster = 'lb-byo', dies = false }: Given,
) {
  const room = await harness()
  await before?.(room)
  const plan = await room.plan(cluster, UDR, { prepare: COMPANY, verifyFromNodes: wish })
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
  })

  t.test(`a DNS server that the new route blocks fails the job (${onFailure})`, async (t) => {
    const server = '10.77.0.4'
    const { job } = await changed({
      onFailure,
      wish: { maxNodes: 1 },
      async before(room) {
        const id = `${NETWORK}/virtualNetworks/vnet-dns`
        const properties = {
          addressSpace: { addressPrefixes: ['10.77.0.0/16'] },
          subnets: [],
          virtualNetworkPeerings: [],
        }
        await room.demo.control('resources', {
          put: [
            {
              id,
              name: 'vnet-dns',
              type: 'Microsoft.Network/virtualNetworks',
              location: 'eastus',
              properties,
            },
          ],
        })
        const peering = {
          name: 'dns',
          properties: { peeringState: 'Connected', remoteVirtualNetwork: { id } },
        }
        await edit(room, 'virtualNetworks/vnet-lb-byo', {
          dhcpOptions: { dnsServers: [server] },
          virtualNetworkPeerings: [peering],
        })
      },
      // The peering ends with the cutover: afterwards only the route leads to the server.
      rules: [
        {
          match: { method: 'POST', pathPattern: 'runCommand', from: 2 },
          fault: {
            kind: 'editOutput',
            pattern: '^([^]*begin.*\\n)[^]*(aks-egress-probe/1 end)',
            replacement: `$1D|${server}\n0|6|000||0|0|\n$2`,
          } as Struck['fault'],
        },
      ],
    })
    t.match(job, { status: 'Failed', rollback, error: { code: 'NODES_LOST_ENDPOINTS' } })
    t.match(
      job.error?.message,
      /The DNS server 10\.77\.0\.4 does not answer\. The path to it now passes the firewall `fw-hub`/,
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
  })

  t.test(`one pool that lost an endpoint fails the job (${onFailure})`, async (t) => {
    const { job } = await changed({
      onFailure,
      rules: [
        {
          match: { method: 'POST', pathPattern: 'user.*runCommand', from: 2 },
          fault: {
            kind: 'editOutput',
            pattern: '\\n1\\|.*',
            replacement: '\n1|28|000|104.16.1.1|0.000|0|',
          } as Struck['fault'],
        },
      ],
    })
    t.match(job, { status: 'Failed', rollback, error: { message: /Pool `user`/ } })
    t.strictSame([...new Set(job.nodeVerification?.lost.map(({ pool }) => pool))], ['user'])
  })

  t.test(`an intercepting TLS proxy fails the job (${onFailure})`, async (t) => {
    const { job } = await changed({
      onFailure,
      wish: { maxNodes: 1 },
      rules: [afterCutover('runCommand', '\\n1\\|.*', '\n1|60|000|104.16.1.1|0.012|0|Corp Inspection CA')],
    })
    t.match(job, {
      status: 'Failed',
      rollback,
      error: { message: /issued by Corp Inspection CA: an appliance intercepts TLS/ },
    })
  })
}
