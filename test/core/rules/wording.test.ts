import t from 'tap'
import type { Json } from '../../../src/contract/json.ts'
import { RULES } from '../../../src/core/rules/index.ts'
import type { Facts, Rule } from '../../../src/core/rules/rule.ts'
import { planFor } from '../../support/a-plan.ts'
import { ALL_CASES } from './all-cases.ts'

/** A noun that the texts use for the items of a list in the facts. */
const NOUN =
  '(?:node pool|subnet|gateway|route table|address|prefix|resource|server|rule|range|firewall|parameter|endpoint|service tag|permission|Service|resource group|target|step|part|entry)'
const PLURAL = `(?:${NOUN}(?:es|s)|entries)`

/** The facts of the test case of a rule, with `count` items in every list. */
function factsWith(count: number, facts: Facts): Facts {
  const entries = Object.entries(facts).map(([name, fact]): [string, Json] => {
    const first = Array.isArray(fact) ? fact[0] : undefined
    return [
      name,
      first === undefined ? fact : Array.from({ length: count }, (_, index) => numbered(first, index)),
    ]
  })
  return Object.fromEntries(entries)
}

/** A copy of an item whose names differ from the names of the other copies. */
function numbered<T>(item: T, index: number): T {
  const text = JSON.stringify(item)
  return JSON.parse(text.replace(/"(?=[,\]}]|$)/g, (quote) => `${index === 0 ? '' : `-${index}`}${quote}`))
}

function textsWith(count: number): [string, string][] {
  const rules = new Map(RULES.map((rule) => [rule.code, rule as unknown as Rule<Facts>]))
  return ALL_CASES.flatMap(([code, { snapshot, target, given }]) => {
    const found = planFor(snapshot, target, given).findings.find((finding) => finding.code === code)
    const finding = rules.get(code)?.finding(factsWith(count, found?.facts as Facts))
    return finding === undefined ? [] : [[code, `${finding.message} ${finding.remedy}`] as [string, string]]
  })
}

t.test('names one item in the singular', async (t) => {
  for (const [code, text] of textsWith(1)) {
    for (const { 1: plural = '', index } of text.matchAll(
      new RegExp(`\\bthese (?:(?!IPs\\b)\\w+ ){0,2}?(${PLURAL})\\b`, 'g'),
    ))
      t.match(
        text.slice(0, index).toLowerCase(),
        plural.toLowerCase(),
        `${code}: the text names ${plural} before "these ${plural}"`,
      )
    t.notMatch(text, new RegExp(`\\b${PLURAL} \`[^\`]+\`(?!,| and| \\()`), code)
  }
})

t.test('names several items in the plural', async (t) => {
  for (const [code, text] of textsWith(3)) {
    // The subject of this verb is the egress from the node pools.
    if (code === 'NODE_PUBLIC_IP_NAT_TARGET') continue
    t.notMatch(text, new RegExp(`\\b${NOUN} \`[^\`]+\`, \`[^\`]+\` and`), code)
    t.notMatch(
      text,
      /` and `[^`]+`,?(?: which)? (?:is|has|does|uses|serves|contains|lacks|sends|drops)\b/,
      code,
    )
  }
})
