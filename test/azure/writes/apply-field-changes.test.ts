import fc from 'fast-check'
import t from 'tap'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import { applyFieldChanges } from '../../../src/azure/writes/apply-field-changes.ts'
import type { Json, JsonObject } from '../../../src/contract/json.ts'
import type { FieldChange, StepAction } from '../../../src/contract/steps.ts'
import { knownAddresses, resolvedChanges } from '../../../src/core/job/expectations.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import {
  LOAD_BALANCER_PATH,
  NAT_GATEWAY_PATH,
  OUTBOUND_TYPE_PATH,
  valueAt,
} from '../../../src/core/target/cluster-patch.ts'
import { STAMP } from '../../support/a-plan.ts'
import { arbitraryPolicy, arbitraryRequest, arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const RANGES = '/properties/apiServerAccessProfile/authorizedIPRanges'
const withRanges = (authorizedIPRanges: Json): JsonObject => ({
  properties: { apiServerAccessProfile: { authorizedIPRanges } },
})
const rangesAfter = (present: Json, cidrs: string[]) => {
  const body = applyFieldChanges(withRanges(present), [{ op: 'unionCidrs', path: RANGES, cidrs }], [])
  return (body.properties as { apiServerAccessProfile: { authorizedIPRanges: Json } }).apiServerAccessProfile
    .authorizedIPRanges
}

t.test('creates missing parents when it sets a field, and removes fields', async (t) => {
  const table: [string, JsonObject, FieldChange, JsonObject][] = [
    ['sets', { a: 1 }, { op: 'set', path: '/a', value: 2 }, { a: 2 }],
    ['makes parents', {}, { op: 'set', path: '/a/b/c', value: [1] }, { a: { b: { c: [1] } } }],
    ['makes parents in place of null', { a: null }, { op: 'set', path: '/a/b', value: 1 }, { a: { b: 1 } }],
    ['sets null', { a: 1 }, { op: 'set', path: '/a', value: null }, { a: null }],
    ['unescapes', {}, { op: 'set', path: '/a~1b/c~0d', value: 1 }, { 'a/b': { 'c~d': 1 } }],
    ['removes', { a: { b: 1, c: 2 } }, { op: 'remove', path: '/a/b' }, { a: { c: 2 } }],
    ['removes what is not there', { a: 1 }, { op: 'remove', path: '/x/y/z' }, { a: 1 }],
    ['removes below a scalar', { a: 1 }, { op: 'remove', path: '/a/y' }, { a: 1 }],
  ]
  for (const [name, body, change, expected] of table) {
    const before = structuredClone(body)
    t.strictSame(applyFieldChanges(body, [change], []), expected, name)
    t.strictSame(body, before, 'the given body is as it was')
  }
})

t.test('does not set through something that is not an object', async (t) => {
  for (const a of ['text', 7, [1]]) {
    t.throws(() => applyFieldChanges({ a }, [{ op: 'set', path: '/a/b', value: 1 }], []), ArmFault)
  }
  t.throws(() => rangesAfter('all', ['1.2.3.4/32']), ArmFault)
})

t.test('adds only the ranges that no present range covers, and removes none', async (t) => {
  const table: [string, Json, string[], Json][] = [
    ['adds at the end', ['9.9.9.9/32'], ['1.2.3.4/32'], ['9.9.9.9/32', '1.2.3.4/32']],
    ['covered', ['1.2.0.0/16'], ['1.2.3.4/32', '1.2.4.0/24'], ['1.2.0.0/16']],
    ['wider than what is there', ['1.2.3.4/32'], ['1.2.3.0/24'], ['1.2.3.4/32', '1.2.3.0/24']],
    ['covered by one of the new', [], ['1.2.3.0/24', '1.2.3.4/32', '1.2.3.0/24'], ['1.2.3.0/24']],
    ['a present entry without a prefix', ['1.2.3.4'], ['1.2.3.4/32'], ['1.2.3.4']],
    [
      'service tags',
      ['AzureCloud', '8.8.8.8/32'],
      ['1.2.3.4/32'],
      ['AzureCloud', '8.8.8.8/32', '1.2.3.4/32'],
    ],
    ['IPv6 beside IPv4', ['0.0.0.0/0'], ['2001:db8::1/128'], ['0.0.0.0/0', '2001:db8::1/128']],
    ['no list yet', null, ['1.2.3.4/32'], ['1.2.3.4/32']],
    [
      'repeats and odd spellings stay',
      ['1.2.3.4/32', '1.2.3.4/32', '10.1.2.3/8'],
      ['5.5.5.5/32'],
      ['1.2.3.4/32', '1.2.3.4/32', '10.1.2.3/8', '5.5.5.5/32'],
    ],
  ]
  for (const [name, present, cidrs, expected] of table)
    t.strictSame(rangesAfter(present, cidrs), expected, name)
})

t.test('creates the list only when it has an entry to add', async (t) => {
  t.strictSame(applyFieldChanges({}, [{ op: 'unionCidrs', path: RANGES, cidrs: [] }], []), {})
  t.strictSame(
    applyFieldChanges({}, [{ op: 'unionCidrs', path: RANGES, cidrs: ['1.2.3.4/32'] }], []),
    withRanges(['1.2.3.4/32']),
  )
})

t.test('adds discovered addresses as ranges of one', async (t) => {
  const changed = applyFieldChanges(
    withRanges(['20.0.0.1/32']),
    [{ op: 'unionDiscoveredEgress', path: RANGES }],
    ['20.0.0.1', '20.0.0.2', '2001:db8::2'],
  )
  t.strictSame(changed, withRanges(['20.0.0.1/32', '20.0.0.2/32', '2001:db8::2/128']))
})

t.test('keeps the position of every present entry, and is idempotent', async () => {
  const cidr = fc
    .tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 }))
    .map(([address, length]) => `${address}/${length}`)
  const entry = fc.oneof(cidr, fc.ipV4(), fc.constantFrom('AzureCloud', 'Sql.EastUS'))
  fc.assert(
    fc.property(fc.array(entry), fc.array(cidr), (present, wanted) => {
      const once = rangesAfter(present, wanted) as string[]
      const twice = rangesAfter(once, wanted) as string[]
      return (
        JSON.stringify(once.slice(0, present.length)) === JSON.stringify(present) &&
        once.length === twice.length
      )
    }),
  )
})

