import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { coalesceLists } from '../../src/azure/connect/coalesce-lists.ts'
import { connectArms } from '../../src/azure/connect/connect-arm.ts'
import { createTakeSnapshot } from '../../src/planning/snapshot/take-snapshot.ts'
import { startSimulator } from '../../src/simulator/start-simulator.ts'
import { type Figure, median } from './measure.ts'

const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
const SLOW = '22222222-2222-2222-2222-222222222222'
const PLANS = 300
const ROUNDS = 9

/** The reads of a plan and of a job while 300 plans wait for Azure in another subscription, against alone. */
export async function slowSubscription(): Promise<Figure[]> {
  const simulator = await startSimulator({ timeScale: 1_000 })
  // In front of the simulator: requests for the slow subscription get no response.
  const proxy = createServer((incoming, outgoing) => {
    if (incoming.url?.includes(SLOW)) return
    const { method, url, headers } = incoming
    const forwarded = request(`${simulator.url}${url}`, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    // Both ends close when the bench ends.
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = proxy.address() as AddressInfo
    const arms = connectArms({ endpoint: `http://127.0.0.1:${port}`, simulated: true, timeScale: 1_000 })
    const now = () => new Date()
    const plans = createTakeSnapshot(coalesceLists(arms.plans), now)
    const jobs = createTakeSnapshot(coalesceLists(arms.jobs), now)
    const cluster = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-demo', name: 'lb-managed' }
    const measure = async () => ({
      plan: await medianMs(() => plans(cluster, [], { surroundings: true })),
      job: await medianMs(() => jobs(cluster, [], { requireComplete: true })),
    })
    await measure()
    const alone = await measure()
    for (let count = 0; count < PLANS; count++)
      plans({ ...cluster, subscriptionId: SLOW }, [], { surroundings: true }).catch(() => undefined)
    const beside = await measure()
    return (['plan', 'job'] as const).map((purpose) => ({
      name: `reads for a ${purpose} beside ${PLANS} plans that wait for a slow subscription`,
      value: beside[purpose] / alone[purpose],
      unit: 'times',
      atMost: 3,
      note: `${beside[purpose].toFixed(1)} against ${alone[purpose].toFixed(1)} ms`,
    }))
  } finally {
    proxy.close()
    proxy.closeAllConnections()
    await simulator.close()
  }
}

async function medianMs(read: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    await read()
    times.push(performance.now() - begun)
  }
  return median(times)
}
