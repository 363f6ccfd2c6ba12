import { type Figure, median } from './report.ts'
import { ask, planRequest, startWorld } from './world.ts'

/** What every call to Azure is made to take. */
const ARM_CALL_MS = 50
const PLANS = 30

/** How many calls to Azure one after the other a plan waits for: its latency in units of one call. */
export async function latency(): Promise<Figure[]> {
  const world = await startWorld()
  const url = `${world.url}/v1/plans`
  const request = planRequest('lb-byo-nat-attached', 'userAssignedNATGateway')
  // The first plan loads the network client; users meet that once.
  await ask(url, request)
  const fault = { kind: 'delay', ms: ARM_CALL_MS }
  await ask(`${world.simulatorUrl}/simulator/faults`, [{ match: { pathPattern: '.*' }, fault }])
  const times: number[] = []
  for (let count = 0; count < PLANS; count++) {
    const start = performance.now()
    await ask(url, request)
    times.push(performance.now() - start)
  }
  await world.close()
  const value = median(times) / ARM_CALL_MS
  const note = `${Math.round(median(times))} ms with ${ARM_CALL_MS} ms per call`
  return [
    { name: 'a plan over HTTP, in round trips to Azure', value, unit: 'round trips', atMost: 2.6, note },
  ]
}
