import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const LOGGER = fileURLToPath(new URL('../../src/telemetry/logger.ts', import.meta.url))

/** Ends at once after three lines, while Node's threads have other things to do. */
const PROGRAM = `
  import { pbkdf2 } from 'node:crypto'
  import { createLogger } from ${JSON.stringify(LOGGER)}
  const logger = createLogger({ level: 'info' })
  for (let busy = 0; busy < 16; busy++) pbkdf2('a', 'b', 400_000, 64, 'sha512', () => {})
  for (const line of ['first', 'second', 'last']) logger.info({}, line)
  process.exit(0)
`

t.test('every line is written, in order, also when a busy process ends at once', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM])
  const said = stdout.trim().split('\n')
  t.strictSame(
    said.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['first', 'second', 'last'],
  )
})
