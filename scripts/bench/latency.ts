import { type Engine, separateProcesses } from './engines.ts'
import { type Figure, median } from './measure.ts'
import { ask, planRequest } from './world.ts'

/** What every call to Azure is made to take. */
const ARM_CALL_MS = 50
const PLANS = 30
const TIME_SCALE = 1_000
const METRICS = '/metrics\\?'
const GROUP = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo'
const NETWORK = `${GROUP}/providers/Microsoft.Network`
const OTHER = '/subscriptions/33333333-3333-3333-3333-333333333333'
const OTHER_NETWORK = `${OTHER}/resourceGroups/rg-network/providers/Microsoft.Network`

type Urls = Record<'url' | 'simulatorUrl', string>

/**
 * How long a plan takes over HTTP in units of one call to Azure. Nothing is subtracted: the work of the service and of
 * its embedded database counts. The simulator has its own process, because Azure does not use the service's processor.
 */
export async function latency(): Promise<Figure[]> {
  const figures: Figure[] = []
  for await (const engine of separateProcesses({ timeScale: TIME_SCALE }))
    figures.push(...(await measure(engine)))
  return figures
}

async function measure({ service, simulator }: Engine): Promise<Figure[]> {
  const urls = { url: service.url, simulatorUrl: simulator.url }
  const near = await figure(urls, 'a plan over HTTP')
  await ask(`${simulator.url}/simulator/reset`, {})
  const unmeasured = await figure(urls, 'the same without measured demand', false)
  await moveNetworks(urls)
  const far = await figure(urls, 'the same with the VNet in another subscription')
  await requireSecondRound(urls)
  return [near, unmeasured, far]
}

/** Without measurements, Azure denies the reads of Azure Monitor immediately: nothing waits for them. */
async function figure(world: Urls, name: string, isMeasured = true): Promise<Figure> {
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
  return { name, value, unit: 'round trips', atMost: 2.4, note }
}

/** The users' own networks of the demo fleet move to another subscription. */
async function moveNetworks({ simulatorUrl }: Urls): Promise<void> {
  const { resources } = await ask<{ resources: unknown[] }>(`${simulatorUrl}/simulator/state`)
  const moved = JSON.parse(JSON.stringify(resources).replaceAll(NETWORK, OTHER_NETWORK)) as unknown[]
  await ask(`${simulatorUrl}/simulator/reset`, { resources: moved })
}

/** A figure for two rounds would mean nothing if the second had never happened. */
async function requireSecondRound({ simulatorUrl }: Urls): Promise<void> {
  const calls = await ask<unknown[]>(`${simulatorUrl}/simulator/requests?contains=${OTHER}/providers`)
  if (calls.length < PLANS) throw new Error('the other subscription was not read')
}
