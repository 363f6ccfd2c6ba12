import t from 'tap'
import type { PathChange } from '../../../src/contract/egress.ts'
import type { NodeProbe } from '../../../src/contract/probe.ts'
import { compareProbes, type PlannedPaths } from '../../../src/core/probe/compare-probes.ts'
import { restoredPaths } from '../../../src/core/probe/source-address.ts'
import { node, PLAN, pathTo, reading } from './support/measurements.ts'

const OTHER = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/other'
const from = (sourceAddress: string | null, given: Partial<NodeProbe> = {}) =>
  node([reading()], { sourceAddress, ...given })
const APPLIANCE = { path: 'virtualAppliance', isComplete: false } as const
const twoSubnets = [pathTo(['20.1.2.3']), pathTo(['20.7.7.7'], { subnetId: OTHER, pools: ['user'] })]
const twoFamilies = [pathTo(['20.1.2.3']), pathTo(['2001:db8::2'], { family: 'IPv6' })]
const twoPools = [pathTo(['20.1.2.3']), pathTo(['20.7.7.7'], { pools: ['public'] })]

const CASES: {
  what: string
  source: NodeProbe
  before?: string
  plan?: Partial<PlannedPaths>
  paths?: PathChange[]
  lost?: RegExp
  warns?: RegExp
}[] = [
  { what: 'a planned address', source: from('20.1.2.3'), paths: [pathTo(['20.1.2.0/28'])] },
  {
    what: 'an address that is not planned',
    source: from('20.9.9.9'),
    lost: /leave from 20\.9\.9\.9\. The addresses in the plan for subnet `nodes` are: 20\.1\.2\.3/,
  },
  {
    what: 'the address of another subnet',
    source: from('20.7.7.7'),
    paths: twoSubnets,
    lost: /leave from 20\.7\.7\.7\. The addresses in the plan for subnet `nodes` are: 20\.1\.2\.3/,
  },
  { what: 'the address of its own subnet', source: from('20.1.2.3'), paths: twoSubnets },
  {
    what: 'another address beside a subnet without known addresses',
    source: from('20.9.9.9'),
    paths: [pathTo(['20.1.2.3']), pathTo([], { subnetId: OTHER }, APPLIANCE)],
    lost: /leave from 20\.9\.9\.9/,
  },
  {
    what: 'the address of a pool with public IPs in the same subnet',
    source: from('20.7.7.7'),
    paths: twoPools,
    lost: /leave from 20\.7\.7\.7/,
  },
  { what: 'a pool that is not in the plan', source: from('20.7.7.7', { pool: 'late' }), paths: twoPools },
  {
    what: 'a subnet that is not in the plan',
    source: from('20.1.2.3', { subnetId: `${OTHER}-late` }),
    paths: twoSubnets,
    warns: /The plan does not contain all addresses/,
  },
  {
    what: 'a node with an unknown subnet',
    source: from('20.7.7.7', { subnetId: null, pool: 'user' }),
    paths: twoSubnets,
  },
  {
    what: 'an address of the other family',
    source: from('2001:db8::1'),
    paths: [pathTo(['20.1.2.3']), pathTo(['2001:db8::2'], { family: 'IPv6' })],
    lost: /leave from 2001:db8::1\. The addresses .* are: 2001:db8::2/,
  },
  {
    what: 'an IPv6 address in a plan without IPv6 paths',
    source: from('2001:db8::1'),
    warns: /does not contain all addresses/,
  },
  {
    what: 'the address of a destination with a separate route',
    source: from('20.7.7.7'),
    paths: [pathTo(['20.1.2.3']), pathTo(['20.7.7.7'], { destination: '203.0.113.0/24' })],
  },
  {
    what: 'an address that only packets to the API server have',
    source: from('20.7.7.7'),
    paths: [pathTo(['20.1.2.3']), pathTo(['20.7.7.7'], { destination: 'apiServer' })],
    lost: /leave from 20\.7\.7\.7/,
  },
  {
    what: 'another address beside a destination with unknown addresses',
    source: from('20.9.9.9'),
    paths: [pathTo(['20.1.2.3']), pathTo([], { destination: 'Storage' }, APPLIANCE)],
    warns: /does not contain all addresses/,
  },
  {
    what: 'another address before all planned addresses exist',
    source: from('20.9.9.9'),
    paths: [pathTo(['20.1.2.3'], {}, { toCome: 1 })],
    warns: /does not contain all addresses/,
  },
  {
    what: 'another address on a path that is only possible',
    source: from('20.9.9.9'),
    paths: [pathTo(['20.1.2.3'], {}, { certainty: 'possible' })],
    warns: /does not contain all addresses/,
  },
  {
    what: 'an address in a subnet without egress',
    source: from('20.9.9.9'),
    paths: [pathTo([], {}, { path: 'none' })],
    lost: /are: none/,
  },
  {
    what: 'an address behind an appliance',
    source: from('20.9.9.9'),
    paths: [pathTo([], {}, APPLIANCE)],
    warns: /leave from 20\.9\.9\.9\. The plan does not contain all addresses/,
  },
  {
    what: 'an address that was observed before only',
    source: from(null),
    before: '20.9.9.9',
    lost: /returns no address\. Before, it returned 20\.9\.9\.9/,
  },
  { what: 'an address that was never observed', source: from(null), warns: /returned no address/ },
  {
    what: 'an address of the HTTP proxy, which is in no plan',
    source: from('20.9.9.9'),
    plan: { sourceProxy: 'http://10.9.0.4:3128' },
    warns: /address is that of the HTTP proxy http:\/\/10\.9\.0\.4:3128\. Packets leave from 20\.9\.9\.9/,
  },
  {
    what: 'both addresses of a dual-stack node',
    source: from('20.1.2.3', { sourceAddressIpv6: '2001:db8::2' }),
    paths: twoFamilies,
  },
  {
    what: 'an IPv6 address beside an address that is planned',
    source: from('20.1.2.3', { sourceAddressIpv6: '2001:db8::9' }),
    paths: twoFamilies,
    lost: /leave from 2001:db8::9\. The addresses .* are: 2001:db8::2/,
  },
  {
    what: 'a dual-stack node without an IPv6 address',
    source: from('20.1.2.3', { sourceAddressIpv6: null }),
    paths: twoFamilies,
    warns: /returned no address over IPv6/,
  },
  {
    what: 'a dual-stack node without IPv6 egress in the plan',
    source: from('20.1.2.3', { sourceAddressIpv6: null }),
    paths: [pathTo(['20.1.2.3']), pathTo([], { family: 'IPv6' }, { path: 'none' })],
  },
  {
    what: 'an address that was observed before, on a path that the plan removes',
    source: from(null),
    before: '20.9.9.9',
    paths: [pathTo([], {}, { path: 'none' })],
  },
  {
    what: 'an address without a URL in the request',
    source: from('20.9.9.9'),
    plan: { asksSource: false },
  },
]

