import fc from 'fast-check'
import t from 'tap'
import { htmlReport } from '../../src/reports/html-report.ts'
import { DEMO_PLAN_NAMES, demoPlans } from './support/demo-plans.ts'
import { nastyText, withTexts } from './support/hostile.ts'
import { elements, type Node, parsePage, textOf } from './support/markup.ts'

const planOf = await demoPlans(t)
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
