import { readFile } from 'node:fs/promises'
import t from 'tap'
import { FINDINGS_FILE, findingsText } from '../scripts/findings.ts'
import { CATALOGUE, FINDING_CODES } from '../src/core/findings/catalogue.ts'
import { LEFT_OUT } from '../src/core/findings/left-out.ts'
import { PAGES } from '../src/core/sources/pages.ts'
import { spellSources } from '../src/core/sources/spell-sources.ts'

t.test('the checked-in page of findings is the one that the catalogue makes', async (t) => {
  const checkedIn = await readFile(FINDINGS_FILE, 'utf8')
  t.ok(checkedIn === findingsText(), 'docs/findings.md is out of date: run `npm run findings` and commit it')
})

t.test('the page has each code once, under its severity, with confidence and source', async (t) => {
  const [text = ''] = findingsText().split('\n## Questions')
  for (const code of FINDING_CODES) {
    const rows = text.split('\n').filter((line) => line.startsWith(`| \`${code}\` |`))
    t.equal(rows.length, 1, code)
    const { severity, confidence, source } = CATALOGUE[code]
    // Without the addresses that the sources lead to.
    const said = rows[0]?.replace(/\[([^\]]+)\]\(https:[^)]+\)/g, '$1')
    t.ok(said?.endsWith(`| ${confidence} | ${spellSources(source)} |`), `${code}: ${rows[0]}`)
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
  for (const [key, { title }] of Object.entries(PAGES)) t.match(sources, `| ${key} | `, title)
})

t.test('a rule that is left out has no finding, one reason, and names only codes that exist', async (t) => {
  const rules = LEFT_OUT.map((each) => each.rule)
  t.equal(new Set(rules).size, rules.length)
  const known = new Set<string>([...FINDING_CODES, ...rules, 'PLAN_STALE', 'SKU'])
  for (const { rule, why } of LEFT_OUT) {
    t.notOk(
      FINDING_CODES.some((code) => code === rule),
      `${rule} has a finding`,
    )
    t.match(why, /\.$/, rule)
    for (const [name] of why.matchAll(/\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b/g))
      t.ok(known.has(name), `${rule}: ${name}`)
  }
})
