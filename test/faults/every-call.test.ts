import t from 'tap'
import { everyCall } from '../jobs/support/every-call.ts'

/** One case in so many, of all that can be made of faults, calls and scenarios; `FROM` begins with another one. */
const EVERY = Number(process.env.EVERY ?? 1)
const FROM = Number(process.env.FROM ?? 0)

t.test('keeps every invariant after each fault or crash at each call to Azure of each kind of job', (t) =>
  everyCall(t, EVERY, FROM),
)
