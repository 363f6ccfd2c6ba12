import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { InvalidConfig, readConfig } from '../../src/simulator/config.ts'
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
  t.match(await second.poll(started), { status: 'ReconcilingAddons' })
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

t.test('ignores an incomplete last line and continues', async (t) => {
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

t.test('stores nothing without a state file', async (t) => {
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
  await t.rejects(startSimulator({ stateFile }), {
    message: /simulator\.json cannot be read; delete the file/,
  })
})

const MAIN = fileURLToPath(new URL('../../src/simulator/main.ts', import.meta.url))

function start(environment: Record<string, string>) {
  return spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function output(child: ReturnType<typeof start>, until: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (until.test(text)) break
  }
  return text
}

t.test('reads its settings and names every wrong one', async (t) => {
  t.match(readConfig({}), { host: '127.0.0.1', port: 8081, timeScale: 20, stateFile: undefined })
  t.match(readConfig({ DATA_DIR: 'somewhere', SIMULATOR_PORT: '0' }), {
    port: 0,
    stateFile: /somewhere.simulator\.json$/,
  })
  t.throws(
    () =>
      readConfig({
        SIMULATOR_PORT: '70000',
        SIMULATOR_TIME_SCALE: 'fast',
        SIMULATOR_CALL_LIMITS: 'some',
        SIMULATOR_TLS_KEY_FILE: 'key.pem',
      }),
    new InvalidConfig([
      "SIMULATOR_PORT must be a whole number from 0 to 65535, not '70000'",
      "SIMULATOR_TIME_SCALE must be a number greater than 0 and at most 1000000, not 'fast'",
      "SIMULATOR_CALL_LIMITS must be on or off, not 'some'",
      'SIMULATOR_TLS_KEY_FILE and SIMULATOR_TLS_CERT_FILE must be set together',
    ]),
  )
})

t.test('prints where it listens, answers, and ends on SIGTERM', async (t) => {
  const child = start({ SIMULATOR_PORT: '0' })
  const ended = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  const line = JSON.parse(await output(child, /\n/)) as { url: string }
  t.equal((await fetch(`${line.url}/simulator/clock`)).status, 200)
  child.kill('SIGTERM')
  t.strictSame(await ended, [0, null])
})

t.test('exits with 78 for invalid settings', async (t) => {
  const child = start({ SIMULATOR_PORT: 'x' })
  const ended = once(child, 'exit')
  t.match(await output(child, /SIMULATOR_PORT/), /SIMULATOR_PORT must be/)
  t.strictSame(await ended, [78, null])
})
