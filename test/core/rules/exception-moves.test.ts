import fc from 'fast-check'
import t from 'tap'
import type { PathPair } from '../../../src/core/context/path-pairs.ts'
import type { EgressAddress } from '../../../src/core/egress/addresses.ts'
import type { EgressPath } from '../../../src/core/egress/paths.ts'
import { EXCEPTION_PATH_MOVES } from '../../../src/core/rules/egress-exceptions.ts'
import { type ExceptionMove, exceptionMovesOf, moveClause } from '../../../src/core/rules/exception-moves.ts'
import { aSubnet, SUBNET } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { interruptedNetwork } from '../egress/random-network.ts'
import { changes } from '../plan/step-executor.ts'

const address = (text: string | null, given: Partial<EgressAddress> = {}): EgressAddress => ({
  address: text,
  family: 'IPv4',
  resourceId: null,
  ownedBy: 'user',
  ...given,
})
const [A, B, HIDDEN] = [address('20.1.0.1'), address('20.1.0.2'), address(null)]
const DESTINATION = '198.51.100.0/24'

type Side = [path: EgressPath['path'], via: string | null, ...addresses: EgressAddress[]]

function pairOf(was: Side, willBe: Side, given: Partial<EgressPath> = {}, subnetId = SUBNET): PathPair {
  const toPath = ([path, via, ...addresses]: Side): EgressPath => {
    const common = {
      subnetId,
      family: 'IPv4' as const,
      destination: DESTINATION,
      certainty: 'certain' as const,
    }
    return { ...common, path, via, addresses, ...given }
  }
  return { before: toPath(was), after: toPath(willBe), internet: null, subnet: aSubnet({ id: subnetId }) }
}

const clausesOf = (...pairs: PathPair[]) => exceptionMovesOf(pairs, pairs).map(moveClause)

t.test('a clause states what the change does to the packets, and nothing else', async (t) => {
  const to = `packets to \`${DESTINATION}\``
  const table: [Side, Side, string][] = [
    [
      ['loadBalancer', 'lb', A],
      ['natGateway', 'ng', B],
      'leave through a NAT gateway instead of the load balancer',
    ],
    [
      ['loadBalancer', 'lb', A],
      ['loadBalancer', 'lb', B],
      'leave through the load balancer as before, with other source addresses',
    ],
    [
      ['loadBalancer', 'lb', A],
      ['loadBalancer', 'lb', A, B],
      'leave through the load balancer as before, with additional source addresses',
    ],
    [
      ['loadBalancer', 'lb', A, B],
      ['loadBalancer', 'lb', B],
      'leave through the load balancer as before, with fewer source addresses',
    ],
    [
      ['loadBalancer', 'lb', A, B],
      ['loadBalancer', 'lb', { ...A, isUndecided: true }, { ...B, isUndecided: true }],
      'leave through the load balancer as before, with fewer source addresses',
    ],
    [
      ['virtualAppliance', '10.9.0.4', A],
      ['virtualAppliance', '10.9.0.5', B],
      'leave through another virtual appliance',
    ],
    [
      ['virtualAppliance', '10.9.0.4', HIDDEN],
      ['virtualAppliance', '10.9.0.5', HIDDEN],
      'leave through another virtual appliance',
    ],
    [['natGateway', 'one', A], ['natGateway', 'two', B], 'leave through another NAT gateway'],
    [
      ['natGateway', 'one', A],
      ['natGateway', null, A, B],
      'leave through a NAT gateway as before, with additional source addresses',
    ],
    [
      ['mixed', null, A],
      ['mixed', null, B],
      'leave through several paths as before, with other source addresses',
    ],
    [['loadBalancer', 'lb', A], ['none', null], 'lose their egress path through the load balancer'],
    [['none', null], ['natGateway', 'ng', A], 'get an egress path through a NAT gateway'],
    [['none', null, A], ['none', null], 'lose their egress path through the public IPs of the nodes'],
    [['none', null], ['none', null, A], 'get an egress path through the public IPs of the nodes'],
    [['natGateway', 'ng', A], ['unknown', null, A, HIDDEN], 'may no longer leave through a NAT gateway'],
    [['unknown', null, A, HIDDEN], ['natGateway', 'ng', A], 'leave through a NAT gateway'],
  ]
  for (const [before, after, clause] of table)
    t.strictSame(clausesOf(pairOf(before, after)), [`${to} ${clause}`])
})

