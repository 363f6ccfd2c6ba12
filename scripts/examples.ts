import { writeFile } from 'node:fs/promises'
import { connectArm } from '../src/azure/connect/connect-arm.ts'
import { compareTargets } from '../src/core/planner/compare-targets.ts'
import { buildEgressReport } from '../src/core/planner/egress-report.ts'
import { buildPlan } from '../src/core/planner/planner.ts'
import { createTakeSnapshot } from '../src/planning/snapshot/take-snapshot.ts'
import { startSimulator } from '../src/simulator/start-simulator.ts'

/** What the examples of the OpenAPI document are made of: the cluster that Swagger UI asks about first. */
const CLUSTER = {
  subscriptionId: '11111111-1111-1111-1111-111111111111',
  resourceGroup: 'rg-demo',
  name: 'lb-byo-nat-attached',
}
const AT = '2026-09-01T00:00:00.000Z'
const STAMP = {
  id: '01990000-0000-7000-8000-000000000001',
  createdAt: AT,
  expiresAt: '2026-09-01T01:00:00.000Z',
  createdBy: 'anonymous',
  azure: 'simulated' as const,
}

const folder = new URL('../src/routes/examples/', import.meta.url)

async function write(name: string, value: unknown): Promise<void> {
  await writeFile(new URL(name, folder), `${JSON.stringify(value, null, 2)}\n`)
}

/** Answers as the service gives them, so that no example can drift from what is really answered. */
const simulator = await startSimulator({ mode: 'manual', timeScale: 1 })
try {
  const arm = connectArm({ endpoint: simulator.url, simulated: true })
  const look = createTakeSnapshot(arm, () => new Date(AT))
  const policy = { pinnedEdition: null, previewApiVersion: null }
  const snapshot = await look(CLUSTER, [], { surroundings: true })
  const request = {
    cluster: CLUSTER,
    target: { outboundType: 'userAssignedNATGateway' as const },
    authorizedRanges: 'widen' as const,
    reason: 'CHG-1234',
  }
  await write('plan.json', buildPlan(snapshot, request, policy, STAMP))
  await write('comparison.json', compareTargets(snapshot, policy, 'simulated'))
  await write('egress-report.json', buildEgressReport(snapshot, policy, 'simulated'))
} finally {
  await simulator.close()
}
