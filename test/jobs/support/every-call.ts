import type { Test } from 'tap'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import { type Asked, type AzureHarness, azureHarnesses, type Struck } from './azure-harness.ts'
import { type CallFault, faultsOf, isPoll, isWrite, ruleFor, tellingCalls } from './call-faults.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { clusterOf, forbidden, type Outcome, untruths } from './truth.ts'

/** One job of a scenario in a room of its own, with what goes wrong. */
async function oneJob(
  room: AzureHarness,
  scenario: Scenario,
  rules: Struck[],
  dies = false,
): Promise<Outcome> {
  const plan = await scenario.plan(room)
  if (plan.status !== 'applicable') throw new Error(`${scenario.name}: the plan is ${plan.status}`)
  const before = await clusterOf(room, scenario)
  const { onFailure } = scenario
  const { id } = await room.accept(plan, onFailure === undefined ? {} : { onFailure })
  await room.strike([...(scenario.always ?? []), ...rules])
  await room.run({ dies })
  const hasStruck = ((await room.strikes()).at(-1) ?? 0) > 0
  // What was to go wrong must not meet those who look whether all is well. What is held stays so.
  if (!dies) await room.demo.control('faults', undefined, 'DELETE')
  return { scenario, plan, room, before, hasStruck, job: await room.jobs.get(id) }
}

function struckRequest(asked: Asked[], call: Asked, nth: number): Asked | undefined {
  if (isWrite(call) || isPoll(call)) return asked[nth - 1]
  const place = (each: Asked) => (each.path.split('?')[0] ?? '').toLowerCase()
  return asked.filter((each) => each.method === 'GET' && place(each) === place(call))[nth - 1]
}

/** Cases are taken in turn over all scenarios: a part of them is a part of everything. */
class Share {
  readonly #every: number
  #count: number

  constructor(every: number, from: number) {
    this.#every = every
    this.#count = from
  }

  takes(): boolean {
    return this.#count++ % this.#every === 0
  }
}

/**
 * Every fault of the simulator at every call to Azure of every scenario, and the death of the process at each; with
 * `every` above 1 each so many-th case. Nothing is taken for struck that the simulator has not counted.
 */
export async function everyCall(
  t: Test,
  every: number,
  from: number,
  scenarios: readonly Scenario[] = SCENARIOS,
): Promise<void> {
  const database = await openMigrated(openEmptyDatabase(t))
  const rooms = await azureHarnesses(t, database)
  const [faults, deaths] = [new Share(every, from), new Share(every, from)]
  for (const scenario of scenarios) {
    await t.test(scenario.name, async (t) => {
      const healthy = await oneJob(await rooms(), scenario, [])
      t.strictSame(await untruths(healthy), [], 'undisturbed')
      const { status } = healthy.job
      t.equal(status, scenario.onFailure === undefined ? 'Succeeded' : 'Failed')
      for (const { call, nth } of tellingCalls(healthy.room.asked)) {
        const where = `${call.method} ${call.path.split('?')[0]?.split('/').slice(-2).join('/')}, ${nth}`
        for (const fault of faultsOf(call)) {
          if (!faults.takes()) continue
          const wrong = await withFault(await rooms(), scenario, { call, nth, fault, status })
          t.strictSame(wrong, [], `${fault.name} at ${where}`)
        }
        for (const kind of isWrite(call) ? ['hold', 'holdAfter'] : ['hold']) {
          if (!deaths.takes()) continue
          const outcome = await oneJob(await rooms(), scenario, [held(call, nth, kind)], true)
          const wrong = await untruths(outcome)
          if (!outcome.hasStruck) wrong.push('it did not die')
          if (outcome.job.status !== status)
            wrong.push(`it ended as ${outcome.job.status} ${outcome.job.error?.code}`)
          t.strictSame(wrong, [], `dead at ${where} (${kind})`)
        }
      }
    })
  }
}

function held(call: Asked, nth: number, kind: string): Struck {
  const rule = ruleFor(call, nth, { name: kind, passes: true, fault: { kind } })
  return { ...rule, match: { ...rule.match, count: 1 } }
}

async function withFault(
  room: AzureHarness,
  scenario: Scenario,
  given: { call: Asked; nth: number; fault: CallFault; status: string },
): Promise<string[]> {
  const { call, nth, fault, status } = given
  const outcome = await oneJob(room, scenario, [ruleFor(call, nth, fault)])
  const wrong = await untruths(outcome)
  if (!outcome.hasStruck) wrong.push('the fault did not strike')
  if (fault.passes && outcome.job.status !== status)
    wrong.push(`it ended as ${outcome.job.status} ${outcome.job.error?.code}: ${outcome.job.error?.message}`)
  const struck = struckRequest(room.asked, call, nth)
  return struck === undefined
    ? [...wrong, 'no such request']
    : [...wrong, ...forbidden(room.asked, struck, fault, outcome.job)]
}
