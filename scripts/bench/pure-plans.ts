import { connectArm } from '../../src/azure/connect-arm.ts'
import { TYPE_KEYS, type TypeKey } from '../../src/core/outbound-type.ts'
import { plan } from '../../src/core/planner.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { createTakeSnapshot } from '../../src/planning/take-snapshot.ts'
import { startSimulator } from '../../src/simulator/start-simulator.ts'
import { type Figure, median } from './report.ts'

const STAMP = { id: 'bench', createdAt: '', expiresAt: '', createdBy: 'bench', azure: 'simulated' as const }
const POLICY = { pinnedEdition: null, previewApiVersion: null }
const ROUNDS = 5
const ROUND_MS = 1_000

/** Plans a second on one core, from ready snapshots: every demo cluster to every target, in turn. */
export async function purePlans(): Promise<Figure[]> {
  const snapshots = await demoSnapshots()
  const pairs = snapshots.flatMap((snapshot) => TYPE_KEYS.map((target) => ({ snapshot, target })))
  const perSecond = Array.from({ length: ROUNDS }, () => round(pairs))
  return [{ name: 'pure plans on one core', value: median(perSecond), unit: 'plans/s', atLeast: 5_000 }]
}

function round(pairs: { snapshot: Snapshot; target: TypeKey }[]): number {
  const end = performance.now() + ROUND_MS
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
    plan(snapshot, request, POLICY, STAMP)
  }
  return (count / ROUND_MS) * 1_000
}

async function demoSnapshots(): Promise<Snapshot[]> {
  const simulator = await startSimulator({ mode: 'manual' })
  const take = createTakeSnapshot(connectArm({ endpoint: simulator.url, simulated: true }), () => new Date())
  const clusters = await listClusters(simulator.url)
  const snapshots = await Promise.all(clusters.map((ref) => take(ref)))
  await simulator.close()
  return snapshots
}

async function listClusters(url: string) {
  const subscriptionId = '11111111-1111-1111-1111-111111111111'
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/managedClusters`
  const answer = await fetch(`${url}${path}?api-version=2026-06-01`)
  const { value } = (await answer.json()) as { value: { name: string; id: string }[] }
  return value.map(({ name, id }) => ({ subscriptionId, resourceGroup: id.split('/')[4] ?? '', name }))
}
