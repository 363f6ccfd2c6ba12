import t from 'tap'
import { fuzz } from './run/fuzz.ts'
import { optionsFrom } from './run/options.ts'

t.test('requests made from the document are answered as documented, whatever is wrong with them', (t) =>
  fuzz(t, { ...optionsFrom(process.env, 1_500), holdsMemory: false }),
)
