import { type Block, paragraph, type Section, type Text } from '../document/document.ts'
import { outboundTypesOf, type ReportedPlan } from '../plan/reported-plan.ts'

/** The origin of the plan, and the support matrix on its transition. */
export function aboutSection(plan: ReportedPlan): Section {
  const { cluster, transition, prepare } = plan
  const { from, to } = outboundTypesOf(plan)
  const facts: [string, Text][] = [
    ['Plan', [{ code: plan.id }]],
    ['Created', [{ time: plan.createdAt }, ' by ', { code: plan.createdBy }]],
    ['Executable until', [{ time: plan.expiresAt }]],
    ['Reason', plan.reason === null ? 'none' : [{ code: plan.reason }]],
    ['Azure', plan.azure === 'simulated' ? 'simulated' : 'real'],
    ['Cluster', [{ code: cluster.name }]],
    ['Resource group', [{ code: cluster.resourceGroup }]],
    ['Subscription', [{ code: cluster.subscriptionId }]],
    ['Location', [{ code: cluster.location }]],
    ['Virtual network', cluster.vnet === 'byo' ? 'customer-provided' : 'AKS-managed'],
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
  return { id: 'about', title: 'About this plan', blocks: [{ kind: 'facts', facts }] }
}

function parametersOf({ to }: ReportedPlan): Exclude<Text, string> {
  if (to.outboundType === 'loadBalancer') return [' with ', { code: JSON.stringify(to.loadBalancer) }]
  if (to.outboundType === 'managedNATGateway') return [' with ', { code: JSON.stringify(to.natGateway) }]
  return []
}

/** The target state, for infrastructure as code and for a manual change. */
export function handoffSection({ handoff }: ReportedPlan): Section | null {
  if (handoff === null) return null
  const { azureCli, azureCliVersion, arm, bicep, terraform, terraformAzapi } = handoff
  const cli = azureCliVersion === null ? 'Azure CLI' : `Azure CLI ${azureCliVersion} or later`
  return {
    id: 'infrastructure-as-code',
    title: 'Update your infrastructure as code',
    blocks: [
      paragraph('Update the code that describes the cluster. Otherwise, its next run reverts the change.'),
      ...(azureCli === null
        ? [paragraph('The Azure CLI does not support this target.')]
        : listing(cli, 'sh', azureCli)),
      ...listing('ARM', 'json', JSON.stringify(arm, null, 2)),
      ...listing('Bicep', 'bicep', bicep),
      ...(terraform === null
        ? [paragraph('The Terraform provider azurerm does not support this target.')]
        : listing('Terraform, azurerm', 'hcl', terraform)),
      ...listing('Terraform, azapi', 'hcl', terraformAzapi),
    ],
  }
}

function listing(title: string, language: string, text: string): Block[] {
  return [{ kind: 'listing', title, language, text }]
}
