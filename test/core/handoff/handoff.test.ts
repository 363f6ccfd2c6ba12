import { mkdir, readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { HANDOFF_TOOLS, type HandoffTool } from '../../../src/contract/handoff.ts'
import { TYPE_KEYS, type TypeKey } from '../../../src/contract/outbound-type.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { PlanningContext } from '../../../src/core/context/planning-context.ts'
import { profileInstructions } from '../../../src/core/handoff/end-state.ts'
import { aByoSnapshot, aNatGatewayProfile, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { HANDOFF_PLANS } from './support/plans.ts'

const FOLDER = new URL('./golden/', import.meta.url)

function planOf(name: string): Plan {
  const plan = HANDOFF_PLANS[name]
  if (plan === undefined) throw new Error(`no plan ${name}`)
  return plan()
}

function toolsOf(plan: Plan): HandoffTool[] {
  return plan.handoff?.tools ?? []
}

function toolOf(plan: Plan, name: HandoffTool['tool']): HandoffTool {
  const found = toolsOf(plan).find(({ tool }) => tool === name)
  if (found === undefined) throw new Error(`no tool ${name}`)
  return found
}

/** A handoff as text that a person has read. */
function textOf({ handoff }: Plan): string {
  const parts = (handoff?.tools ?? []).map(
    ({ tool, validFor, warning, confidence, source, code, prepared }) =>
      [
        `## ${tool}: ${validFor.component} from ${validFor.from}, below ${validFor.below}`,
        `Warning: ${warning}`,
        `Source: ${source} (${confidence})`,
        `Prepared:\n${prepared}`,
        `Cluster:\n${code}`,
      ].join('\n\n'),
  )
  return [handoff?.notice, ...parts].join('\n\n')
}

/** `GOLDEN=write node test/core/handoff/handoff.test.ts` accepts a change. Read the difference. */
for (const name of Object.keys(HANDOFF_PLANS))
  t.test(`writes the accepted fragments: ${name}`, async (t) => {
    const plan = planOf(name)
    t.not(plan.status, 'blocked', plan.findings.map(({ code }) => code).join())
    const file = new URL(`${name.replaceAll(' ', '-')}.txt`, FOLDER)
    if (process.env.GOLDEN === 'write') {
      await mkdir(FOLDER, { recursive: true })
      await writeFile(file, textOf(plan))
    }
    t.equal(textOf(plan), await readFile(file, 'utf8').catch(() => ''))
    t.strictSame(
      toolsOf(plan).map(({ tool }) => tool),
      HANDOFF_TOOLS,
    )
    for (const { tool, code, warning } of toolsOf(plan))
      t.ok(code !== null || warning !== null, `${tool} says why it has no code`)
  })

t.test('a blocked plan has no handoff', async (t) => {
  for (const target of ['userAssignedNATGateway', 'managedNATGateway', 'none'] as const) {
    const plan = planFor(aByoSnapshot(), target)
    t.equal(plan.status, 'blocked', target)
    t.equal(plan.handoff, null, target)
  }
})

t.test(
  'says of every tool that the code is for after the job, and of commands that create that they are no steps',
  async (t) => {
    for (const name of Object.keys(HANDOFF_PLANS)) {
      const plan = planOf(name)
      const { notice, azureCli, bicep, terraform, terraformAzapi } = plan.handoff ?? {}
      t.match(notice, /^Use the generated code after the job, not instead of the job\./)
      const texts = toolsOf(plan)
        .filter(({ tool }) => tool !== 'arm')
        .flatMap(({ tool, code, prepared }) => [code, tool === 'azureCli' ? null : prepared])
      const commands = toolsOf(plan).find(({ tool }) => tool === 'azureCli')?.prepared ?? null
      if (commands !== null)
        t.match(commands, /^# For reference only: the job of this plan creates these resources\.\n/, name)
      for (const text of [azureCli, bicep, terraform, terraformAzapi, ...texts])
        if (typeof text === 'string')
          t.match(
            text,
            /^(#|\/\/) Use this code only after the job of this plan, not instead of the job\.\n/,
            name,
          )
    }
  },
)

const PROFILE_OF: Partial<Record<TypeKey, string>> = {
  loadBalancer: 'loadBalancerProfile',
  managedNATGateway: 'natGatewayProfile',
  managedNATGatewayV2: 'natGatewayProfile',
}
const BLOCK_OF: Record<string, string> = {
  loadBalancerProfile: 'load_balancer_profile',
  natGatewayProfile: 'nat_gateway_profile',
}

t.test('names the profile of the former type only if another profile or no profile follows', async (t) => {
  const context = (from: TypeKey, to: TypeKey, isNoChange = false) =>
    ({ from, to, isNoChange, completes: null }) as unknown as PlanningContext
  for (const from of TYPE_KEYS)
    for (const to of TYPE_KEYS)
      for (const isDescribed of [true, false]) {
        const [former, next] = [PROFILE_OF[from], PROFILE_OF[to]]
        const expected =
          former === undefined
            ? []
            : former !== next
              ? [`Remove ${former}, which belongs to the former outbound type.`]
              : isDescribed
                ? [`Replace ${former} as a whole.`]
                : []
        const instructions = profileInstructions(context(from, to), isDescribed, (profile) => profile)
        t.strictSame(instructions, expected, `${from} to ${to}`)
        t.strictSame(profileInstructions(context(from, to, true), isDescribed, String), [], 'no change')
      }
})

t.test('no fragment says to remove the profile that it contains', async (t) => {
  const plans = Object.entries(HANDOFF_PLANS).map(([name, plan]) => [name, plan()] as const)
  for (const [name, plan] of [...plans, ['no change', planFor(aSnapshot(), 'loadBalancer')] as const])
    for (const { tool, code } of toolsOf(plan)) {
      const removed = /Remove (?:the block )?(\w+),/.exec(code ?? '')?.[1]
      if (removed === undefined) continue
      const own = PROFILE_OF[plan.transition.to] ?? ''
      t.not(removed, tool === 'terraform' ? BLOCK_OF[own] : own, `${name}: ${tool}`)
      t.not(plan.transition.from, plan.transition.to, `${name}: ${tool}`)
    }
})

t.test('azurerm changes the type before it adds the profile', async (t) => {
  for (const [name, profile] of [
    ['load balancer to managed NAT gateway', 'nat_gateway_profile'],
    ['managed NAT gateway to load balancer', 'load_balancer_profile'],
  ] as const) {
    const { code, warning } = toolOf(planOf(name), 'terraform')
    const active = String(code).replace(/^\s*#.*$/gm, '')
    t.match(active, /outbound_type = /)
    t.notMatch(active, /profile \{[\s\S]*profile \{/, 'the profile is a comment')
    t.match(code, new RegExp(`# Step 2, .*\\n  # ${profile} \\{`))
    t.match(warning, /destroys and recreates the cluster/)
    const check =
      /In step 1, change `outbound_type`, .* and run `terraform plan`\. If .* replacement, stop\. Otherwise, apply it\./
    t.match(warning, check, 'the check comes before the run')
    t.match(warning, `In step 2, add \`${profile}\` in the same way.`)
  }
  const { code, warning } = toolOf(planOf('load balancer with another idle timeout'), 'terraform')
  t.match(code, /\n {2}load_balancer_profile \{/, 'a change of parameters needs one step')
  t.equal(warning, null)
})

t.test('azurerm does not ask to add the block that the warning asks to omit', async (t) => {
  const natGateway = { outboundType: 'managedNATGateway', natGatewayProfile: aNatGatewayProfile() } as const
  const plan = planFor(aSnapshot({ cluster: { ...natGateway, loadBalancerProfile: null } }), {
    outboundType: 'loadBalancer',
    loadBalancer: { idleTimeoutInMinutes: 110 },
  })
  const { code, warning } = toolOf(plan, 'terraform')
  t.match(warning, /Omit `load_balancer_profile` to keep this value\.$/)
  t.notMatch(code, /load_balancer_profile/)
})

t.test('azurerm describes the cached artifacts of an isolated cluster', async (t) => {
  const { code, validFor } = toolOf(planOf('load balancer to none'), 'terraform')
  t.match(code, /bootstrap_profile \{\n {2}artifact_source += "Cache"/)
  t.equal(validFor.from, '4.44.0')
})

t.test('Pulumi warns that it replaces the cluster', async (t) => {
  for (const name of Object.keys(HANDOFF_PLANS)) {
    const { warning } = toolOf(planOf(name), 'pulumi')
    t.match(warning, /destroys and recreates the cluster if `outboundType` in the code differs/)
    t.match(
      warning,
      /Pulumi state\. In releases up to 3\.20\.0, this applies to every field of `networkProfile`\. Run/,
    )
  }
})

t.test('every tool has every prepared resource', async (t) => {
  for (const [name, ids] of Object.entries({
    'prepared NAT gateway': ['pip-demo-nat-egress-1', 'pip-demo-nat-egress-2', 'ng-demo-egress', 'nodes'],
    'prepared StandardV2 gateway with a prefix': ['ippre-demo-nat-egress', 'ng-demo-egress', 'nodes'],
    'prepared route table': ['rt-demo-egress', 'default-egress', 'nodes'],
    'prepared route in a table without one': ['table', 'default-egress'],
    'load balancer to StandardV2 with customer-provided addresses': ['pip-demo-aks-nat-egress-1'],
  }))
    for (const { tool, prepared } of toolsOf(planOf(name)))
      for (const id of ids)
        if (tool !== 'pulumi' || id !== 'default-egress') t.match(prepared, id, `${tool}: ${id}`)
  for (const { tool, prepared } of toolsOf(planOf('load balancer to managed NAT gateway')))
    t.equal(prepared, null, tool)
})

t.test('replaces the list of authorized ranges only if every range is known', async (t) => {
  const known = planOf('user-assigned NAT gateway with authorized ranges')
  for (const tool of toolsOf(known)) t.match(tool.code, '20.9.0.1/32', tool.tool)
  t.match(known.handoff?.notice, /replace the whole list/)
  const later = known.authorizedRanges.removeLater
  t.equal(
    later.length > 0,
    /also remove .* from the authorized IP ranges in your code/.test(known.handoff?.notice ?? ''),
  )
  const unknown = planOf('prepared NAT gateway with authorized ranges')
  for (const tool of toolsOf(unknown)) t.notMatch(tool.code, /198\.51\.100/, tool.tool)
  t.match(unknown.handoff?.notice, /After the job, add the authorized IP ranges of the cluster to your code/)
})
