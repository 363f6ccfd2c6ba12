import { readFile } from 'node:fs/promises'
import t from 'tap'
import { FINDINGS_FILE, findingsText } from '../scripts/findings.ts'
import { PAGES } from '../src/core/references/references.ts'
import { RULES } from '../src/core/rules/index.ts'
import { UNCOVERED_RULES } from '../src/core/rules/uncovered-rules.ts'

t.test('the checked-in page of findings is the one that the rules make', async (t) => {
  const checkedIn = await readFile(FINDINGS_FILE, 'utf8')
  t.ok(checkedIn === findingsText(), 'docs/findings.md is out of date: run `npm run findings` and commit it')
})

t.test('the page has each code once, under its severity, with confidence and source', async (t) => {
  const [text = ''] = findingsText().split('\n## Questions')
  for (const { code, severity, confidence, source } of RULES) {
    const rows = text.split('\n').filter((line) => line.startsWith(`| \`${code}\` |`))
    t.equal(rows.length, 1, code)
    // Without the addresses that the sources lead to.
    const said = rows[0]?.replace(/\[([^\]]+)\]\(https:[^)]+\)/g, '$1')
    t.ok(said?.endsWith(`| ${confidence} | ${source} |`), `${code}: ${rows[0]}`)
    const section = text.split(/^## /m).find((each) => each.startsWith(`${severity}\n`))
    t.ok(section?.includes(rows[0] ?? '-'), `${code} under ${severity}`)
  }
})

t.test('no table has a row of another width', async (t) => {
  const width = (line: string) => line.replaceAll('\\|', '').split('|').length
  for (const table of findingsText().match(/(?:^\|.*\n)+/gm) ?? []) {
    const [head = '', ...rows] = table.trim().split('\n')
    for (const row of rows) t.equal(width(row), width(head), row)
  }
})

t.test('the last table has every source that can be named', async (t) => {
  const [, sources = ''] = findingsText().split('\n## Sources')
  const rows = sources.match(/^\| [A-Z]\w+ \| .+$/gm) ?? []
  const titles = Object.keys(PAGES)
  t.equal(rows.length, titles.length + 1, 'with the head')
  for (const title of titles) t.match(sources, title)
})

t.test('a rule that is left out has no finding, one reason, and names only codes that exist', async (t) => {
  const rules = Object.keys(UNCOVERED_RULES)
  const known = new Set<string>([...RULES.map(({ code }) => code), ...rules, 'PLAN_STALE', 'SKU'])
  for (const [rule, why] of Object.entries(UNCOVERED_RULES)) {
    t.notOk(
      RULES.some(({ code }) => code === rule),
      `${rule} has a finding`,
    )
    t.match(why, /\.$/, rule)
    for (const [name] of why.matchAll(/\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b/g))
      t.ok(known.has(name), `${rule}: ${name}`)
  }
})