/** A body that shows just these facts, in ARM's shape. */
function bodyOf(cluster: ClusterFacts): JsonObject {
  return {
    properties: {
      networkProfile: {
        outboundType: valueAt(cluster, OUTBOUND_TYPE_PATH),
        loadBalancerProfile: valueAt(cluster, LOAD_BALANCER_PATH),
        natGatewayProfile: valueAt(cluster, NAT_GATEWAY_PATH),
      },
      apiServerAccessProfile: { authorizedIPRanges: cluster.authorizedIPRanges },
    },
  }
}

/** Null and absent say the same in ARM, and so do a missing object and an empty one. */
function canonical(value: Json | undefined): Json {
  if (typeof value !== 'object' || value === null) return value ?? null
  if (Array.isArray(value)) return value.map(canonical)
  const members = Object.entries(value)
    .map(([name, each]) => [name, canonical(each)] as const)
    .filter(([, each]) => each !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return members.length === 0 ? null : Object.fromEntries(members)
}

/** Addresses that a job would have made, so that references to them can be resolved. */
function made(steps: { does: StepAction }[]) {
  const prepared = steps.flatMap(({ does }, index) =>
    does.kind === 'putResource' && /publicIP/i.test(does.id)
      ? [{ resourceId: does.id, address: `192.0.2.${index}` }]
      : [],
  )
  return knownAddresses({ observed: { prepared } })
}

function applied(body: JsonObject, action: StepAction, known: ReturnType<typeof made>): JsonObject {
  if (action.kind !== 'updateCluster' && action.kind !== 'putResource') throw new Error('not a write')
  const changes = resolvedChanges(action.changes, known)
  if (changes === null) throw new Error('an address is not known')
  return applyFieldChanges(body, changes, [])
}

t.test('undoing a step restores the former body for every cluster and target', async (t) => {
  let undone = 0
  fc.assert(
    fc.property(arbitrarySnapshot, arbitraryRequest, arbitraryPolicy, (snapshot, asked, policy) => {
      const { subscriptionId, resourceGroup, name } = snapshot.cluster
      const { steps } = buildPlan(
        snapshot,
        { ...asked, cluster: { subscriptionId, resourceGroup, name } },
        policy,
        STAMP,
      )
      const known = made(steps)
      for (const step of steps.filter((each) => each.undoes.length > 0)) {
        if (step.does.kind === 'putResource' && step.does.body !== null) {
          const ids = step.undoes.map((each) => (each.kind === 'deleteResource' ? each.id : each.kind))
          if (ids.join() !== step.does.id) throw new Error(`${step.key} is not undone by its deletion`)
          continue
        }
        const before =
          step.does.kind === 'putResource'
            ? applyFieldChanges({}, step.does.former, [])
            : bodyOf(snapshot.cluster)
        const after = applied(before, step.does, known)
        const back = step.undoes.reduce((body, action) => applied(body, action, known), after)
        if (JSON.stringify(canonical(back)) !== JSON.stringify(canonical(before)))
          throw new Error(`${step.key}: ${JSON.stringify({ before, back })}`)
        if (JSON.stringify(canonical(after)) !== JSON.stringify(canonical(before))) undone++
      }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(undone > propertyRuns() / 15, `${undone} steps did something and were undone`)
})
