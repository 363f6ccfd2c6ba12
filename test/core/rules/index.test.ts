import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { RULES } from '../../../src/core/rules/index.ts'
import { RETIRED_RULES } from '../../../src/core/rules/retired-rules.ts'
import { aByoSnapshot, aSnapshot } from '../../support/a-cluster.ts'
import { anOpenFirewall } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { onGateway, onTable } from '../../support/own-network.ts'
import { ALL_CASES } from './all-cases.ts'

const SOURCES = new URL('../../../src/core/rules/', import.meta.url)

t.test('has one test case for every code', async (t) => {
  t.strictSame(ALL_CASES.map(([code]) => code).sort(), RULES.map(({ code }) => code).sort())
})

t.test('reports no retired code and names its replacement', async (t) => {
  const codes = new Set(RULES.map(({ code }) => code))
  for (const [code, instead] of Object.entries(RETIRED_RULES)) {
    t.notOk(codes.has(code), `${code} is reported`)
    t.match(instead, /\.$/, code)
    for (const [name] of instead.matchAll(/\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b/g))
      t.ok(codes.has(name), `${code}: ${name}`)
  }
})

t.test('writes the names of resources after their kind as code', async (t) => {
  const bareName =
    /\b(?:subnets?|route tables?|(?:node )?pools?|load balancer|gateways?) (?:nodes|pods|system|win|table|kubernetes|gateway)\b(?! pool)/
  for (const [code, { snapshot, target, given }] of ALL_CASES)
    for (const { message, remedy, facts } of planFor(snapshot, target, given).findings) {
      // Titles of steps are quoted, and the reasons of other parts of the plan are text.
      const text = `${message} ${remedy}`.replace(/"[^"]+"/g, '')
      if (facts.because === undefined) t.notMatch(text, bareName, code)
    }
})

/** Names of resources that are words, too. */
const WORDS = ['nodes', 'pods', 'system', 'firewall', 'gateway', 'table', 'hub', 'default', 'own', 'other']

t.test('writes every name of a resource as code', async (t) => {
  for (const [code, { snapshot, target, given }] of ALL_CASES) {
    const { cluster, subnets, virtualNetworks: _networks, ...lists } = snapshot
    const resources = Object.values(lists).flatMap((list) =>
      typeof list === 'object' && list !== null ? Object.values(list) : [],
    )
    const ids = [...subnets, ...resources].flatMap((item: { id?: string }) => item?.id ?? [])
    const names = [
      ...cluster.agentPools.map(({ name }) => name),
      ...ids.map((id) => id.split('/').at(-1) ?? ''),
    ]
    const bare = names.filter((name) => name !== '' && !WORDS.includes(name))
    if (bare.length === 0) continue
    const pattern = new RegExp(`(?<![\\w/.-])(${bare.join('|')})(?![\\w/.-])`)
    for (const { message, remedy, facts } of planFor(snapshot, target, given).findings) {
      const text = `${message} ${remedy}`.replaceAll(/`[^`]+`|"[^"]+"/g, '')
      if (facts.because === undefined) t.notMatch(text, pattern, code)
    }
  }
})

t.test('exports every rule under its code', async (t) => {
  const declarations = readdirSync(SOURCES).flatMap((file) => {
    const text = readFileSync(new URL(file, SOURCES), 'utf8')
    return [...text.matchAll(/^(.*) = rule(?:<[\s\S]*?>)?\(\s*'(\w+)'/gm)].map(([, name, code]) => ({
      name,
      code,
    }))
  })
  for (const { name, code } of declarations) t.equal(name, `export const ${code}`)
  t.strictSame(declarations.map(({ code }) => code).sort(), RULES.map(({ code }) => code).sort())
})

t.test('requires acknowledgement only for these rules', async (t) => {
  const codes = RULES.filter(({ severity }) => severity === 'acknowledge')
    .map(({ code }) => code)
    .sort()
  t.strictSame(codes, [
    'API_SERVER_PATH_LOST',
    'AUTHORIZED_EGRESS_NOT_IN_ARM',
    'AUTHORIZED_RANGES_TARGET_UNKNOWABLE',
    'EGRESS_IP_LOST',
    'EGRESS_IP_SOME_LOST',
    'FIREWALL_DNS_PROXY_OFF',
    'INGRESS_ASYMMETRIC_ROUTING',
    'IPV6_DISRUPTED_BY_GATEWAY',
    'IPV6_EGRESS_LOST',
    'ISO_REIMAGE_ORDER',
    'ISO_WORKLOADS_LOSE_INTERNET',
    'NO_WAY_BACK',
    'NSG_BLOCKS_EGRESS',
    'PREPARE_GROUP_NOT_CHECKED',
    'PREPARE_REPLACES_GATEWAY',
    'PREPARE_ROUTE_UNSUPPORTED',
    'RECONCILE_COMPLETES_CHANGE',
    'REIMAGE_EGRESS_UNPROVEN',
    'ROUTE_GATEWAY_MISSING',
    'SEG_PATH_OVERRIDDEN',
    'TRANSITION_DISPUTED',
    'UANAT_GATEWAY_OF_NETWORK',
    'UDR_FIREWALL_RULES',
  ])
})

t.test('reports only relevant findings for healthy clusters', async (t) => {
  t.strictSame(codesOf(planFor(aSnapshot(), 'managedNATGateway')), [
    'EGRESS_IP_LOST',
    'EGRESS_IP_UNKNOWN_BEFOREHAND',
    'WAY_BACK_DISPUTED',
    'IDLE_TIMEOUT_SHRINKS',
    'NATV1_STANDARD_CHOSEN',
    'ASK_BEFOREHAND',
  ])
  const sameTimeout = { outboundType: 'managedNATGateway', natGateway: { idleTimeoutInMinutes: 30 } } as const
  t.notOk(codesOf(planFor(aSnapshot(), sameTimeout)).includes('IDLE_TIMEOUT_SHRINKS'), 'the same timeout')
  t.strictSame(codesOf(planFor(aByoSnapshot(...onGateway), 'userAssignedNATGateway')), [
    'EFFECTIVE_DIFFERS_FROM_DECLARED',
    'UNUSED_IP_RELEASED',
  ])
  t.strictSame(codesOf(planFor(aByoSnapshot(), 'userAssignedNATGateway')), [
    'UANAT_SUBNET_WITHOUT_GATEWAY',
    'EGRESS_IP_LOST',
    'UANAT_ATTACH_IS_THE_CUTOVER',
    'ASK_BEFOREHAND',
  ])
  t.strictSame(codesOf(planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userDefinedRouting')), [
    'UDR_FIREWALL_RULES',
    'EFFECTIVE_DIFFERS_FROM_DECLARED',
    'EGRESS_PATH_NOT_IN_ARM',
    'UNUSED_IP_RELEASED',
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
      'UDR_AZFW_PRIVATE_RANGES',
    ],
    'a firewall with the documented rules requires no acknowledgement',
  )
})
