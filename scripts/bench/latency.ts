import { type Figure, median } from './measure.ts'
import { ask, planRequest, startWorld, type World } from './world.ts'

/** What every call to Azure is made to take. */
const ARM_CALL_MS = 50
const PLANS = 30
const METRICS = '/metrics\\?'
const GROUP = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo'
const NETWORK = `${GROUP}/providers/Microsoft.Network`
const OTHER = '/subscriptions/33333333-3333-3333-3333-333333333333'
const OTHER_NETWORK = `${OTHER}/resourceGroups/rg-network/providers/Microsoft.Network`

/** How long a plan takes over HTTP in units of one call to Azure. Nothing is subtracted: its own work counts. */
export async function latency(): Promise<Figure[]> {
  const world = await startWorld()
  try {
    const near = await figure(world, 'a plan over HTTP')
    await ask(`${world.simulatorUrl}/simulator/reset`, {})
    const unmeasured = await figure(world, 'the same without measured demand', false)
    await moveNetworks(world)
    const far = await figure(world, 'the same with the VNet in another subscription')
    await requireSecondRound(world)
    return [near, unmeasured, far]
  } finally {
    await world.close()
  }
}

/** Without measurements, Azure denies the reads of Azure Monitor immediately: nothing waits for them. */
async function figure(world: World, name: string, isMeasured = true): Promise<Figure> {
  const plan = () =>
    ask(`${world.url}/v1/plans`, planRequest('lb-byo-nat-attached', 'userAssignedNATGateway'))
  // The first plan loads the AKS SDK; users meet that once.
  await plan()
  const slowed = { kind: 'delay', ms: ARM_CALL_MS }
  const denied = { match: { pathPattern: METRICS }, fault: { kind: 'status', status: 403 } }
  const rules = isMeasured
    ? [{ match: { pathPattern: '.*' }, fault: slowed }]
    : [denied, { match: { pathPattern: `^(?!.*${METRICS})` }, fault: slowed }]
  await ask(`${world.simulatorUrl}/simulator/faults`, rules)
  const times: number[] = []
  for (let count = 0; count < PLANS; count++) {
    const start = performance.now()
    await plan()
    times.push(performance.now() - start)
  }
  const value = median(times) / ARM_CALL_MS
  const note = `${Math.round(median(times))} ms with ${ARM_CALL_MS} ms per call`
  return { name, value, unit: 'round trips', atMost: 2.6, note }
}

/** The users' own networks of the demo fleet move to another subscription. */
async function moveNetworks({ simulatorUrl }: World): Promise<void> {
  const { resources } = await ask<{ resources: unknown[] }>(`${simulatorUrl}/simulator/state`)
  const moved = JSON.parse(JSON.stringify(resources).replaceAll(NETWORK, OTHER_NETWORK)) as unknown[]
  await ask(`${simulatorUrl}/simulator/reset`, { resources: moved })
}

/** A figure for two rounds would mean nothing if the second had never happened. */
async function requireSecondRound({ simulatorUrl }: World): Promise<void> {
  const calls = await ask<unknown[]>(`${simulatorUrl}/simulator/requests?contains=${OTHER}/providers`)
  if (calls.length < PLANS) throw new Error('the other subscription was not read')
}