for (const { what, source, before = null, plan, paths = [pathTo(['20.1.2.3'])], lost, warns } of CASES)
  t.test(`compares the source address: ${what}`, async (t) => {
    const former = { ...source, sourceAddress: before }
    const verdict = compareProbes([former], [source], { ...PLAN, asksSource: true, paths, ...plan })
    t.match(
      verdict.lost.map(({ cause }) => cause),
      lost === undefined ? [] : [lost],
    )
    t.match(verdict.warnings, warns === undefined ? [] : [warns])
    t.strictSame(
      [verdict.lost.length, verdict.warnings.length],
      [lost, warns].map((text) => (text ? 1 : 0)),
    )
  })

t.test(
  'after a rollback, each path has its former addresses and those that replace its missing ones',
  async (t) => {
    const path = (addresses: string[], subnetId: string) => {
      const { after, ...row } = pathTo(addresses, { subnetId })
      return { ...row, before: after, after: { ...after, addresses: ['20.5.5.5'] } }
    }
    const paths = [path(['20.1.2.3', '20.1.2.4'], 'a'), path(['20.7.7.0/31'], 'b')]
    const found = ['20.1.2.3', '20.8.8.8', '20.7.7.0/31'].map((address) => ({
      address,
      family: 'IPv4' as const,
    }))
    t.strictSame(
      restoredPaths(paths, found).map(({ after }) => after.addresses),
      [['20.1.2.3', '20.8.8.8'], ['20.7.7.0/31']],
    )
    t.ok(restoredPaths(paths, undefined).every(({ after }) => !after.isComplete))
  },
)
