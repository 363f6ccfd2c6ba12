import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { InvalidConfig, readConfig } from '../../src/simulator/config.ts'

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
        SIMULATOR_TLS_KEY_FILE: 'key.pem',
      }),
    new InvalidConfig([
      "SIMULATOR_PORT must be a whole number from 0 to 65535, not '70000'",
      "SIMULATOR_TIME_SCALE must be a number over 0, not 'fast'",
      'SIMULATOR_TLS_KEY_FILE and SIMULATOR_TLS_CERT_FILE must be given together',
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

t.test('exits with 78 on wrong settings', async (t) => {
  const child = start({ SIMULATOR_PORT: 'x' })
  const ended = once(child, 'exit')
  t.match(await output(child, /SIMULATOR_PORT/), /SIMULATOR_PORT must be/)
  t.strictSame(await ended, [78, null])
})
