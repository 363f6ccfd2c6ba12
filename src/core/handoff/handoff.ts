import type { Handoff, HandoffTool } from '../../contract/handoff.ts'
import type { JsonObject } from '../../contract/json.ts'
import { writeApiVersion } from '../arm/outbound-type.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { agree, listed } from '../lib/text.ts'
import { armBodies, bicep, pulumi } from './arm-fragments.ts'
import { azureCli } from './azure-cli.ts'
import { addsUnknownRanges, completeRanges, describedState, endState, type ToolCode } from './end-state.ts'
import { preparedResources } from './prepared-resources.ts'
import { terraformAzapi } from './terraform-azapi.ts'
import { terraformAzurerm } from './terraform-azurerm.ts'

/** The infrastructure-as-code fragments of a plan that is not blocked: the end state of the job, per tool. */
export function buildHandoff(context: PlanningContext): Handoff {
  const { to, policy } = context
  const properties = endState(context)
  const described = { ...describedState(properties), ...bootstrapProfile(context) }
  const prepared = preparedResources(context.preparation)
  const cli = azureCli(context, prepared)
  const arm = armBodies(context, properties, prepared)
  const ownBicep = bicep(context, described, prepared)
  const azurerm = terraformAzurerm(context, prepared)
  const azapi = terraformAzapi(context, properties, prepared)
  const withNotice = (comment: string | null, code: string | null) =>
    commented(comment, code, context.isNoChange ? IN_EFFECT_COMMENT : AFTER_JOB_COMMENT)
  const toTool = (
    tool: HandoffTool['tool'],
    { code, prepared, warnings, ...built }: ToolCode,
  ): HandoffTool => ({
    tool,
    validFor: built.validFor,
    warning: warnings.length === 0 ? null : warnings.join(' '),
    confidence: built.evidence.confidence,
    source: built.evidence.text,
    code: withNotice(COMMENTS[tool].code, code),
    prepared:
      tool === 'azureCli'
        ? commented('#', prepared, REFERENCE_COMMENT)
        : withNotice(COMMENTS[tool].prepared, prepared),
  })
  return {
    azureCli: withNotice('#', cli.code),
    azureCliVersion: cli.code === null ? null : versionLabel(cli.validFor),
    arm: { apiVersion: writeApiVersion(to, policy.previewApiVersion), properties },
    bicep: withNotice('//', ownBicep.code) ?? '',
    terraform: withNotice('#', azurerm.code),
    terraformAzapi: withNotice('#', azapi.code) ?? '',
    notice: noticeOf(context),
    tools: [
      toTool('azureCli', cli),
      toTool('arm', arm),
      toTool('bicep', ownBicep),
      toTool('terraform', azurerm),
      toTool('terraformAzapi', azapi),
      toTool('pulumi', pulumi(context, described, prepared)),
    ],
  }
}

/** How the code of each tool, and the code of its prepared resources, begins a comment. JSON has none. */
const COMMENTS: Record<HandoffTool['tool'], { code: string | null; prepared: string | null }> = {
  azureCli: { code: '#', prepared: '#' },
  arm: { code: null, prepared: null },
  bicep: { code: '//', prepared: '//' },
  terraform: { code: '#', prepared: '#' },
  terraformAzapi: { code: '#', prepared: '#' },
  // Pulumi imports prepared resources by commands.
  pulumi: { code: '//', prepared: '#' },
}

/** Code is pasted without the text around it, so it says itself what it is for. */
function commented(comment: string | null, code: string | null, text: string): string | null {
  return code === null || comment === null ? code : `${comment} ${text}\n${code}`
}

const AFTER_JOB_COMMENT = 'Use this code only after the job of this plan, not instead of the job.'

/** The commands would create the resources a second time. */
const REFERENCE_COMMENT = 'For reference only: the job of this plan creates these resources.'

/** A plan without changes has no job. */
const IN_EFFECT_COMMENT = 'This code describes the state that the cluster already has.'

/** `2.74.0`, or `aks-preview 9.0.0b2` for an extension of the Azure CLI. */
function versionLabel({ component, from }: HandoffTool['validFor']): string | null {
  return component === 'azure-cli' ? from : `${component} ${from}`
}

/** Network-isolated clusters need cached artifacts. The plan requires them, but the code may not describe them. */
function bootstrapProfile({ target, snapshot: { cluster } }: PlanningContext): JsonObject {
  if (target.outboundType !== 'none' && target.outboundType !== 'block') return {}
  const { bootstrapRegistryId: registryId } = cluster.features
  const registry = registryId === null ? {} : { containerRegistryId: registryId }
  return { bootstrapProfile: { artifactSource: 'Cache', ...registry } }
}

function noticeOf(context: PlanningContext): string {
  const { cleanUp } = context
  if (context.isNoChange)
    return 'The plan changes nothing: the generated code describes the state that the cluster already has.'
  const isCleanup = cleanUp.detachments.length + cleanUp.narrow.length + cleanUp.delete.length > 0
  return [
    'Use the generated code after the job, not instead of the job. It describes only the end state, without the checks and the order of the steps.',
    ...(context.preparation.writes.length === 0
      ? []
      : [
          'The job creates the prepared resources. The code for Terraform and Pulumi imports these resources. The code for the other tools only describes them: do not run the Azure CLI commands that create them.',
        ]),
    ...(isCleanup
      ? ['Also remove from your code everything that the steps of this plan detach, delete, or remove.']
      : []),
    ...(completeRanges(context) === null
      ? []
      : [
          'The authorized IP ranges in the generated code replace the whole list. The generated code lacks ranges that were added to the cluster after this plan was created: add these ranges before you use the code.',
        ]),
    ...(context.ranges.removeLater.length === 0
      ? []
      : [
          `After a cleanup plan of the job, also remove ${listed(context.ranges.removeLater)} from the authorized IP ranges in your code: the cluster no longer uses ${agree(context.ranges.removeLater, 'this address', 'these addresses')}.`,
        ]),
    ...(addsUnknownRanges(context)
      ? [
          'After the job, add the authorized IP ranges of the cluster to your code. Otherwise, the next run of your code removes ranges and locks nodes out of the API server.',
        ]
      : []),
  ].join(' ')
}
