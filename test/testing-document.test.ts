import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseSource } from './support/source-files.ts'
import { titlesOf } from './support/test-titles.ts'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const [, section = ''] = read('docs/testing.md').split('## Security and reliability faults\n')
const ROWS = section
  .split('\n## ')[0]
  ?.split('\n')
  .filter((line) => /^\| S\d/.test(line))

t.test('docs/testing.md names a test for every security and reliability fault', async (t) => {
  const numbers = ROWS?.map((row) => row.split(' | ')[0]?.replace('| ', ''))
  t.strictSame(
    numbers,
    Array.from({ length: 16 }, (_, index) => `S${index + 1}`),
  )
  for (const row of ROWS ?? []) {
    const tests = [...row.matchAll(/\]\(\.\.\/(test\/[^)]+)\): `([^`]+)`/g)]
    t.ok(tests.length > 0, row.slice(0, 6))
    for (const [, path = '', title = ''] of tests) {
      const titles = titlesOf(parseSource(path, read(path))).map((text) => text.replaceAll('Code', '…'))
      t.ok(titles.includes(title), `${path}: ${title}`)
    }
  }
})
