// Compares the document with the contract that clients were last promised (`openapi/promised.json`). What breaks them
// must stand in `openapi/declared-breaks.json`, as it is printed here, with the reason. `--accept` promises the document
// as it is now, and forgets what was declared.
import { readFileSync, writeFileSync } from 'node:fs'
import { breakingChanges } from './breaking-changes.mjs'

const at = (name) => new URL(`../openapi/${name}`, import.meta.url)
const read = (name) => JSON.parse(readFileSync(at(name), 'utf8'))
const say = (text) => process.stdout.write(`${text}\n`)

if (process.argv.includes('--accept')) {
  writeFileSync(at('promised.json'), readFileSync(at('openapi.json')))
  writeFileSync(at('declared-breaks.json'), '[]\n')
  say('openapi/openapi.json is promised now.')
} else {
  const found = breakingChanges(read('promised.json'), read('openapi.json'))
  const declared = read('declared-breaks.json')
  const isDeclared = (change) =>
    declared.some((each) => each.change === change && typeof each.because === 'string' && each.because !== '')
  const undeclared = found.filter((change) => !isDeclared(change))
  const idle = declared.filter(({ change }) => !found.includes(change))
  for (const change of undeclared) say(`breaks clients, and is not declared: ${change}`)
  for (const { change } of idle) say(`is declared, and breaks nothing: ${change}`)
  say(`${found.length} breaking changes, ${found.length - undeclared.length} of them declared`)
  process.exitCode = undeclared.length + idle.length === 0 ? 0 : 1
}
