import { callerOf } from '../callers.ts'
import { OPERATIONS } from '../document/operations.ts'
import type { Lane } from '../requests/lane.ts'
import type { Repeating, Step } from '../requests/step.ts'
import { type Known, Ledger } from './ledger.ts'
import { faultsIn, faultsOfReplay, type Problems } from './oracle.ts'
import { wireOf } from './resolve.ts'
import type { StatusTable } from './table.ts'
import { type Answer, type Exchange, headerOf, type Wire, written } from './wire.ts'

export interface Running {
  send(wire: Wire): Promise<Answer | null>
  problems: Problems
  table: StatusTable
  /** Where webhooks lead. */
  receiver: string
}

/** Operations that can wait for news, by which a lane finds out that something has come to its end. */
const WAITABLE = OPERATIONS.filter(({ parameters }) => parameters.some(({ name }) => name === 'Prefer'))
const MOST_WAITS = 8

/** Sends the requests of a lane one after the other; throws at the first answer that is not as it must be. */
export async function runLane(lane: Lane, name: string, running: Running, turn: Known[]): Promise<Ledger> {
  const ledger = new Ledger(name, turn, running.receiver)
  for (const step of lane) await runStep(step, ledger, running)
  return ledger
}

async function runStep(step: Step, ledger: Ledger, running: Running): Promise<void> {
  if (step.kind === 'repeat') return repeat(step, ledger, running)
  if (step.kind === 'settle') return settle(ledger, running)
  const wire = step.kind === 'ask' ? wireOf(step, ledger) : ledger.page(step.of)
  if (wire !== null) await exchange(wire, ledger, running)
}

/** Sends one request, looks at what is answered, and keeps what it tells. */
async function exchange(wire: Wire, ledger: Ledger, running: Running): Promise<Exchange> {
  const answer = await running.send(wire).catch((error: unknown) => {
    throw new Error(`${written(wire)}\nis not answered`, { cause: error })
  })
  const made = { wire, answer }
  running.table.add(made)
  hold(wire, answer, faultsIn(made, running.problems))
  ledger.learn(made)
  return made
}

async function repeat({ of, atOnce }: Repeating, ledger: Ledger, running: Running): Promise<void> {
  const first = ledger.sent.at(-1 - (of % Math.max(1, ledger.sent.length)))
  if (first === undefined) return
  const times = atOnce ? [first.wire, first.wire] : [first.wire]
  for (const again of await Promise.all(times.map((wire) => exchange(wire, ledger, running))))
    if (first.answer !== null && again.answer !== null)
      hold(again.wire, again.answer, faultsOfReplay(first.answer, again.answer))
}

/** Asks for news until there will be no more, as the contract tells callers to. */
async function settle(ledger: Ledger, running: Running): Promise<void> {
  for (const operation of WAITABLE) {
    const { id, path } = operation
    const names = [...path.matchAll(/\{(.+?)\}/g)].map(([, name]) => name ?? '')
    const { ids } = ledger.about(names, 0)
    if (names.some((name) => ids[name] === undefined)) continue
    const target = path.replace(/\{(.+?)\}/g, (_, name: string) => ids[name] ?? '')
    let tag: [string, string][] = []
    for (let waits = 0; waits < MOST_WAITS; waits++) {
      const headers: [string, string][] = [['prefer', 'wait=1'], ...tag]
      const caller = callerOf(operation)
      const wire: Wire = { operation: id, caller, method: 'GET', target, headers, body: null, ways: [] }
      const { answer } = await exchange(wire, ledger, running)
      // No news within the wait: what waits for its own time may do so for days.
      if (answer === null || answer.status === 304 || headerOf(answer, 'retry-after') === null) break
      const etag = headerOf(answer, 'etag')
      if (etag !== null) tag = [['if-none-match', etag]]
    }
  }
}

function hold(wire: Wire, answer: Answer | null, faults: string[]): void {
  if (faults.length === 0) return
  const text = answer === null ? 'nothing' : `${answer.status} ${answer.text.slice(0, 1_000)}`
  throw new Error(`${written(wire)}\nis answered with ${text}\n${faults.join('\n')}`)
}
