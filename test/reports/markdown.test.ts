import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import { codeSpan, escapeLineStart, escapeMarkdown } from '../../src/reports/document/escape-markdown.ts'
import { markdownReport } from '../../src/reports/markdown-report.ts'
import { DEMO_PLAN_NAMES, demoPlans } from './support/demo-plans.ts'
import { nastyText, withTexts } from './support/hostile.ts'
import { markdownSkeleton, tableWidths } from './support/markdown-skeleton.ts'

const planOf = await demoPlans(t)

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
