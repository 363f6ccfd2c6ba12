import fc from 'fast-check'
import type { Test } from 'tap'
import { EFFECTIVE_PATHS } from '../../../src/contract/egress.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { ReportedPlan } from '../../../src/reports/plan/reported-plan.ts'
import { ANY_POLICY, STAMP } from '../../support/a-plan.ts'
import { anyCharacter } from '../../support/any-character.ts'
import { startDemo } from '../../support/demo.ts'

type RequestParts = Pick<PlanningRequest, 'target'> & Partial<PlanningRequest>

/** One plan of each kind, with its name. */
const REQUESTS: Record<string, [cluster: string, request: RequestParts]> = {
  'to-be-accepted': [
    'lb-managed',
    { target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 2 } } },
  ],
  blocked: ['lb-byo-two-subnets', { target: { outboundType: 'userAssignedNATGateway' } }],
  unsupported: ['lb-byo', { target: { outboundType: 'managedNATGateway' } }],
  'no-change': ['nat-managed', { target: { outboundType: 'managedNATGateway' } }],
  ranges: ['lb-byo-ranges', { target: { outboundType: 'userAssignedNATGateway' }, reason: 'CHG-1234' }],
  prepared: [
    'lb-byo',
    {
      target: { outboundType: 'userAssignedNATGateway' },
      prepare: { natGateway: {}, publicIps: { count: 2 } },
      upgradeNodeImages: true,
    },
  ],
  'through-a-firewall': ['lb-byo-udr-ready', { target: { outboundType: 'userDefinedRouting' } }],
  'two-families': [
    'dualstack-managed',
    { target: { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 20 } } },
  ],
}

export const DEMO_PLAN_NAMES = Object.keys(REQUESTS)

/** The named plans, created from the demo fleet in its initial state. */
export async function demoPlans(t: Test, names = DEMO_PLAN_NAMES): Promise<(name: string) => Plan> {
  const demo = await startDemo(t)
  const plans = new Map<string, Plan>()
  for (const name of names) {
    const [cluster, parts] = REQUESTS[name] as (typeof REQUESTS)[string]
    const snapshot = await demo.takeSnapshot(demo.ref(cluster), [], { surroundings: true })
    const request = {
      cluster: demo.ref(cluster),
      authorizedRanges: 'widen' as const,
      reason: null,
      ...parts,
    }
    plans.set(name, buildPlan(snapshot, request, ANY_POLICY, STAMP))
  }
  return (name) => {
    const plan = plans.get(name)
    if (plan === undefined) throw new Error(`no plan ${name}`)
    return plan
  }
}

/** Members with values of the contract, times, addresses, or references to publications. All other members can contain text from outside. */
const CONTRACT_MEMBERS = new Set([
  'status',
  'azure',
  'createdAt',
  'expiresAt',
  'vnet',
  'outboundType',
  'effective',
  'support',
  'severity',
  'confidence',
  'source',
  'action',
  'owner',
  'knownAt',
  'change',
  'family',
  'mode',
  'kind',
  'op',
  'key',
  'step',
  'existingConnections',
  'leadsTo',
  'need',
  'open',
  'arm',
  'result',
  'who',
  'effect',
  'verdict',
  'address',
  'tool',
])

const NASTY = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='x",
  '</style><svg/onload=x>',
  '&lt;b&gt;&amp;&#60;',
  '| a | b |\n| --- | --- |',
  'a|b\\|c\\\\|d',
  '`code` ``two`` ```',
  '[text](javascript:alert(1)) ![x](y)',
  '**bold** _it_ ~~no~~ __init__',
  '# heading\n## another\r\n- item\n1. one\n> quote\n---\n===',
  'https://evil.example www.evil.example a@evil.example @everyone',
  '```\nfence\n```\n~~~',
  '$x$ \\(y\\) <!-- comment --> ]]>',
  '\u202egpj.exe\u2066 \u0000\u0007\u001b[31m',
  '=HYPERLINK("http://evil.example")',
  '\ud800 lone',
  'x'.repeat(300),
]

/** Text that attacks the format, never empty. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: anyCharacter, minLength: 1 }),
  fc.string({
    unit: fc.constantFrom(...'|`*_[]()<>\\&"\'~#-+=!@$:/.\n\r\t 1a'),
    minLength: 1,
    maxLength: 12,
  }),
  fc.array(fc.constantFrom(...NASTY), { minLength: 2, maxLength: 3 }).map((parts) => parts.join('')),
)

/**
 * The plan with every text that can come from outside replaced by one of these texts in turn. A number after each text
 * keeps names distinct, because reports merge equal names.
 */
export function withTexts(plan: ReportedPlan, texts: string[]): ReportedPlan {
  let count = 0
  return replaced(plan, '', () => `${texts[count % texts.length]}x${count++}`) as ReportedPlan
}

function replaced(value: unknown, key: string, next: () => string): unknown {
  if (typeof value === 'string') return isContractValue(key, value) ? value : next()
  if (Array.isArray(value)) return value.map((item) => replaced(item, key, next))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, replaced(member, name, next)]),
  )
}

function isContractValue(key: string, value: string): boolean {
  if (CONTRACT_MEMBERS.has(key)) return true
  return key === 'path' && (EFFECTIVE_PATHS as readonly string[]).includes(value)
}
