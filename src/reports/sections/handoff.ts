import { type Block, paragraph, type Section } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'

/** The end state for whoever keeps the cluster in code, or makes the change by hand. */
export function handoff({ handoff: given }: ReportedPlan): Section | null {
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
