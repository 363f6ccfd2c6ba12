import { readFile } from 'node:fs/promises'
import t from 'tap'
import { ENV_EXAMPLE_FILE, envExample, OPERATIONS_FILE, withSettingsTable } from '../scripts/settings.ts'

t.test('.env.example and docs/operations.md follow from the table of settings', async (t) => {
  const page = await readFile(OPERATIONS_FILE, 'utf8')
  const hint = 'is out of date: run `npm run settings` and commit it'
  t.equal(await readFile(ENV_EXAMPLE_FILE, 'utf8'), envExample(), `.env.example ${hint}`)
  t.equal(page, withSettingsTable(page), `docs/operations.md ${hint}`)
})
