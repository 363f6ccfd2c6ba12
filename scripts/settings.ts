import { readFile, writeFile } from 'node:fs/promises'
import type { Setting } from '../src/config/setting-kinds.ts'
import { SETTINGS } from '../src/config/settings.ts'

/** Where the documents are checked in. */
export const ENV_EXAMPLE_FILE = new URL('../.env.example', import.meta.url)
export const OPERATIONS_FILE = new URL('../docs/operations.md', import.meta.url)

const HEADER = '| setting | type | default | meaning |\n|---|---|---|---|\n'
const settings = Object.entries<Setting<unknown>>(SETTINGS)

/** `.env.example`: each setting with its default and a comment. */
export function envExample(): string {
  const entries = settings.map(
    ([name, setting]) => `\n${comment(setting)}\n${name}=${fallbackText(setting)}\n`,
  )
  return `# All settings of the service with their defaults. An empty value counts as not set.
# See docs/operations.md for details.
${entries.join('')}`
}

/** The page docs/operations.md with its table of settings replaced. */
export function withSettingsTable(page: string): string {
  const start = page.indexOf(HEADER) + HEADER.length
  const end = page.indexOf('\n\n', start)
  const rows = settings.map(
    ([name, setting]) =>
      `| \`${name}\` | ${setting.type} | ${defaultCell(setting)} | ${setting.description} |`,
  )
  return page.slice(0, start) + rows.join('\n') + page.slice(end)
}

function fallbackText({ fallback }: Setting<unknown>): string {
  return fallback === null || Array.isArray(fallback) ? '' : String(fallback)
}

function defaultCell(setting: Setting<unknown>): string {
  const fallback = fallbackText(setting)
  return setting.defaultText ?? (fallback === '' ? 'none' : `\`${fallback}\``)
}

function comment({ description, type, defaultText }: Setting<unknown>): string {
  const values = type === 'text' ? '' : ` (${type})`
  const fallback = defaultText === undefined ? '' : ` Default: ${defaultText}.`
  const text = `${description.charAt(0).toUpperCase()}${description.slice(1)}${values}.${fallback}`
  return `# ${text.replaceAll('`', '').replace(/\[([^\]]+)\]\(([^)#]+)[^)]*\)/g, '$1 in docs/$2')}`
}

if (import.meta.main) {
  await writeFile(ENV_EXAMPLE_FILE, envExample())
  await writeFile(OPERATIONS_FILE, withSettingsTable(await readFile(OPERATIONS_FILE, 'utf8')))
}
