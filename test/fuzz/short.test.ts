import t from 'tap'
import { fuzz, optionsFrom } from './run/fuzz.ts'

t.test('invalid and valid requests generated from the document get documented responses', (t) =>
  fuzz(t, { ...optionsFrom(process.env, 1_500), holdsMemory: false }),
)
