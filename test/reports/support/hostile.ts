import fc from 'fast-check'
import { EFFECTIVE_PATHS } from '../../../src/core/plan-egress.ts'
import type { ReportedPlan } from '../../../src/reports/reported-plan.ts'

/** Members that hold words of the contract, numbers of time, or addresses that ARM has; the rest is anybody's text. */
const OURS = new Set([
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

/** Text as nobody should name a resource, never empty. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({
    unit: fc.constantFrom(...'|`*_[]()<>\\&"\'~#-+=!@$:/.\n\r\t 1a'),
    minLength: 1,
    maxLength: 12,
  }),
  fc.array(fc.constantFrom(...NASTY), { minLength: 2, maxLength: 3 }).map((parts) => parts.join('')),
)

/**
 * The plan with every text that could come from outside replaced by one of these in turn. A number behind each keeps
 * different names different, so that only the writing is on trial and not what a report says of equal names.
 */
export function withTexts(plan: ReportedPlan, texts: string[]): ReportedPlan {
  let count = 0
  return replaced(plan, '', () => `${texts[count % texts.length]}x${count++}`) as ReportedPlan
}

function replaced(value: unknown, key: string, next: () => string): unknown {
  if (typeof value === 'string') return isOurs(key, value) ? value : next()
  if (Array.isArray(value)) return value.map((each) => replaced(each, key, next))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, name, next)]))
}

function isOurs(key: string, value: string): boolean {
  if (OURS.has(key)) return true
  return key === 'path' && (EFFECTIVE_PATHS as readonly string[]).includes(value)
}
