import { readFileSync } from 'node:fs'
import t from 'tap'
import { CONFIDENCES, type Finding, SEVERITIES } from '../../src/contract/finding.ts'
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aSnapshot } from './a-cluster.ts'
import { anOpenFirewall } from './a-firewall.ts'
import { has, planFor } from './a-plan.ts'
import { onGateway } from './own-network.ts'
import {
  natCluster,
  natIp,
  onUserGateway,
  pool,
  type RuleCase,
  type RuleCases,
  toAppliance,
  withAppliance,
} from './rule-cases.ts'

const RULES = new URL('../../src/core/rules/', import.meta.url)

/** Healthy clusters in both kinds of network, on each outbound type that cases start from. */
const HEALTHY: Snapshot[] = [
  aSnapshot(),
  aSnapshot({ cluster: natCluster, publicIps: [natIp] }),
  aByoSnapshot(),
  aByoSnapshot(...onGateway),
  aByoSnapshot(toAppliance, { ...withAppliance, firewalls: [anOpenFirewall()] }),
  aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: { ...pool(), ...onUserGateway } }),
]

/**
 * Tests a topic. Each of its rules is declared and reported in its module. Each rule is found in its case with its
 * severity, facts, and texts, and is absent from a plan that differs from the case.
 */
export function testTopic(topic: string, cases: RuleCases): void {
  t.test(`${topic} declares and reports each rule that has a case`, async (t) => {
    const source = readFileSync(new URL(`${topic}.ts`, RULES), 'utf8')
    const declared = [...source.matchAll(/^export const (\w+) = rule\b[^(]*\(\s*'(\w+)'/gm)]
    t.strictSame(declared.map(([, name]) => name).sort(), Object.keys(cases).sort())
    for (const [declaration, name = '', code] of declared) {
      t.equal(code, name)
      const rest = source.slice(source.indexOf(declaration) + declaration.length)
      t.match(rest, new RegExp(`\\b${name}\\b`), `${name} is used below`)
    }
  })
  for (const [code, ruleCase] of Object.entries(cases)) {
    t.test(`${code} is found where it applies`, async (t) => {
      const { snapshot, target, given, severity, facts, message } = ruleCase
      const plan = planFor(snapshot, target, given)
      const found = plan.findings.filter((finding) => finding.code === code)
      t.equal(found.length, 1, 'it is found once')
      t.match(found[0], { severity, ...(facts === undefined ? {} : { facts }) })
      if (message !== undefined) t.match(found[0]?.message, message)
      t.equal(plan.acknowledgementsRequired.includes(code), severity === 'acknowledge')
      if (severity === 'blocker') t.equal(plan.status, 'blocked')
      for (const finding of plan.findings) t.strictSame(flawsOf(finding), [], finding.code)
      const ranks = plan.findings.map((finding) => SEVERITIES.indexOf(finding.severity))
      t.strictSame(ranks, [...ranks].sort(), 'the most severe first')
    })
    t.test(`${code} is not found elsewhere`, async (t) => {
      t.ok(isAbsentSomewhere(code, ruleCase), `${code} needs a plan without it: give its case \`absent\``)
    })
  }
}

/** The case with what differs in `absent`, or the same request for a healthy cluster of the same kind. */
function isAbsentSomewhere(code: string, { absent, ...ruleCase }: RuleCase): boolean {
  const plans =
    absent === undefined
      ? HEALTHY.filter((snapshot) => isSameKind(snapshot, ruleCase.snapshot)).map((snapshot) => ({
          ...ruleCase,
          snapshot,
        }))
      : [{ ...ruleCase, ...absent }]
  return plans.some(({ snapshot, target, given }) => !has(code, snapshot, target, given))
}

function isSameKind(one: Snapshot, other: Snapshot): boolean {
  return (
    one.cluster.outboundType === other.cluster.outboundType &&
    one.subnets.length > 0 === other.subnets.length > 0
  )
}

const BROKEN_SENTENCE = /undefined|NaN|\[object|null|\( |\(\)|: \.| {2}|,,| ,/

/** A finding has whole sentences, a remedy, and a source. */
function flawsOf({ message, remedy, source, severity, confidence }: Finding): string[] {
  return [
    ...[message, remedy, source].filter((text) => text === '' || BROKEN_SENTENCE.test(text)),
    ...[message, remedy].filter((text) => !/\.$/.test(text)),
    ...(SEVERITIES.includes(severity) ? [] : [severity]),
    ...(CONFIDENCES.includes(confidence) ? [] : [confidence]),
  ]
}
