import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import type { AllowListImpact } from '../../src/contract/allow-lists.ts'
import { codeSpan, escapeLineStart, escapeMarkdown } from '../../src/reports/document/escape.ts'
import { htmlReport, markdownReport } from '../../src/reports/plan-report.ts'
import { elements, markdownSkeleton, type Node, parsePage, tableWidths, textOf } from './support/markup.ts'
import { DEMO_PLAN_NAMES, demoPlans, nastyText, withTexts } from './support/plans.ts'

const planOf = await demoPlans(t)
const section = (text: string) => /## Allow-lists elsewhere\n([\s\S]*?)\n## /.exec(text)?.[1] ?? ''

const IMPACT: AllowListImpact = {
  resourceId:
    '/subscriptions/99999999-0000-0000-0000-000000000000/resourceGroups/rg-partner/providers/Microsoft.Network/networkSecurityGroups/nsg-shop',
  type: 'Microsoft.Network/networkSecurityGroups',
  place: '/properties/securityRules/0/properties/sourceAddressPrefix',
  rule: 'NoClusters',
  entry: '20.1.0.0/16',
  effect: 'deny',
  inForce: false,
  covers: [{ address: '20.1.2.3', change: 'lost' }],
  add: [],
  addLater: 0,
  removeLater: [],
}

/** The row of the table that this impact makes. */
function rowOf(given: Partial<AllowListImpact>): string {
  const plan = planOf('to-be-accepted')
  const text = markdownReport({
    ...plan,
    allowLists: { ...plan.allowLists, impacts: [{ ...IMPACT, ...given }] },
  })
  return section(text)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2, 3)
    .join()
}

t.test('a row names the resource, where it lies, its rule and what that does', async (t) => {
  const row = rowOf({})
  t.match(row, /`nsg-shop`; network security groups in rg-partner; subscription 99999999-/)
  t.match(row, /`NoClusters`; denies; not in force/)
  t.match(row, /`20\.1\.0\.0\/16`; names 20\.1\.2\.3/)
  const subscriptionId = planOf('to-be-accepted').cluster.subscriptionId.toUpperCase()
  const resourceId = IMPACT.resourceId.replace(/99999999[^/]*/, subscriptionId)
  t.notMatch(rowOf({ resourceId }), 'subscription ', "in the cluster's own subscription")
})

t.test('a list without names of rules is told by its place, and an entry like ours as it is', async (t) => {
  const row = rowOf({ rule: null, entry: '20.1.2.3/32', effect: 'allow', inForce: true })
  t.match(row, /`\/properties\/securityRules\/0\/properties\/sourceAddressPrefix` \| `20\.1\.2\.3\/32` \|/)
})

