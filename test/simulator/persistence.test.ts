import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startSimulator } from '../../src/simulator/start-simulator.ts'
import { clusterPath, listOf, simulated, toOutboundType } from './support/simulated.ts'

function stateFile(t: { teardown(end: () => unknown): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'deeper', 'simulator.json')
}

t.test('ends an operation after a sudden death as it would have ended', async (t) => {
  const file = stateFile(t)
  const first = simulated(t, { stateFile: file })
  const before = await first.cluster('lb-managed')
  const started = await first.put(toOutboundType(before, 'managedNATGateway'))
  await first.advance(100)
  // No close: the next one reads what a killed process would have left.
  const second = simulated(t, { stateFile: file, mode: undefined })
  t.match(await second.poll(started), { status: 'InProgress' })
  t.match(await second.cluster('lb-managed'), { properties: { provisioningState: 'Updating' } })
  await second.advance(80)
  t.match(await second.poll(started), { status: 'Succeeded' })
  const after = await second.cluster('lb-managed')
  t.match(after, {
    properties: { provisioningState: 'Succeeded', networkProfile: { outboundType: 'managedNATGateway' } },
  })

  const third = simulated(t, { stateFile: file, mode: undefined })
  t.strictSame(await third.cluster('lb-managed'), after, 'and once more')
  const puts = listOf((await third.ask('GET', '/simulator/requests?method=PUT')).body)
  t.equal(puts.length, 1, 'the write is still in the log, once')
  t.equal(Number(puts[0]?.status), 200)
})

t.test('leaves a torn last line out and goes on', async (t) => {
  const file = stateFile(t)
  const first = simulated(t, { stateFile: file })
  await first.put(await first.cluster('lb-managed'))
  appendFileSync(`${file}.journal`, '{"resources":[["/sub')
  const second = simulated(t, { stateFile: file })
  t.match(await second.cluster('lb-managed'), { properties: { provisioningState: 'Updating' } })
  t.equal((await second.put(await second.cluster('nat-byo'))).status, 200)
})

t.test('does not bring a world back that was reset away', async (t) => {
  const file = stateFile(t)
  const first = simulated(t, { stateFile: file })
  await first.put(await first.cluster('lb-managed'))
  const oldLines = readFileSync(`${file}.journal`, 'utf8')
  await first.ask('POST', '/simulator/reset', { fleet: { count: 2, like: 'lb-byo' } })
  // As if the process had died between the new snapshot and the emptying of the journal.
  appendFileSync(`${file}.journal`, oldLines)
  const second = simulated(t, { stateFile: file })
  t.equal((await second.ask('GET', clusterPath('lb-byo-0002'))).status, 200)
  t.equal((await second.ask('GET', clusterPath('lb-managed'))).status, 404)
})

t.test('keeps nothing without a state file', async (t) => {
  const first = simulated(t)
  await first.put(await first.cluster('lb-managed'))
  t.match(await simulated(t).cluster('lb-managed'), { properties: { provisioningState: 'Succeeded' } })
})

t.test('never gives an address twice, not even after a restart', async (t) => {
  const file = stateFile(t)
  const addresses = async (azure: ReturnType<typeof simulated>) => {
    const { resources } = (await azure.ask('GET', '/simulator/state')).body
    return listOf(resources).flatMap((body) =>
      body.properties?.ipAddress ? [String(body.properties.ipAddress)] : [],
    )
  }
  const first = simulated(t, { stateFile: file })
  const before = await addresses(first)
  t.equal(new Set(before).size, before.length)
  const second = simulated(t, { stateFile: file })
  await second.put(toOutboundType(await second.cluster('lb-managed'), 'managedNATGateway'))
  await second.advance(200)
  const fresh = (await addresses(second)).filter((address) => !before.includes(address))
  t.equal(fresh.length, 1)
})

t.test('a state file that cannot be read is named, with the way out', async (t) => {
  const stateFile = `${t.testdir({ 'simulator.json': 'garbage' })}/simulator.json`
  await t.rejects(startSimulator({ stateFile }), { message: /simulator\.json cannot be read: delete it/ })
})
