import { readFile } from 'node:fs/promises'
import t from 'tap'
import { FINDING_EXAMPLES_FILE, FINDINGS_FILE, findingExamples, findingsText } from '../scripts/findings.ts'
import { PAGE_KEYS, pageTitle } from '../src/core/references/pages.ts'
import { RULES } from '../src/core/rules/index.ts'
import { UNCOVERED_RULES } from '../src/core/rules/uncovered-rules.ts'

t.test('matches the page that the rules generate', async (t) => {
  const checkedIn = await readFile(FINDINGS_FILE, 'utf8')
  t.ok(checkedIn === findingsText(), 'docs/findings.md is out of date: run `npm run findings` and commit it')
})

t.test('serves the examples that the rules generate', async (t) => {
  const checkedIn = JSON.parse(await readFile(FINDING_EXAMPLES_FILE, 'utf8'))
  t.strictSame(checkedIn, findingExamples(), 'run `npm run findings` and commit the examples')
})

t.test('lists each code once, under its severity, with confidence and source', async (t) => {
  const [text = ''] = findingsText().split('\n## Questions')
  for (const { code, severity, confidence, source } of RULES) {
    const rows = text.split('\n').filter((line) => line.startsWith(`| \`${code}\` |`))
    t.equal(rows.length, 1, code)
    const unlinkedRow = rows[0]?.replace(/\[([^\]]+)\]\(https:[^)]+\)/g, '$1')
    t.ok(unlinkedRow?.endsWith(`| ${confidence} | ${source} |`), `${code}: ${rows[0]}`)
    const section = text.split(/^## /m).find((part) => part.startsWith(`${severity}\n`))
    t.ok(section?.includes(rows[0] ?? '-'), `${code} under ${severity}`)
  }
})

t.test('gives all rows of a table the same number of cells', async (t) => {
  const width = (line: string) => line.replaceAll('\\|', '').split('|').length
  for (const table of findingsText().match(/(?:^\|.*\n)+/gm) ?? []) {
    const [head = '', ...rows] = table.trim().split('\n')
    for (const row of rows) t.equal(width(row), width(head), row)
  }
})

t.test('lists every page that a rule can cite in the last table', async (t) => {
  const [, sources = ''] = findingsText().split('\n## Sources')
  const rows = sources.match(/^\| .+ \| .+ \| `.+` \|$/gm) ?? []
  t.equal(rows.length, PAGE_KEYS.length)
  for (const key of PAGE_KEYS) t.ok(sources.includes(pageTitle(key)), key)
})

t.test('gives each uncovered rule no finding and one reason that names only existing codes', async (t) => {
  const rules = Object.keys(UNCOVERED_RULES)
  const known = new Set<string>([...RULES.map(({ code }) => code), ...rules, 'PLAN_STALE', 'SKU'])
  for (const [rule, reason] of Object.entries(UNCOVERED_RULES)) {
    t.notOk(
      RULES.some(({ code }) => code === rule),
      `${rule} has a finding`,
    )
    t.match(reason, /\.$/, rule)
    for (const [name] of reason.matchAll(/\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b/g))
      t.ok(known.has(name), `${rule}: ${name}`)
  }
})
