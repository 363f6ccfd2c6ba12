import { type Block, paragraph, type Section, type Text } from '../document/document.ts'
import { outboundTypesOf, type ReportedPlan } from '../plan/reported-plan.ts'

/** Where the plan comes from, and what the support matrix says of its transition. */
export function aboutSection(plan: ReportedPlan): Section {
  const { cluster, transition, prepare } = plan
  const { from, to } = outboundTypesOf(plan)
  const facts: [string, Text][] = [
    ['Plan', [{ code: plan.id }]],
    ['Made', [{ time: plan.createdAt }, ' by ', { code: plan.createdBy }]],
    ['Can be executed until', [{ time: plan.expiresAt }]],
    ['Reason', plan.reason === null ? 'none given' : [{ code: plan.reason }]],
    ['Azure', plan.azure === 'simulated' ? 'simulated' : 'the real one'],
    ['Cluster', [{ code: cluster.name }]],
    ['Resource group', [{ code: cluster.resourceGroup }]],
    ['Subscription', [{ code: cluster.subscriptionId }]],
    ['Location', [{ code: cluster.location }]],
    ['Virtual network', cluster.vnet === 'byo' ? "the user's own" : 'made by AKS'],
    ['From', [{ code: from }]],
    ['To', [{ code: to }, ...parametersOf(plan)]],
    ['Prepared first', prepare === null ? 'nothing' : [{ code: JSON.stringify(prepare) }]],
    ['Support', transition.reason],
  ]
  const open = transition.alternatives.map(({ target, support }) =>
    support === 'disputed' ? `${target} (disputed)` : target,
  )
  if (plan.status === 'blocked' && open.length > 0) facts.push(['Other targets from here', open.join(', ')])
  const routes = transition.routes.map((route) => route.join(' → '))
  if (routes.length > 0) facts.push(['Ways over other types', routes.join('; ')])
  return { id: 'about', title: 'About this plan', blocks: [{ kind: 'facts', facts }] }
}

function parametersOf({ to }: ReportedPlan): Exclude<Text, string> {
  if (to.outboundType === 'loadBalancer') return [' with ', { code: JSON.stringify(to.loadBalancer) }]
  if (to.outboundType === 'managedNATGateway') return [' with ', { code: JSON.stringify(to.natGateway) }]
  return []
}

/** The end state for whoever keeps the cluster in code, or makes the change by hand. */
export function handoffSection({ handoff: given }: ReportedPlan): Section | null {
  if (given === null) return null
  const { azureCli, azureCliVersion, arm, bicep, terraform, terraformAzapi } = given
  const cli = azureCliVersion === null ? 'Azure CLI' : `Azure CLI, version ${azureCliVersion} or later`
  return {
    id: 'hand-off',
    title: 'The end state, for code and for hand',
    blocks: [
      paragraph('Change the code that describes the cluster as well, or its next run takes the change back.'),
      ...(azureCli === null
        ? [paragraph('The Azure CLI cannot express this target.')]
        : listing(cli, 'sh', azureCli)),
      ...listing('ARM', 'json', JSON.stringify(arm, null, 2)),
      ...listing('Bicep', 'bicep', bicep),
      ...(terraform === null
        ? [paragraph('The azurerm provider of Terraform cannot express this target.')]
        : listing('Terraform, azurerm', 'hcl', terraform)),
      ...listing('Terraform, azapi', 'hcl', terraformAzapi),
    ],
  }
}

function listing(title: string, language: string, text: string): Block[] {
  return [{ kind: 'listing', title, language, text }]
}
