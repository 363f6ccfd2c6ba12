import t from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { TYPE_KEYS } from '../../src/contract/outbound-type.ts'
import { compareTargets } from '../../src/core/planner/compare-targets.ts'
import { buildEgressReport } from '../../src/core/planner/egress-report.ts'
import { buildPlan } from '../../src/core/planner/planner.ts'
import { splitReport } from '../../src/mcp/documents.ts'
import { PROMPT } from '../../src/mcp/prompt.ts'
import { countTokens, toErrorResult, toResult } from '../../src/mcp/results.ts'
import { inlined, membersOf, resultSchema, type View } from '../../src/mcp/schemas.ts'
import { describeTools } from '../../src/mcp/server.ts'
import { ALL_TOOLS } from '../../src/mcp/tools/all-tools.ts'
import {
  CLUSTERS_VIEW,
  COMPARISON_VIEW,
  EGRESS_VIEW,
  EXECUTE_VIEW,
  JOB_VIEW,
  PLAN_VIEW,
} from '../../src/mcp/tools/views.ts'
import { markReport } from '../../src/mcp/untrusted.ts'
import { markdownReport } from '../../src/reports/plan-report.ts'
import { EXAMPLE_CLUSTER } from '../../src/routes/examples/inventory.ts'
import { EXAMPLE_JOB } from '../../src/routes/examples/jobs.ts'
import { EXAMPLE_COMPARISON } from '../../src/routes/operations/compare-targets.ts'
import { EXAMPLE_EGRESS_REPORT } from '../../src/routes/operations/get-cluster-egress.ts'
import { ownApp } from '../routes/support/fakes.ts'
import { ANY_POLICY, STAMP } from '../support/a-plan.ts'
import { DEMO_CLUSTERS, startDemo } from '../support/demo.ts'
import { type McpAnswer, send } from './support/mcp-client.ts'
import { TOOL_ROWS } from './support/tool-rows.ts'

const LIMIT = 8_000
const SMALLEST = { maxTokens: 3_000, fields: membersOf(PLAN_VIEW) }

/** What is wrong with the result of this body, by default with all members, and with each member alone. */
function faultsOf(view: View, body: object, isThorough = true): string[] {
  const schema = resultSchema(view)
  const members = membersOf(view).filter((name) => Object.hasOwn(body, name))
  const wanted = [
    {},
    ...[...(isThorough ? members.map((name) => [name]) : []), members].map((fields) => ({ fields })),
    SMALLEST,
  ]
  return wanted.flatMap((given: { fields?: string[]; maxTokens?: number }) => {
    const { fields } = given
    const result = toResult(view, body, given)
    const [block] = result.content as { text: string }[]
    const structured = result.structuredContent as Record<string, Record<string, unknown>>
    const tokens = countTokens(block?.text ?? '') + countTokens(JSON.stringify(structured))
    const faults = tokens > (given.maxTokens ?? LIMIT) ? [`${fields}: ${tokens} tokens`] : []
    if (!Value.Check(schema as never, structured)) faults.push(`${fields}: not as the tool declares`)
    for (const [name, value] of Object.entries(structured[view.root] ?? {})) {
      if (!fields?.includes(name) && Object.hasOwn(view.briefs, name)) continue
      const ofOperation = inlined(Type.Object({ [name]: view.schema.properties[name] as never }))
      if (!Value.Check(ofOperation as never, { [name]: value }))
        faults.push(`${name}: not as the operation declares`)
    }
    return faults
  })
}

const repeated = <T>(item: T, count: number): T[] => Array.from({ length: count }, () => item)
const demo = await startDemo(t)
const { app } = await ownApp(t)

