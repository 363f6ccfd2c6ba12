import { connectArm } from '../../src/azure/connect/connect-arm.ts'
import { TYPE_KEYS, type TypeKey } from '../../src/contract/outbound-type.ts'
import { buildPlan } from '../../src/core/planner/planner.ts'
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts'
import { createTakeSnapshot } from '../../src/planning/snapshot/take-snapshot.ts'
import { startSimulator } from '../../src/simulator/start-simulator.ts'
import { type Figure, median } from './measure.ts'

const STAMP = { id: 'bench', createdAt: '', expiresAt: '', createdBy: 'bench', azure: 'simulated' as const }
const POLICY = { pinnedEdition: null, previewApiVersion: null }
const ROUNDS = 5
const ROUND_MS = 1_000

/**
 * Plans per second of processor time, from ready snapshots: every demo cluster to every target, in turn. Measured
 * without and with the surroundings of a cluster (permissions, allow lists, endpoints).
 */
export async function purePlans(): Promise<Figure[]> {
  const simulator = await startSimulator({ mode: 'manual' })
  try {
    const bare = await demoSnapshots(simulator.url, false)
    const full = await demoSnapshots(simulator.url, true)
    return [
      { name: 'pure plans on one core', value: rate(bare), unit: 'plans/s', atLeast: 5_000 },
      { name: 'full plans on one core', value: rate(full), unit: 'plans/s', atLeast: 2_000 },
    ]
  } finally {
    await simulator.close()
  }
}

function rate(snapshots: Snapshot[]): number {
  const pairs = snapshots.flatMap((snapshot) => TYPE_KEYS.map((target) => ({ snapshot, target })))
  round(pairs)
  return median(Array.from({ length: ROUNDS }, () => round(pairs)))
}

function round(pairs: { snapshot: Snapshot; target: TypeKey }[]): number {
  const end = performance.now() + ROUND_MS
  const before = processorMs()
  let count = 0
  for (; performance.now() < end; count++) {
    const { snapshot, target } = pairs[count % pairs.length] as (typeof pairs)[number]
    const { subscriptionId, resourceGroup, name } = snapshot.cluster
    const cluster = { subscriptionId, resourceGroup, name }
    const request = {
      cluster,
      target: { outboundType: target },
      authorizedRanges: 'widen' as const,
      reason: null,
    }
    buildPlan(snapshot, request, POLICY, STAMP)
  }
  return (count / (processorMs() - before)) * 1_000
}

/** What this process has used of its core: others that work at the same time do not count. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

async function demoSnapshots(url: string, surroundings: boolean): Promise<Snapshot[]> {
  const take = createTakeSnapshot(connectArm({ endpoint: url, simulated: true }), () => new Date())
  const clusters = await listClusters(url)
  return Promise.all(clusters.map((ref) => take(ref, [], { surroundings })))
}

async function listClusters(url: string) {
  const subscriptionId = '11111111-1111-1111-1111-111111111111'
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/managedClusters`
  const answer = await fetch(`${url}${path}?api-version=2026-06-01`)
  const { value } = (await answer.json()) as { value: { name: string; id: string }[] }
  return value.map(({ name, id }) => ({ subscriptionId, resourceGroup: id.split('/')[4] ?? '', name }))
}
