import t from 'tap'
import { CATALOGUE, FINDING_CODES } from '../../src/core/findings/catalogue.ts'
import type { Finding } from '../../src/core/plan.ts'
import { CONFIDENCES, SEVERITIES } from '../../src/core/plan.ts'
import { aByoSnapshot, aSnapshot } from '../support/a-cluster.ts'
import { codesOf, planFor } from '../support/a-plan.ts'
import { ALLOW_LIST_CASES } from './finding-cases/allow-list-cases.ts'
import { type FindingCase, onGateway, onTable } from './finding-cases/case.ts'
import { CLUSTER_CASES } from './finding-cases/cluster-cases.ts'
import { NETWORK_CASES } from './finding-cases/network-cases.ts'

const CASES = Object.entries({ ...CLUSTER_CASES, ...NETWORK_CASES, ...ALLOW_LIST_CASES }) as [
  string,
  FindingCase,
][]

const brokenSentence = /undefined|NaN|\[object|null|\( |\(\)|: \.| {2}|,,| ,/

function flawsOf(finding: Finding): string[] {
  const { message, remedy, source } = finding
  return [
    ...[message, remedy, source].filter((text) => text === '' || brokenSentence.test(text)),
    ...[message, remedy].filter((text) => !/\.$/.test(text)),
    ...(SEVERITIES.includes(finding.severity) ? [] : [finding.severity]),
    ...(CONFIDENCES.includes(finding.confidence) ? [] : [finding.confidence]),
  ]
}

t.test('every code of the catalogue has a case, and every case a code', async (t) => {
  t.strictSame(CASES.map(([code]) => code).sort(), [...FINDING_CODES].sort())
})

t.test('every code is found where it is true, with its severity, facts and sentences', async (t) => {
  for (const [code, { snapshot, target, given, severity, facts, message }] of CASES) {
    const made = planFor(snapshot, target, given)
    const found = made.findings.filter((each) => each.code === code)
    t.equal(found.length, 1, `${code} is found once`)
    t.match(found[0], { severity, ...(facts === undefined ? {} : { facts }) }, code)
    if (message !== undefined) t.match(found[0]?.message, message, code)
    t.equal(made.acknowledgementsRequired.includes(code), severity === 'acknowledge', `${code} to be named`)
    if (severity === 'blocker') t.equal(made.status, 'blocked', code)
  }
})

t.test('every finding of every case is a whole sentence with a remedy and a source', async (t) => {
  for (const [code, { snapshot, target, given }] of CASES)
    for (const finding of planFor(snapshot, target, given).findings)
      t.strictSame(flawsOf(finding), [], `${finding.code} in the case of ${code}`)
})

t.test('the severities are what their readers must do, and alarms are few', async (t) => {
  const of = (severity: string) =>
    FINDING_CODES.filter((code) => CATALOGUE[code].severity === severity).sort()
  t.strictSame(of('acknowledge'), [
    'AUTHORIZED_EGRESS_NOT_IN_ARM',
    'AUTHORIZED_RANGES_TARGET_UNKNOWABLE',
    'EGRESS_IP_LOST',
    'EGRESS_IP_SOME_LOST',
    'INGRESS_ASYMMETRIC_ROUTING',
    'ISO_WORKLOADS_LOSE_INTERNET',
    'NO_WAY_BACK',
    'TRANSITION_DISPUTED',
  ])
})

t.test('a sentence does not ask for what cannot be done, and says what an edition lacks', async (t) => {
  const cluster = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const made = planFor(aSnapshot({ cluster }), 'loadBalancer')
  const of = (code: string) => made.findings.find((each) => each.code === code)
  t.match(of('TRANSITION_DISPUTED')?.message, /2026-08-05 does not list the pair\.$/)
  t.match(of('EGRESS_IP_CHANGES')?.remedy, 'as soon as they are known')
})

t.test('findings come worst first', async (t) => {
  for (const [code, { snapshot, target, given }] of CASES) {
    const ranks = planFor(snapshot, target, given).findings.map((each) => SEVERITIES.indexOf(each.severity))
    t.strictSame(ranks, [...ranks].sort(), code)
  }
})

t.test('healthy clusters hear what concerns them and nothing else', async (t) => {
  const consequences = ['DOWNTIME', 'NODE_IMAGE_UPGRADE_NEEDED']
  t.strictSame(codesOf(planFor(aSnapshot(), 'managedNATGateway')), [
    'EGRESS_IP_LOST',
    'EGRESS_IP_CHANGES',
    'EGRESS_IP_UNKNOWN_BEFOREHAND',
    'WAY_BACK_DISPUTED',
    'IDLE_TIMEOUT_SHRINKS',
    ...consequences,
    'NATV1_STANDARD_CHOSEN',
  ])
  const patient = { outboundType: 'managedNATGateway', natGateway: { idleTimeoutInMinutes: 30 } } as const
  t.notOk(codesOf(planFor(aSnapshot(), patient)).includes('IDLE_TIMEOUT_SHRINKS'), 'the same time-out')
  t.strictSame(codesOf(planFor(aByoSnapshot(...onGateway), 'userAssignedNATGateway')), [
    'EFFECTIVE_DIFFERS_FROM_DECLARED',
    ...consequences,
  ])
  t.strictSame(codesOf(planFor(aByoSnapshot(), 'userAssignedNATGateway')), [
    'UANAT_SUBNET_WITHOUT_GATEWAY',
    'EGRESS_IP_LOST',
    'EGRESS_IP_CHANGES',
    ...consequences,
  ])
  t.strictSame(codesOf(planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userDefinedRouting')), [
    'EFFECTIVE_DIFFERS_FROM_DECLARED',
    'UDR_FIREWALL_RULES_UNPROVEN',
    'EGRESS_PATH_NOT_IN_ARM',
    ...consequences,
  ])
})