t.test('what was not searched is told with the reason', async (t) => {
  t.match(
    section(markdownReport(planOf('to-be-accepted'))),
    /apim-demo`: Only the policy of the whole service/,
  )
})

t.test('where no address goes nothing is said of a search', async (t) => {
  const text = section(markdownReport(planOf('no-change')))
  t.match(text, /No address goes, so no list has to follow\./)
  t.notMatch(text, /earched/)
  t.match(
    section(markdownReport(planOf('through-a-firewall'))),
    /Searched: /,
    'one goes that nothing leaves by',
  )
})

t.test('connections are not said to be dropped by traffic that does not move', async (t) => {
  t.match(
    markdownReport(planOf('through-a-firewall')),
    /Open connections:\*\* may be dropped, although packets keep their path\./,
  )
  t.match(markdownReport(planOf('to-be-accepted')), /Open connections:\*\* dropped when the traffic moves\./)
  t.match(markdownReport(planOf('no-change')), /Open connections:\*\* not touched\./)
})

const pages = DEMO_PLAN_NAMES.map((name) => [name, parsePage(htmlReport(planOf(name)))] as const)

/** Elements and their attributes as they stand, without what only depends on the length of a text. */
function skeletonOf(page: Node): string[] {
  return elements(page)
    .filter(({ name }) => name !== 'wbr')
    .map(({ name, attributes }) => {
      const names = Object.keys(attributes).filter((each) => !(name === 'code' && each === 'class'))
      return `${name} ${names.join(' ')}`
    })
}

t.test('the page says what it is to browsers, phones and screen readers', async (t) => {
  for (const [name, page] of pages) {
    const [html] = elements(page, 'html')
    t.equal(html?.attributes.lang, 'en', name)
    t.match(textOf(elements(page, 'title')[0] as Node), /^[A-Z][a-z ]+\. Egress of /)
    const meta = Object.fromEntries(
      elements(page, 'meta').map(({ attributes }) => [attributes.name ?? 'charset', attributes]),
    )
    t.match(meta, {
      charset: { charset: 'utf-8' },
      viewport: { content: 'width=device-width, initial-scale=1' },
      'color-scheme': { content: 'light dark' },
    })
    for (const landmark of ['header', 'nav', 'main', 'footer'])
      t.equal(elements(page, landmark).length, 1, `${name} has one ${landmark}`)
  }
})

t.test('headings form a tree: one h1, and no level left out', async (t) => {
  for (const [name, page] of pages) {
    const levels = elements(page)
      .flatMap((each) => /^h([1-6])$/.exec(each.name)?.[1] ?? [])
      .map(Number)
    t.equal(levels[0], 1, name)
    t.equal(levels.filter((level) => level === 1).length, 1, name)
    t.ok(
      levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1),
      levels.join(' '),
    )
  }
})

t.test('every table is named, and every row and column has a header', async (t) => {
  for (const [, page] of pages) {
    const tables = elements(page, 'table')
    t.ok(tables.length >= 3)
    for (const table of tables) {
      const [caption] = elements(table, 'caption')
      t.match(textOf(caption as Node), /\S/)
      const [head, ...rows] = elements(table, 'tr')
      const columns = elements(head as Node, 'th')
      t.ok(columns.every((each) => each.attributes.scope === 'col' && textOf(each) !== ''))
      t.not(rows.length, 0)
      for (const row of rows) {
        t.strictSame(
          elements(row, 'th').map((each) => each.attributes.scope),
          ['row'],
        )
        t.equal(row.children.length, columns.length)
      }
    }
  }
})

t.test(
  'what scrolls can be reached with the keyboard and has a name; ids are unique and lead somewhere',
  async (t) => {
    for (const [, page] of pages) {
      const all = elements(page)
      const ids = all.flatMap(({ attributes }) => attributes.id ?? [])
      t.equal(new Set(ids).size, ids.length)
      const named = all.flatMap(({ attributes }) => attributes['aria-labelledby']?.split(' ') ?? [])
      const linked = all.flatMap(({ attributes }) =>
        attributes.href?.startsWith('#') ? attributes.href.slice(1) : [],
      )
      for (const id of [...named, ...linked]) t.ok(ids.includes(id), id)
      const scrolling = all.filter(({ name, attributes }) => name === 'pre' || attributes.class === 'wide')
      t.not(scrolling.length, 0)
      for (const { attributes } of scrolling)
        t.match(attributes, { tabindex: '0', role: 'region', 'aria-labelledby': /./ })
    }
  },
)

t.test('each picture has its content in words', async (t) => {
  for (const [, page] of pages) {
    const pictures = elements(page, 'svg')
    t.equal(pictures.length, 2)
    for (const picture of pictures) {
      t.equal(picture.attributes.role, 'img')
      t.match(textOf(elements(picture, 'title')[0] as Node), /^(Before|After)/)
      t.match(textOf(elements(picture, 'desc')[0] as Node), /^Packets of .*The API server: .*\.$/)
    }
  }
})

t.test('the verdict comes first, and a simulated Azure is told before it', async (t) => {
  for (const [name, page] of pages) {
    const [header] = elements(page, 'header')
    const names = elements(header as Node).map((each) => each.attributes.class ?? each.name)
    t.strictSame(names.filter((each) => /simulated|h1|verdict/.test(each)).length, 3, name)
    t.match(textOf(header as Node), /Simulated Azure.*\n.*Egress of .*\n.*\.$/m)
    const real = parsePage(htmlReport({ ...planOf(name), azure: 'azure' }))
    t.notMatch(textOf(elements(real, 'body')[0] as Node), /simulated/i)
  }
})

t.test('every finding tells its severity in a word and in a shape that is not read out', async (t) => {
  for (const [name, page] of pages) {
    const parts = elements(page, 'article').map((each) => textOf(elements(each, 'h3')[0] as Node))
    const { findings } = planOf(name)
    t.equal(parts.length, findings.length)
    for (const part of parts) t.match(part, /^([■◆▲●]) (Blocker|Accept by name|Warning|Info) [A-Z0-9_]+$/)
    for (const mark of elements(page, 'span').filter((each) => each.attributes.class?.startsWith('mark')))
      t.match(elements(mark, 'span')[0]?.attributes, { 'aria-hidden': 'true' })
  }
})

t.test('text from outside never becomes markup', async () => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const wanted = skeletonOf(parsePage(htmlReport(withTexts(plan, [''])))).join('\n')
    fc.assert(
      fc.property(fc.array(nastyText, { minLength: 1, maxLength: 7 }), (texts) => {
        const made = htmlReport(withTexts(plan, texts))
        if (skeletonOf(parsePage(made)).join('\n') !== wanted) throw new Error('other elements')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
        if (/[\u0000-\u0008\u202a-\u202e\u2066-\u2069]/.test(made)) throw new Error('what nobody can see')
      }),
      { numRuns: 40 },
    )
  }
})

/** `GOLDEN=write npm test -- test/reports/markdown.test.ts` takes a change over, after it was read. */
for (const name of DEMO_PLAN_NAMES)
  t.test(`the report of the plan "${name}", as it was read and found right`, async (t) => {
    const file = new URL(`./golden/${name}.txt`, import.meta.url)
    const text = markdownReport(planOf(name))
    if (process.env.GOLDEN === 'write') await writeFile(file, text)
    t.equal(text, await readFile(file, 'utf8').catch(() => ''))
  })

t.test('the verdict is the first sentence, and simulation is said before it', async (t) => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const [title, simulated, verdict] = markdownReport(plan).split('\n\n')
    t.match(title, /^# Egress of /)
    t.match(simulated, /^> \*\*Simulated Azure/)
    t.match(verdict, /^\*\*[✓◆■=×] [A-Z][a-z ]+\.\*\* \S.*\.$/)
    t.notMatch(markdownReport({ ...plan, azure: 'azure' }), /simulated/i)
  }
})

t.test('what has become of a plan is told first, whatever it once was', async (t) => {
  for (const status of ['executed', 'discarded', 'expired', 'stale'] as const) {
    const text = markdownReport({ ...planOf('to-be-accepted'), status })
    t.match(text, /\*\*× No longer usable\.\*\* .* This plan cannot be executed any more\./)
    t.notMatch(text, 'POST /v1/jobs')
  }
  t.match(markdownReport(planOf('to-be-accepted')), /POST \/v1\/jobs[\s\S]*"EGRESS\\?_IP\\?_LOST"/)
})

t.test('text from outside never becomes markup', async () => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const wanted = markdownSkeleton(markdownReport(withTexts(plan, [''])))
    fc.assert(
      fc.property(fc.array(nastyText, { minLength: 1, maxLength: 7 }), (texts) => {
        const made = markdownReport(withTexts(plan, texts))
        const found = markdownSkeleton(made)
        const at = found.findIndex((line, index) => line !== wanted[index])
        if (at !== -1 || found.length !== wanted.length)
          throw new Error(`line ${at}: ${found[at]} instead of ${wanted[at]} `)
        for (const widths of tableWidths(made))
          if (new Set(widths).size !== 1) throw new Error(`rows of ${widths.join(', ')} cells `)
      }),
      { numRuns: 60 },
    )
  }
})

t.test('escaped text reads as it was, but for blanks and what nobody can see', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      const shown = escapeMarkdown(text)
        .replace(/\\([!-/:-@[-`{-~])/g, '$1')
        .replaceAll('&#124;', '|')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&')
      if (shown !== text.replace(/\s+/g, ' ').trim()) throw new Error(`${text} became ${shown}`)
    }),
  )
})

t.test('code holds backticks, and a line cannot begin as something else', async (t) => {
  t.equal(codeSpan('a`b'), '``a`b``')
  t.equal(codeSpan('`a``'), '``` `a`` ```')
  t.equal(codeSpan(' '), '(empty)')
  t.equal(codeSpan('a|b'), 'a&#124;b')
  for (const line of ['# a', ' # a', '- a', '+ a', '1. a', '12) a', '---', '==='])
    t.notMatch(escapeLineStart(line), /^\s*(#|-|\+|=|\d+[.)])/, line)
  t.equal(escapeLineStart('20.1.2.3 is lost'), '20.1.2.3 is lost')
})
