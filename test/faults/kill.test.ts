import t from 'tap'
import { type Hold, killWhile, type Migration } from './support/kills.ts'
import { TwoProcesses } from './support/two-processes.ts'

const MIGRATION: Migration = {
  cluster: 'lb-managed',
  from: 'loadBalancer',
  to: 'managedNATGateway',
  steps: ['check-freshness', 'change-outbound-type', 'verify', 'discover-egress-ips'],
  switchPut: 1,
  puts: 1,
  ranges: 0,
}

/** Reads of the cluster, in order: planning, acceptance, freshness, before the PUT, after it, verification, discovery. */
const HOLDS: Hold[] = [
  { during: 'check-freshness', what: 'looking at the cluster afresh', request: 'read', nth: 3 },
  { during: 'change-outbound-type', what: 'reading before its PUT', request: 'read', nth: 4 },
  { during: 'change-outbound-type', what: 'sending its PUT', request: 'put', nth: 1 },
  { during: 'change-outbound-type', what: 'polling the operation', request: 'poll', nth: 1 },
  { during: 'change-outbound-type', what: 'reading back after the operation', request: 'read', nth: 5 },
  { during: 'verify', what: 'verifying', request: 'read', nth: 6 },
  { during: 'discover-egress-ips', what: 'discovering the addresses', request: 'read', nth: 7 },
]

t.test('a service that is killed goes on after its restart', async (t) => {
  const world = await TwoProcesses.start(t)
  for (const hold of HOLDS)
    await t.test(`killed in ${hold.during}, while ${hold.what}`, (t) => killWhile(t, world, MIGRATION, hold))
})
