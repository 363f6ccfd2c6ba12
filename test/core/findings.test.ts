import t from 'tap'
import { CATALOGUE, FINDING_CODES } from '../../src/core/findings/catalogue.ts'
import type { Finding } from '../../src/core/plan.ts'
import { CONFIDENCES, SEVERITIES } from '../../src/core/plan.ts'
import { aByoSnapshot, aNatGatewayProfile, aPool, aSnapshot, aSubnet, SUBNET } from '../support/a-cluster.ts'
import { anOpenFirewall } from '../support/a-firewall.ts'
import { codesOf, planFor } from '../support/a-plan.ts'
import { FINDING_CASES } from './finding-cases/all-cases.ts'
import { type FindingCase, onGateway, onTable } from './finding-cases/case.ts'

const CASES: [string, FindingCase][] = FINDING_CASES

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
    'ISO_REIMAGE_ORDER',
    'ISO_WORKLOADS_LOSE_INTERNET',
    'NO_WAY_BACK',
    'NSG_BLOCKS_EGRESS',
    'REIMAGE_EGRESS_UNPROVEN',
    'TRANSITION_DISPUTED',
    'UDR_FIREWALL_RULES',
  ])
})

t.test('a sentence does not ask for what cannot be done, and says what an edition lacks', async (t) => {
  const cluster = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const made = planFor(aSnapshot({ cluster }), 'loadBalancer')
  const of = (code: string) => made.findings.find((each) => each.code === code)
  t.match(of('TRANSITION_DISPUTED')?.message, /2026-08-05 does not list the pair\.$/)
  t.match(of('EGRESS_IP_CHANGES')?.remedy, 'as soon as they are known')
})

t.test('addresses that go, come and cannot be seen are told apart', async (t) => {
  const said = (...given: Parameters<typeof planFor>) => {
    const found = planFor(...given).findings.find((each) => each.code === 'EGRESS_IP_CHANGES')
    return [found?.message.replace('The egress addresses change: ', ''), found?.remedy]
  }
  const addThem = 'Add the new addresses to firewalls and allow-lists elsewhere as soon as they are known'
  t.strictSame(said(aByoSnapshot(), 'userAssignedNATGateway'), [
    '1 goes, which ones come cannot be seen.',
    `${addThem}, and remove the old ones after it.`,
  ])
  const isPrivate = [aSubnet({ pools: [], defaultOutboundAccess: false })]
  t.strictSame(said(aSnapshot({ subnets: isPrivate }), 'none'), [
    '1 goes, none comes.',
    'Remove the old addresses from firewalls and allow-lists elsewhere after the change.',
  ])
  const isolated = { outboundType: 'none', loadBalancerProfile: null }
  t.strictSame(said(aSnapshot({ cluster: isolated, subnets: isPrivate }), 'managedNATGateway'), [
    'none goes, 1 comes.',
    `${addThem}.`,
  ])
})

t.test('an interruption is not promised where packets keep their path', async (t) => {
  const said = (...given: Parameters<typeof planFor>) =>
    planFor(...given).findings.find((each) => each.code === 'DOWNTIME')?.message
  t.match(said(aByoSnapshot(...onGateway), 'userAssignedNATGateway'), /Packets keep their path here/)
  t.match(said(aByoSnapshot(), 'userAssignedNATGateway'), /open connections are dropped/)
  t.match(
    said(aByoSnapshot(...onGateway), 'userDefinedRouting'),
    /open connections are dropped/,
    'a route to come',
  )
})

t.test('what differs from the declared type on one subnet is not said of the others', async (t) => {
  const other = aSubnet({ id: SUBNET.replace('/nodes', '/other'), pools: ['user'] })
  const [nodes, network] = onGateway
  const cluster = {
    agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'user', vnetSubnetId: other.id })],
  }
  const snapshot = aSnapshot({ cluster, ...network, subnets: [aSubnet(nodes), other] })
  const found = planFor(snapshot, 'none').findings.find(
    (each) => each.code === 'EFFECTIVE_DIFFERS_FROM_DECLARED',
  )
  t.match(found?.message, /leaves these packets on their path; what changes are addresses of others/)
})

t.test('a closed pair says which page speaks against the matrix', async (t) => {
  const natGatewayProfile = aNatGatewayProfile({ sku: 'StandardV2' })
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, loadBalancerProfile: null }
  const said = (target: 'none' | 'loadBalancer') => planFor(aSnapshot({ cluster }), target)
  t.match(said('none'), { status: 'blocked', transition: { reason: /release notes of 2026-05-29/ } })
  t.notMatch(said('loadBalancer').transition.reason, /release notes/)
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
    'KONNECTIVITY',
    ...consequences,
    'ROLLBACK_NEW_IPS',
    'NATV1_STANDARD_CHOSEN',
    'TCP_RESET_SEMANTICS',
    'ASK_BEFOREHAND',
  ])
  const patient = { outboundType: 'managedNATGateway', natGateway: { idleTimeoutInMinutes: 30 } } as const
  t.notOk(codesOf(planFor(aSnapshot(), patient)).includes('IDLE_TIMEOUT_SHRINKS'), 'the same time-out')
  t.strictSame(codesOf(planFor(aByoSnapshot(...onGateway), 'userAssignedNATGateway')), [
    'EFFECTIVE_DIFFERS_FROM_DECLARED',
    'UNUSED_IP_RELEASED',
    ...consequences,
  ])
  t.strictSame(codesOf(planFor(aByoSnapshot(), 'userAssignedNATGateway')), [
    'UANAT_SUBNET_WITHOUT_GATEWAY',
    'EGRESS_IP_LOST',
    'UANAT_ATTACH_IS_THE_CUTOVER',
    'EGRESS_IP_CHANGES',
    'KONNECTIVITY',
    ...consequences,
    'ROLLBACK_NEW_IPS',
    'ASK_BEFOREHAND',
  ])
  t.strictSame(codesOf(planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userDefinedRouting')), [
    'UDR_FIREWALL_RULES',
    'EFFECTIVE_DIFFERS_FROM_DECLARED',
    'EGRESS_PATH_NOT_IN_ARM',
    'UNUSED_IP_RELEASED',
    ...consequences,
  ])
  const open = aByoSnapshot(onTable('VirtualAppliance')[0], {
    ...onTable('VirtualAppliance')[1],
    firewalls: [anOpenFirewall()],
  })
  t.strictSame(
    codesOf(planFor(open, 'userDefinedRouting')),
    [
      'EFFECTIVE_DIFFERS_FROM_DECLARED',
      'EGRESS_PATH_NOT_IN_ARM',
      'UNUSED_IP_RELEASED',
      ...consequences,
      'UDR_AZFW_PRIVATE_RANGES',
    ],
    'a firewall with the documented rules asks for nothing to be vouched for',
  )
})