t.test('names the family and the subnets where packets to one destination differ', async (t) => {
  const [lb, nat, none]: [Side, Side, Side] = [
    ['loadBalancer', 'lb', A],
    ['natGateway', 'ng', B],
    ['none', null],
  ]
  const other = `${SUBNET}-2`
  t.strictSame(clausesOf(pairOf(lb, nat), pairOf(lb, none, { family: 'IPv6' })), [
    `packets to \`${DESTINATION}\` leave through a NAT gateway instead of the load balancer`,
    `IPv6 packets to \`${DESTINATION}\` lose their egress path through the load balancer`,
  ])
  t.strictSame(clausesOf(pairOf(lb, nat), pairOf(lb, none, {}, other)), [
    `packets from the subnet \`nodes\` to \`${DESTINATION}\` leave through a NAT gateway instead of the load balancer`,
    `packets from the subnet \`nodes-2\` to \`${DESTINATION}\` lose their egress path through the load balancer`,
  ])
  const [moving, kept] = [pairOf(lb, nat), pairOf(nat, nat, {}, other)]
  t.match(exceptionMovesOf([moving], [moving, kept]), [{ subnets: ['nodes'] }], 'others do not move')
  t.strictSame(clausesOf(pairOf(lb, nat), pairOf(lb, nat, {}, other)), [
    `packets to \`${DESTINATION}\` leave through a NAT gateway instead of the load balancer`,
  ])
})

t.test('packets without new addresses need no entry in an allow list', async (t) => {
  const remedyOf = (move: Partial<ExceptionMove>) => {
    const moves = [
      { destination: DESTINATION, before: 'loadBalancer' as const, after: 'loadBalancer' as const, ...move },
    ]
    return EXCEPTION_PATH_MOVES.finding({ moves }).remedy
  }
  t.match(remedyOf({ differs: 'fewerAddresses' }), /^Remove the addresses that these packets no longer use/)
  t.match(remedyOf({ differs: 'moreAddresses' }), /^Read the new source addresses/)
  t.match(remedyOf({}), /^Read the new source addresses/)
})

t.test('no move contradicts the paths of its plan', async (t) => {
  let compared = 0
  fc.assert(
    fc.property(
      interruptedNetwork,
      fc.constantFrom(...changes),
      fc.boolean(),
      (snapshot, [target, prepare], isCleanup) => {
        const cleanUp = { detach: true, narrow: [], delete: [] }
        const plan = isCleanup
          ? planFor(snapshot, snapshot.cluster.outboundType as never, { cleanUp })
          : planFor(snapshot, target, prepare === undefined ? {} : { prepare })
        const found = plan.findings.find(({ code }) => code === 'EXCEPTION_PATH_MOVES')
        for (const { destination, before, after, differs, family = 'IPv4', subnets } of (found?.facts.moves ??
          []) as ExceptionMove[]) {
          const rows = plan.paths.filter(
            (row) =>
              row.destination === destination &&
              row.family === family &&
              (subnets === undefined || subnets.some((name) => row.subnetId?.endsWith(`/${name}`))),
          )
          for (const row of rows) {
            compared++
            const isNew = row.after.addresses.some((item) => !row.before.addresses.includes(item))
            const isKnown = row.after.isComplete && row.before.isComplete && row.after.toCome === 0
            const what = `${destination} ${before}, ${after}, ${differs}: ${JSON.stringify(row)}`
            if (before === 'none' && after === 'none') throw new Error(`dropped before and after: ${what}`)
            if (before === after && differs === undefined && isKnown && !isNew)
              throw new Error(`no other addresses: ${what}`)
            if (differs === 'fewerAddresses' && isNew) throw new Error(`new addresses: ${what}`)
            if (JSON.stringify(row.before) === JSON.stringify(row.after))
              throw new Error(`does not move: ${what}`)
          }
        }
      },
    ),
    { numRuns: propertyRuns() },
  )
  t.ok(compared > 0, 'some exceptions move')
})
