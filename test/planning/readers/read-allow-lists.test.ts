import t from 'tap'
import type { AllowListSearch, Arm, ChildListsRef } from '../../../src/azure/arm.ts'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../../src/contract/allow-lists.ts'
import { clusterId } from '../../../src/core/arm/resource-id.ts'
import type { AllowListFacts } from '../../../src/core/snapshot/allow-list-facts.ts'
import { MAX_CHILD_READS, readAllowLists } from '../../../src/planning/readers/read-allow-lists.ts'

const ref = { subscriptionId: 'own', resourceGroup: 'rg', name: 'c' }
const denied = new ArmFault({ kind: 'denied', status: 403, code: 'AuthorizationFailed', message: 'No.' })
const aServer = (number: number, subscription = 'own'): ChildListsRef => ({
  id: `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Sql/servers/${number}`,
  type: 'Microsoft.Sql/servers',
  location: 'eastus',
  isOff: false,
})

/** Reads on an Azure whose Resource Graph answers so, and whose single reads do what is given. */
function readOn(
  found: Partial<AllowListSearch> | Error,
  readChildLists: Arm['readChildLists'] = async () => null,
): Promise<AllowListFacts> {
  const findAllowLists: Arm['findAllowLists'] = async () => {
    if (found instanceof Error) throw found
    return {
      ids: [clusterId(ref)],
      resources: [],
      childLists: [],
      searched: [],
      unread: [],
      omittedRows: 0,
      ...found,
    }
  }
  const arm = { findAllowLists, readChildLists } as Arm
  // The reader must not wait for the cluster: that would cost a round trip.
  return readAllowLists({
    arm,
    options: {},
    ref,
    requestedIds: [],
    request: null,
    cluster: new Promise(() => undefined),
    network: new Promise(() => undefined),
    ownNetwork: new Promise(() => undefined),
  })
}

t.test('if Resource Graph denies the query, every type is unread with a reason', async (t) => {
  for (const [kind, reason] of [
    ['denied', 'denied'],
    ['throttled', 'failed'],
    ['transient', 'failed'],
  ] as const) {
    const { searched, unread } = await readOn(new ArmFault({ kind, code: 'C', message: 'M.' }))
    t.strictSame(searched, [])
    t.strictSame(
      unread,
      ALLOW_LIST_TYPE_NAMES.map((type) => ({ type, what: type, reason, code: 'C', message: 'M.' })),
      kind,
    )
  }
})

t.test('names a resource whose lists are denied and reads the others', async (t) => {
  const { resources, unread } = await readOn(
    { childLists: [aServer(1), aServer(2)] },
    async ({ id, type, location }) => {
      if (id.endsWith('/1')) throw denied
      return { id, type, location, entries: [] }
    },
  )
  t.match(resources, [{ id: aServer(2).id }])
  t.strictSame(unread, [
    {
      type: 'Microsoft.Sql/servers',
      what: aServer(1).id,
      reason: 'denied',
      code: 'AuthorizationFailed',
      message: 'No.',
    },
  ])
})

t.test('bounds single reads, starts with the nearest resources, and counts the omitted ones', async (t) => {
  const far = Array.from({ length: MAX_CHILD_READS }, (_, number) => aServer(number, 'other'))
  const near = Array.from({ length: 3 }, (_, number) => aServer(number))
  const read: string[] = []
  let running = 0
  let most = 0
  const { unread } = await readOn({ childLists: [...far, ...near] }, async ({ id }) => {
    read.push(id)
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
    return null
  })
  t.equal(read.length, MAX_CHILD_READS)
  t.strictSame(
    read.slice(0, 3),
    near.map(({ id }) => id),
  )
  t.equal(most, MAX_CHILD_READS)
  t.match(unread, [
    {
      type: 'Microsoft.Sql/servers',
      reason: 'beyond-limit',
      code: 'TOO_MANY_RESOURCES',
      message: /3 of this type were not read/,
    },
  ])
})

t.test('rows that were not fetched may be of any type', async (t) => {
  const { unread } = await readOn({ omittedRows: 7 })
  t.strictSame(
    unread.map(({ type, reason }) => [type, reason]),
    ALLOW_LIST_TYPE_NAMES.map((type) => [type, 'beyond-limit']),
  )
  t.match(unread[0]?.message, /has 7 more resources/)
})

t.test('a Resource Graph that does not show the cluster itself is not believed', async (t) => {
  const { unread } = await readOn({ ids: [] })
  t.equal(unread.length, ALLOW_LIST_TYPE_NAMES.length)
  t.match(unread[0], { reason: 'not-found', code: 'CLUSTER_NOT_IN_RESOURCE_GRAPH' })
  const seen = await readOn({ ids: [clusterId(ref).toUpperCase()] })
  t.strictSame(seen.unread, [], 'in other letters it is the same cluster')
})

t.test('reports that the policies inside API Management are not searched', async (t) => {
  const service = { ...aServer(1), type: 'Microsoft.ApiManagement/service' } as const
  t.match((await readOn({ childLists: [service] })).unread, [
    { type: 'Microsoft.ApiManagement/service', what: service.id, reason: 'not-searched' },
  ])
})

t.test('does not treat a bug of this service as a response from Azure', async (t) => {
  await t.rejects(readOn(new TypeError('oops')), /oops/)
  await t.rejects(
    readOn({ childLists: [aServer(1)] }, async () => {
      throw new TypeError('oops')
    }),
    /oops/,
  )
})
