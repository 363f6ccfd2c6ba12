import type { HandoffTool } from '../../contract/handoff.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import { linkSources } from '../../core/references/references.ts'
import { type Block, paragraph, prose, type Section, type Text } from '../document/document.ts'
import { TOOL_LABELS } from '../document/labels.ts'
import { endedIncomplete, outboundTypesOf, type ReportedPlan } from '../plan/reported-plan.ts'
import { TITLES } from './section-titles.ts'

/** The origin of the plan, and the support matrix on its transition. */
export function aboutSection(plan: ReportedPlan): Section {
  const { cluster, transition, prepare } = plan
  const { from, to } = outboundTypesOf(plan)
  const facts: [string, Text][] = [
    ['Reason', plan.reason === null ? 'none' : [{ code: plan.reason }]],
    ['Azure', plan.azure === 'simulated' ? 'simulated' : 'real'],
    ['Location', [{ code: cluster.location }]],
    ['Virtual network', cluster.vnet === 'byo' ? 'customer-managed' : 'AKS-managed'],
    ['From', [{ code: from }]],
    ['To', [{ code: to }, ...parametersOf(plan)]],
    ['Preparation', prepare === null ? 'none' : [{ code: JSON.stringify(prepare) }]],
    ['Support', transition.reason],
  ]
  const alternatives = transition.alternatives.map(({ target, support }) =>
    support === 'disputed' ? `${target} (disputed)` : target,
  )
  if (plan.status === 'blocked' && alternatives.length > 0)
    facts.push(['Other supported targets', alternatives.join(', ')])
  const routes = transition.routes.map((route) => route.join(' → '))
  if (routes.length > 0) facts.push(['Indirect changes', routes.join('; ')])
  return { id: 'about', title: 'About this plan', shortTitle: 'About', blocks: [{ kind: 'facts', facts }] }
}

function parametersOf({ to }: ReportedPlan): Exclude<Text, string> {
  if (to.outboundType === 'loadBalancer') return [' with ', { code: JSON.stringify(to.loadBalancer) }]
  if (to.outboundType === 'managedNATGateway') return [' with ', { code: JSON.stringify(to.natGateway) }]
  return []
}

/** The languages of the code of each tool. */
const LANGUAGES: Record<HandoffTool['tool'], string> = {
  azureCli: 'sh',
  arm: 'json',
  bicep: 'bicep',
  terraform: 'hcl',
  terraformAzapi: 'hcl',
  pulumi: 'typescript',
}

/**
 * The end state for infrastructure as code, below the notice that it does not replace the job. Omitted if no job executes
 * or can execute the plan, and if the job did not complete the change.
 */
export function handoffSection(plan: ReportedPlan): Section | null {
  const { handoff, status } = plan
  const isUseful = status === 'applicable' || status === 'executed' || status === 'noChange'
  if (handoff === null || handoff.tools === undefined || !isUseful) return null
  // The code describes the end state, which only a later job can have reached.
  if (endedIncomplete(plan) && plan.execution?.confirmedBy?.hasTarget !== true) return null
  const isInEffect = status === 'noChange'
  const lead = isInEffect
    ? 'Compare your code with the generated code below. If the two differ, the next run of your code changes the cluster.'
    : isCleanup(plan)
      ? 'If your code contains parts that the plan removes, delete them from your code. Otherwise, the next run of your code restores these parts.'
      : 'Update your code. Otherwise, the next run of your code reverts the change. For each tool, this section contains generated code for the cluster.'
  return {
    id: 'infrastructure-as-code',
    title: isInEffect ? 'Check your infrastructure as code' : TITLES.handoff,
    shortTitle: 'Code',
    count: handoff.tools.length,
    blocks: [
      paragraph(lead),
      ...(isInEffect ? [] : [paragraph({ strong: 'Important:' }, ` ${handoff.notice ?? ''}`)]),
      ...handoff.tools.flatMap((tool) => toolBlocks(tool, isInEffect ? '' : ', only after the job')),
    ],
  }
}

/** `limit` is the end of each title: when the code may be used. */
function toolBlocks(
  { tool, validFor, warning, source, code, prepared }: HandoffTool,
  limit: string,
): Block[] {
  const [title, language] = [TOOL_LABELS[tool], LANGUAGES[tool]]
  const preparedLanguage = tool === 'pulumi' ? 'sh' : language
  const facts: [string, Text][] = [
    ['Valid for', versionsText(validFor)],
    ...(warning === null ? [] : [['Warning', prose(warning)] satisfies [string, Text]]),
    ['Sources', [{ sources: linkSources(source) }]],
  ]
  return [
    {
      kind: 'fold',
      title: [`${title}${limit}`],
      blocks: [
        { kind: 'facts', facts },
        ...listing(`${title}${limit}: prepared resources`, preparedLanguage, prepared),
        ...listing(`${title}${limit}: cluster`, language, code),
      ],
    },
  ]
}

/** `azure-cli 2.56.0 or later, below 2.91.0`. */
function versionsText({ component, from, below }: HandoffTool['validFor']): Text {
  const versions = [
    ...(from === null ? [] : [`${from} or later`]),
    ...(below === null ? [] : [`below ${below}`]),
  ]
  return [{ code: component }, versions.length === 0 ? ', all versions' : ` ${versions.join(', ')}`]
}

function listing(title: string, language: string, text: string | null): Block[] {
  return text === null ? [] : [{ kind: 'listing', title, language, text: text.trimEnd() }]
}
