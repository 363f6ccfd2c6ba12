import t from 'tap'
import { until } from '../acceptance/support/service.ts'
import { endsAsUndisturbed, type Hold, killWhile, type Migration } from './support/kills.ts'
import { TwoProcesses } from './support/two-processes.ts'

/** The addresses are known beforehand, so they are authorized before the switch. */
const KNOWN: Migration = {
  cluster: 'lb-byo-ranges',
  from: 'loadBalancer',
  to: 'userAssignedNATGateway',
  steps: [
    'check-freshness',
    'widen-authorized-ranges',
    'await-range-propagation',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
  ],
  switchPut: 2,
  puts: 2,
  ranges: 1,
}
const KNOWN_HOLDS: Hold[] = [
  { during: 'widen-authorized-ranges', what: 'reading before its PUT', request: 'read', nth: 4 },
  { during: 'widen-authorized-ranges', what: 'sending its PUT', request: 'put', nth: 1 },
  { during: 'widen-authorized-ranges', what: 'polling the operation', request: 'poll', nth: 1 },
  { during: 'change-outbound-type', what: 'sending its PUT', request: 'put', nth: 2 },
  { during: 'verify', what: 'verifying', request: 'read', nth: 8 },
]

/** AKS makes the address at the switch, so it is authorized after it. */
const LATE: Migration = {
  cluster: 'lb-managed-ranges',
  from: 'loadBalancer',
  to: 'managedNATGateway',
  steps: [
    'check-freshness',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
    'authorize-discovered-ips',
  ],
  switchPut: 1,
  puts: 2,
  ranges: 1,
}
const LATE_HOLDS: Hold[] = [
  { during: 'discover-egress-ips', what: 'discovering the addresses', request: 'read', nth: 7 },
  { during: 'authorize-discovered-ips', what: 'reading before its PUT', request: 'read', nth: 8 },
  { during: 'authorize-discovered-ips', what: 'sending its PUT', request: 'put', nth: 2 },
  { during: 'authorize-discovered-ips', what: 'reading back', request: 'read', nth: 9 },
]

t.test('a service that is killed never loses an authorized range', async (t) => {
  const world = await TwoProcesses.start(t)
  for (const hold of KNOWN_HOLDS)
    await t.test(`killed in ${hold.during}, while ${hold.what}`, (t) => killWhile(t, world, KNOWN, hold))

  await t.test('killed in await-range-propagation, while it waits', async (t) => {
    await world.reset()
    const id = await world.begin(KNOWN.cluster, KNOWN.to)
    await until(
      () => world.job(id),
      ({ currentStep }) => String(currentStep) === 'await-range-propagation',
    )
    t.equal(await world.kill(), 'SIGKILL')
    t.equal((await world.puts(KNOWN.cluster)).length, 1, 'widened, and not switched yet')
    await world.restart()
    await endsAsUndisturbed(t, world, KNOWN, id)
  })

  for (const hold of LATE_HOLDS)
    await t.test(`killed in ${hold.during}, while ${hold.what}`, (t) => killWhile(t, world, LATE, hold))
})
