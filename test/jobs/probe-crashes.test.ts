import t from 'tap'
import type { Probe } from '../../src/contract/probe.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { type AzureHarness, azureHarnesses, type Struck } from './support/azure-harness.ts'

const harness = await azureHarnesses(t, await openMigrated(openEmptyDatabase(t)))
const RUN = /\/runCommand\?/
const match = { method: 'POST', pathPattern: '/runCommand\\?' }

interface Given {
  rules?: Struck[]
  dies?: boolean
  wish?: object
}

/** A probe of a demo cluster from its acceptance to its end, and how many run-commands reached each node. */
async function probed(
  room: AzureHarness,
  cluster: string,
  { rules = [], dies = false, wish = {} }: Given = {},
) {
  if (rules.length > 0) await room.strike(rules)
  const { id } = await room.probes.accept({ cluster: room.demo.ref(cluster), by: 'tester', ...wish })
  await room.run({ dies })
  const probe = JSON.parse((await room.probes.getText(id)).text) as Probe
  const sent = room.asked.filter(({ method, path }) => method === 'POST' && RUN.test(path))
  return { probe, sent: sent.length }
}

const DEATHS: { what: string; fault: string; pathPattern: string; method: string }[] = [
  { what: 'before the run-command arrives', fault: 'hold', ...match },
  { what: 'after Azure took the run-command', fault: 'holdAfter', ...match },
  {
    what: 'while it asks for the outcome',
    fault: 'hold',
    method: 'GET',
    pathPattern: 'Compute/locations',
  },
  {
    what: 'while it reads the instance',
    fault: 'hold',
    method: 'GET',
    pathPattern: 'virtualMachines/0\\?',
  },
  {
    what: 'while it reads the cluster',
    fault: 'hold',
    method: 'GET',
    pathPattern: 'virtualMachineScaleSets\\?',
  },
]

for (const { what, fault, method, pathPattern } of DEATHS)
  t.test(`completes after the worker dies ${what}`, async (t) => {
    const room = await harness()
    const rules = [{ match: { method, pathPattern, nth: 1 }, fault: { kind: fault } }]
    const { probe } = await probed(room, 'lb-managed', { rules, dies: true, wish: { maxNodes: 1 } })
    t.match(probe, { status: 'Succeeded', nodes: [{ status: 'completed' }] })
    const posts = room.asked.filter(({ method, path }) => method === 'POST' && RUN.test(path))
    const running = posts.filter(({ at }, index) =>
      posts.slice(0, index).some((other) => at - other.at < 58_000),
    )
    t.strictSame(running, [], 'no second run-command while the first could be under way')
  })
