import t from 'tap'
import { fuzz, optionsFrom } from './run/fuzz.ts'

t.test('requests made from the document are answered as documented, whatever is wrong with them', (t) =>
  fuzz(t, { ...optionsFrom(process.env, 1_500), holdsMemory: false }),
)
