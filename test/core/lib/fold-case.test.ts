import fc from 'fast-check'
import t from 'tap'
import { equalsIgnoringCase, foldCase } from '../../../src/core/lib/fold-case.ts'
import { anyCharacter } from '../../support/any-character.ts'
import { propertyRuns } from '../../support/property-runs.ts'

t.test('compares letters of every alphabet without case', async (t) => {
  for (const [a, b] of [
    ['RG-Demo', 'rg-demo'],
    ['GRÜN', 'grün'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['МОСКВА', 'москва'],
  ] as const)
    t.ok(equalsIgnoringCase(a, b), `${a} ${b}`)
})

t.test('keeps apart letters that only look like each other', async (t) => {
  for (const [letter, name] of [
    ['\u212a', 'k'],
    ['\u212b', 'å'],
    ['\u2126', 'ω'],
    ['\u0130', 'i'],
    ['\u0131', 'i'],
    ['\u017f', 's'],
    ['\u1e9e', 'ß'],
  ] as const)
    for (const other of [name, name.toUpperCase()])
      t.notOk(equalsIgnoringCase(letter, other), `U+${letter.charCodeAt(0).toString(16)} ${other}`)
})

t.test('folds no other letter to an ASCII letter', async (t) => {
  for (let code = 0x80; code <= 0xffff; code++) {
    const letter = String.fromCharCode(code)
    if (/[ -~]/.test(foldCase(letter))) t.fail(`U+${code.toString(16)}`)
  }
})

t.test('folds a text to the same form within any other text', async () => {
  const text = fc.string({ unit: anyCharacter, maxLength: 20 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const folded = foldCase(a)
      return foldCase(folded) === folded && foldCase(`${a}/${b}`) === `${folded}/${foldCase(b)}`
    }),
    { numRuns: propertyRuns() },
  )
})
