import { type Figure, median } from './measure.ts'
import { ask, planRequest, startWorld, type World } from './world.ts'

/** What every call to Azure is made to take for the time that is shown. */
const CALL_MS = 50
/** And, in turn, to count calls: long enough to hide all work of this process behind them. */
const SHORT_CALL_MS = 200
const LONG_CALL_MS = 400
const PLANS = 9
const GROUP = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo/providers'
const RESOURCES = 500
/** Of these so many have their lists below them: each costs a read of its own in the second round. */
const SERVERS = 50

/**
 * A plan over HTTP that searches the allow lists of 500 resources. Slower calls show how many of them wait for one
 * another. The total time, with the service and simulated Azure in one process, is shown beside it.
 */
export async function allowLists(): Promise<Figure[]> {
  const world = await startWorld()
  try {
    await addResources(world)
    // The first plan loads the AKS SDK; users meet that once.
    requireSearch(await plan(world))
    const whole = await timeWith(world, CALL_MS)
    const short = await timeWith(world, SHORT_CALL_MS)
    const long = await timeWith(world, LONG_CALL_MS)
    const name = `a plan that searches ${RESOURCES} resources`
    const value = (long - short) / (LONG_CALL_MS - SHORT_CALL_MS)
    const note = `${Math.round(whole)} ms with ${CALL_MS} ms per call`
    return [
      { name: `${name}: calls in a row`, value, unit: 'round trips', atMost: 3 },
      { name: `${name}: its whole time`, value: whole / CALL_MS, unit: 'round trips', note },
    ]
  } finally {
    await world.close()
  }
}

function plan({ url }: World): Promise<SearchedPlan> {
  return ask<SearchedPlan>(`${url}/v1/plans`, planRequest('lb-managed', 'managedNATGateway'))
}

/** The middle of the times of plans when each call to Azure takes so long. */
async function timeWith(world: World, ms: number): Promise<number> {
  const faults = `${world.simulatorUrl}/simulator/faults`
  await fetch(faults, { method: 'DELETE' })
  await ask(faults, [{ match: { pathPattern: '.*' }, fault: { kind: 'delay', ms } }])
  const times: number[] = []
  for (let count = 0; count < PLANS; count++) {
    const start = performance.now()
    await plan(world)
    times.push(performance.now() - start)
  }
  return median(times)
}

interface SearchedPlan {
  allowLists: { coverage: { searched: { resources: number }[] }; impacts: { type: string }[] }
}

/** Storage accounts and SQL servers beside the demo fleet, one in ten of which names the cluster's address. */
async function addResources({ simulatorUrl }: World): Promise<void> {
  const { resources } = await ask<{ resources: { id: string; properties?: { ipAddress?: string } }[] }>(
    `${simulatorUrl}/simulator/state`,
  )
  const address = resources.find(({ id }) => /MC_rg-demo_lb-managed_.*publicIPAddresses/i.test(id))
    ?.properties?.ipAddress
  if (address === undefined) throw new Error('lb-managed has no address')
  const named = (index: number) => (index % 10 === 0 ? address : '198.51.100.200')
  const accounts = Array.from({ length: RESOURCES - SERVERS }, (_, index) =>
    storageAccount(index, named(index)),
  )
  const servers = Array.from({ length: SERVERS }, (_, index) => sqlServer(index, named(index))).flat()
  await ask(`${simulatorUrl}/simulator/reset`, { resources: [...resources, ...accounts, ...servers] })
}

function storageAccount(number: number, address: string) {
  const ipRules = Array.from({ length: 20 }, (_, index) => ({
    value: `198.51.100.${index}`,
    action: 'Allow',
  }))
  return {
    id: `${GROUP}/Microsoft.Storage/storageAccounts/bench${number}`,
    name: `bench${number}`,
    type: 'Microsoft.Storage/storageAccounts',
    location: 'eastus',
    properties: {
      networkAcls: { defaultAction: 'Deny', ipRules: [...ipRules, { value: address, action: 'Allow' }] },
    },
  }
}

function sqlServer(number: number, address: string) {
  const id = `${GROUP}/Microsoft.Sql/servers/bench${number}`
  const rule = { startIpAddress: address, endIpAddress: address }
  return [
    { id, name: `bench${number}`, type: 'Microsoft.Sql/servers', location: 'eastus', properties: {} },
    {
      id: `${id}/firewallRules/aks`,
      name: 'aks',
      type: 'Microsoft.Sql/servers/firewallRules',
      properties: rule,
    },
  ]
}

/** A figure would mean nothing if the resources had not been found. */
function requireSearch({ allowLists: { coverage, impacts } }: SearchedPlan): void {
  const found = coverage.searched.reduce((sum, { resources }) => sum + resources, 0)
  const servers = impacts.filter(({ type }) => type === 'Microsoft.Sql/servers').length
  if (found < RESOURCES || servers < SERVERS / 10)
    throw new Error(`only ${found} resources and ${servers} servers were searched`)
}