for (const name of DEMO_CLUSTERS)
  t.test(
    `results and reports of every plan of ${name} fit, with the schemas of the operations`,
    async (t) => {
      const snapshot = await demo.takeSnapshot(demo.ref(name), [], { surroundings: true })
      const comparison = compareTargets(snapshot, ANY_POLICY, 'simulated')
      t.strictSame(faultsOf(COMPARISON_VIEW, comparison), [], 'comparison')
      t.strictSame(faultsOf(EGRESS_VIEW, buildEgressReport(snapshot, ANY_POLICY, 'simulated')), [], 'egress')
      for (const outboundType of TYPE_KEYS) {
        const request = {
          cluster: demo.ref(name),
          target: { outboundType },
          authorizedRanges: 'widen' as const,
          reason: null,
        }
        const plan = buildPlan(snapshot, request, ANY_POLICY, STAMP)
        t.strictSame(faultsOf(PLAN_VIEW, plan, outboundType === 'userAssignedNATGateway'), [], outboundType)
        for (const part of splitReport(markdownReport(plan)))
          t.ok(countTokens(markReport(part, 'Part 100 of 100.')) <= LIMIT)
      }
    },
  )

t.test('results of large estates fit, and state what was cut', async (t) => {
  const clusters = { items: repeated({ ...EXAMPLE_CLUSTER, name: '😀'.repeat(60) }, 1_000), next: 'abc' }
  t.strictSame(faultsOf(CLUSTERS_VIEW, clusters), [])
  const { structuredContent } = toResult(CLUSTERS_VIEW, clusters, {})
  t.match(structuredContent, { clusters: { next: 'abc' }, cut: [{ field: 'items', total: 1_000 }] })
  const [subnet, ...subnets] = EXAMPLE_EGRESS_REPORT.subnets
  t.ok(subnet)
  const egress = {
    ...EXAMPLE_EGRESS_REPORT,
    subnets: repeated(subnet ?? subnets[0], 500),
    unread: repeated({ what: 'x'.repeat(9_000), code: 'X', message: 'x' }, 9),
  }
  t.strictSame(
    faultsOf(EGRESS_VIEW, egress).filter((fault) => !fault.includes('declare')),
    [],
  )
  const [target] = EXAMPLE_COMPARISON.targets
  t.strictSame(faultsOf(COMPARISON_VIEW, { ...EXAMPLE_COMPARISON, targets: repeated(target, 60) }), [])
  const [step] = EXAMPLE_JOB.steps
  const job = { ...EXAMPLE_JOB, steps: repeated(step, 400), warnings: repeated('A warning. '.repeat(90), 90) }
  t.strictSame(faultsOf(JOB_VIEW, job), [])
  const errors = repeated({ in: 'body', pointer: '/a', code: 'X', message: 'y'.repeat(3_000) }, 100)
  const problem = toErrorResult({ text: JSON.stringify({ code: 'X', detail: 'z'.repeat(90_000), errors }) })
  t.ok(countTokens(JSON.stringify(problem)) <= LIMIT)
})

t.test('every part of a report fits with its marks, for any lines', async (t) => {
  for (const line of [
    'é'.repeat(4_000),
    '😀'.repeat(9_000),
    '{'.repeat(20_000),
    'a1'.repeat(9_000),
    '\u200b'.repeat(5_000),
  ])
    for (const part of splitReport(`# Report\n${line}\n${line}`))
      t.ok(countTokens(markReport(part, 'Part 100 of 100. Continue with egress://x?part=2.')) <= LIMIT)
})

t.test('a larger limit returns what was cut', async (t) => {
  const body = { ...EXAMPLE_JOB, warnings: repeated('A warning. '.repeat(90), 20) }
  const cut = toResult(JOB_VIEW, body, { fields: ['warnings'] }).structuredContent as { cut: object[] }
  t.match(cut.cut, [{ field: 'warnings', total: 20 }])
  const whole = toResult(JOB_VIEW, body, { fields: ['warnings'], maxTokens: 60_000 }).structuredContent
  t.match(whole, { cut: [], job: { warnings: body.warnings } })
})

t.test(
  '`more` names members of the body only, so that the tool of the same result accepts each',
  async (t) => {
    const names = new Set(Object.keys(JOB_VIEW.schema.properties))
    for (const view of [JOB_VIEW, EXECUTE_VIEW])
      for (const fields of [undefined, ['status']]) {
        const { more } = toResult(view, EXAMPLE_JOB, { fields }).structuredContent as { more: string[] }
        t.ok(more.includes('reason'))
        t.strictSame(
          more.filter((name) => !names.has(name) || !Object.hasOwn(EXAMPLE_JOB, name)),
          [],
        )
      }
  },
)

