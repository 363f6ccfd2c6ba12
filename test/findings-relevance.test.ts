import t from 'tap'
import type { Finding } from '../src/contract/finding.ts'
import { TYPE_KEYS } from '../src/contract/outbound-type.ts'
import type { Plan } from '../src/contract/plan.ts'
import { buildPlan } from '../src/core/planner/planner.ts'
import { ALL_CASES } from './core/rules/all-cases.ts'
import { ANY_POLICY, planFor, STAMP } from './support/a-plan.ts'
import { contradictionsInRealPlan } from './support/contradictions.ts'
import { DEMO_CLUSTERS, startDemo } from './support/demo.ts'

/**
 * Whether the findings of a plan are worth reading. A finding counts if it is specific and actionable:
 *
 * - Specific: its words do not follow from the pair of outbound types alone. Generic are the words of a warning or an
 *   info that all plans of a pair have, or half of the plans of any pair.
 * - Actionable: its remedy asks the reader to do something, and not only to expect something.
 */
const MIN_SHARE = 0.7

/** The most findings that half of the plans have. */
const MAX_MEDIAN = 7

const demo = await startDemo(t)

async function demoPlans(): Promise<[name: string, Plan][]> {
  const plans: [string, Plan][] = []
  for (const name of DEMO_CLUSTERS) {
    const snapshot = await demo.takeSnapshot(demo.ref(name), [], { surroundings: true })
    for (const outboundType of TYPE_KEYS) {
      const request = {
        cluster: demo.ref(name),
        target: { outboundType },
        authorizedRanges: 'widen' as const,
        reason: null,
      }
      plans.push([`${name} to ${outboundType}`, buildPlan(snapshot, request, ANY_POLICY, STAMP)])
    }
  }
  return plans
}

/** A demo cluster asks for little of what the rules know, so the plans of their test cases count as well. */
const casePlans = ALL_CASES.map(([code, { snapshot, target, given }]): [string, Plan] => [
  code,
  planFor(snapshot, target, given),
])

const isActionable = ({ remedy }: Finding) => !/^(Expect|Leave)\b|no (other )?action is needed/.test(remedy)

interface Reported {
  plans: number
  messages: Set<string>
}

function reportedIn(plans: Plan[]): Map<string, Reported> {
  const reported = new Map<string, Reported>()
  for (const { findings } of plans)
    for (const { code, message, severity } of findings) {
      // A blocker or an acknowledgement requires a decision, regardless of who makes it.
      if (severity === 'blocker' || severity === 'acknowledge') continue
      const entry = reported.get(code) ?? { plans: 0, messages: new Set() }
      reported.set(code, { plans: entry.plans + 1, messages: entry.messages.add(message) })
    }
  return reported
}

const pairOf = ({ transition }: Plan) => `${transition.from} to ${transition.to}`

/** The codes that are generic for each pair of outbound types: what they say follows from the pair. */
function genericCodes(plans: Plan[]): Map<string, Set<string>> {
  const overall = genericAmong(plans, 0.5)
  const pairs = Map.groupBy(plans, pairOf)
  return new Map(
    [...pairs].map(([pair, members]) => [
      pair,
      members.length < 3 ? overall : overall.union(genericAmong(members, 1)),
    ]),
  )
}

/** The codes that this share of the plans report in the same words. */
function genericAmong(plans: Plan[], share: number): Set<string> {
  const isGeneric = ({ plans: count, messages }: Reported) =>
    count >= plans.length * share && messages.size === 1
  return new Set([...reportedIn(plans)].filter(([, entry]) => isGeneric(entry)).map(([code]) => code))
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

const isMoving = ({ disruption, status }: Plan) => disruption.movesTraffic === true && status !== 'noChange'

for (const [set, read] of [
  ['demo clusters', demoPlans],
  ['test cases of the rules', async () => casePlans],
] as const)
  t.test(`most findings of plans that move traffic are specific and actionable: ${set}`, async (t) => {
    const plans = (await read()).map(([, plan]) => plan).filter(isMoving)
    const generic = genericCodes(plans)
    const worthReading = (plan: Plan) =>
      plan.findings.filter(
        (finding) => !generic.get(pairOf(plan))?.has(finding.code) && isActionable(finding),
      ).length
    const shares = plans.map((plan) => worthReading(plan) / Math.max(1, plan.findings.length))
    const counts = median(plans.map(({ findings }) => findings.length))
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
    const share = sum(plans.map(worthReading)) / sum(plans.map(({ findings }) => findings.length))
    const names = [...new Set([...generic.values()].flatMap((codes) => [...codes]))]
    t.comment(
      `${plans.length} plans, ${counts} findings (median), ${Math.round(share * 100)} % specific and actionable (median of a plan ${Math.round(median(shares) * 100)} %), generic: ${names.join(', ') || 'none'}`,
    )
    t.ok(plans.length >= 40, 'enough plans')
    t.ok(share >= MIN_SHARE, `share ${share}`)
    t.ok(median(shares) >= MIN_SHARE, `median share ${median(shares)}`)
    t.ok(counts <= MAX_MEDIAN, `median count ${counts}`)
  })

t.test('no part of a plan for a demo cluster contradicts another part', async (t) => {
  for (const [name, plan] of await demoPlans()) t.strictSame(contradictionsInRealPlan(plan), [], name)
})
