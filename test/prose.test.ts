import t from 'tap'
import { flawsOf, MAX_AVERAGE_WORDS, readingEase, sentencesOf, wordsOf } from './support/prose.ts'
import { allTexts, documentTexts } from './support/texts.ts'

/** Texts that may differ, by place, each with the reason. At most 20. */
const EXCEPTIONS: Record<string, string> = {}

const texts = allTexts()

/** For texts that users read; counting syllables takes long. */
function easeOf(texts: readonly { text: string }[]): string {
  return `Flesch reading ease ${readingEase(texts.map(({ text }) => text)).toFixed(1)}`
}

t.test('there are texts of every kind', async (t) => {
  for (const kind of [
    'finding',
    'problem',
    'openapi',
    'document',
    'report',
    'log',
    'setting',
    'metric',
    'alert',
    'comment',
    'title',
  ])
    t.ok(
      texts.some((text) => text.kind === kind),
      kind,
    )
})

for (const kind of [...new Set(texts.map((text) => text.kind))])
  t.test(`texts of the kind ${kind} are plain English`, async (t) => {
    const own = texts.filter((text) => text.kind === kind && EXCEPTIONS[text.place] === undefined)
    const sentences = own.flatMap((text) => sentencesOf(text.text))
    const words = sentences.flatMap(wordsOf)
    const ease = kind === 'comment' || kind === 'title' ? '' : `, ${easeOf(own)}`
    t.comment(
      `${own.length} texts, ${sentences.length} sentences, ${(words.length / sentences.length).toFixed(1)} words each${ease}`,
    )
    t.ok(words.length / sentences.length <= MAX_AVERAGE_WORDS, 'short sentences on average')
    t.strictSame(
      own.flatMap((text) => flawsOf(text).map((flaw) => `${text.place}: ${flaw}`)),
      [],
    )
  })

t.test('the README is plain English', async (t) => {
  const own = documentTexts(['README.md'])
  t.comment(easeOf(own))
  t.ok(own.length > 20)
  t.strictSame(own.flatMap(flawsOf), [])
})

t.test('every exception is needed and has a reason, and there are few', async (t) => {
  t.ok(Object.keys(EXCEPTIONS).length <= 20)
  for (const [place, reason] of Object.entries(EXCEPTIONS)) {
    const text = texts.find((one) => one.place === place)
    t.ok(text !== undefined && flawsOf(text).length > 0, `${place} still needs its exception`)
    t.ok(reason.length > 20, `${place} says why`)
  }
})

t.test('the rules find what they are for', async (t) => {
  const flawed = (text: string, rest = {}) => flawsOf({ kind: 'x', place: 'x', text, ...rest }).length > 0
  t.ok(flawed('Mend the gateway.'), 'a banned word')
  t.ok(flawed(`The plan ${'really '.repeat(40)}changes.`), 'a long sentence')
  t.ok(flawed('The service authorises callers.'), 'a British spelling')
  t.ok(flawed('The address  changes.'), 'two spaces')
  t.ok(flawed('One. Two.', { single: true }), 'two sentences where one belongs')
  t.ok(flawed('The gateway should be attached.', { imperative: true }), 'no imperative')
  t.ok(
    flawed('If the gateway is attached, traffic moves.', { imperative: true }),
    'no imperative after a condition',
  )
  t.ok(flawed('Attach the gateway', { punctuated: true }), 'no full stop')
  t.notOk(
    flawed('If the gateway is detached, attach it.', { imperative: true }),
    'a condition before an imperative',
  )
  t.notOk(flawed('Attach the gateway to `subnet-1` (20.1.2.3).', { imperative: true, punctuated: true }))
})