t.test('a page has complete items only if `fields` names them', async (t) => {
  const body = { items: [EXAMPLE_CLUSTER], next: null }
  const brief = toResult(CLUSTERS_VIEW, body, {}).structuredContent as Record<string, object>
  t.notOk(Object.hasOwn((brief.clusters as { items: object[] }).items[0] ?? {}, 'id'))
  t.match(brief, { more: ['items'] })
  t.strictSame(toResult(CLUSTERS_VIEW, body, { fields: ['next'] }).structuredContent, brief)
  const complete = toResult(CLUSTERS_VIEW, body, { fields: ['items'] }).structuredContent
  t.match(complete, { clusters: body, more: [] })
})

const tokensOf = ({ text }: McpAnswer) => countTokens(text)

t.test('every list, prompt, and description of arguments fits', async (t) => {
  const clientInfo = { name: 'test', version: '1' }
  const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
  const prompt = { name: PROMPT.name, arguments: { cluster: '😀'.repeat(900), reason: '{'.repeat(9_000) } }
  const requests: [string, object][] = [
    ['initialize', initialize],
    ['tools/list', {}],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['prompts/list', {}],
    ['prompts/get', prompt],
    ...ALL_TOOLS.map(({ name }): [string, object] => ['resources/read', { uri: `egress://tools/${name}` }]),
  ]
  for (const [method, params] of requests) {
    const answer = await send(app, method, params)
    t.ok(answer.result, `${method} ${answer.text.slice(0, 200)}`)
    t.ok(tokensOf(answer) <= LIMIT, `${method}: ${tokensOf(answer)} tokens`)
  }
})

t.test('the outline of each tool names all arguments, and accepts what the tool accepts', async (t) => {
  const tools = describeTools()
  t.notMatch(JSON.stringify(tools), '"$ref"')
  for (const { name, inputSchema } of tools) {
    const input = ALL_TOOLS.find((tool) => tool.name === name)?.input
    const { properties, required = [] } = inputSchema as unknown as Record<string, object>
    t.strictSame(Object.keys(properties ?? {}), Object.keys(input?.properties ?? {}), name)
    t.strictSame(required, input?.required ?? [], name)
    t.ok(Value.Check(inputSchema as never, TOOL_ROWS[name]), name)
  }
  const { inputSchema } = tools.find(({ name }) => name === 'plan') ?? {}
  const text = JSON.stringify(inputSchema)
  t.match(
    text,
    '{ nextHopType: VirtualAppliance|VirtualNetworkGateway; nextHopIpAddress?: string; routeTableName?: string }',
  )
  t.match(text, '{ count: integer; zones?: (1|2|3)[] }')
  const execute = tools.find((tool) => tool.name === 'execute')?.inputSchema
  t.match(execute, {
    properties: {
      notBefore: { description: /not start before/ },
      giveUpAt: { description: /not started by .* fails without changes/ },
    },
  })
})

t.test('tools with the same result show its members once', async (t) => {
  for (const { name, outputSchema } of describeTools()) {
    const { view } = ALL_TOOLS.find((tool) => tool.name === name) ?? {}
    const body = (outputSchema as unknown as { properties: Record<string, { description?: string }> })
      .properties[view?.root ?? '']
    const shownBy = /^As returned by `(\w+)`\.$/.exec(body?.description ?? '')?.[1] ?? name
    t.equal(ALL_TOOLS.find((tool) => tool.name === shownBy)?.view.root, view?.root, name)
  }
})

t.test('counts tokens by its stated rule', async (t) => {
  for (const [text, tokens] of [
    ['', 0],
    ['plan', 1],
    ['plans', 2],
    ['a b', 2],
    ['2026', 2],
    ['"a":1', 5],
    ['é', 2],
    ['😀', 2],
  ] as const)
    t.equal(countTokens(text), tokens, text)
})
