import t from 'tap'
import { fuzz, optionsFrom } from './run/fuzz.ts'

t.test('a long run of requests made from the document, after which memory is what it was', (t) =>
  fuzz(t, { ...optionsFrom(process.env, 50_000), holdsMemory: true }),
)
