import { listedCode } from '../lib/text.ts'
import { observed } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

/** Names of infrastructure-as-code tools. */
const TOOL =
  /terraform|opentofu|terragrunt|bicep|pulumi|crossplane|ansible|cluster-api|capz|azd-env-name|azure-service-operator/i

/** Tags whose value names the tool that manages a resource. */
const MANAGER =
  /^(managed|created|provisioned|deployed|maintained)[-_. ]?(by|with|using|via)$|^(provisioner|iac|iac[-_ ]?tool)$/i

/** Values of such a tag that are too short for a search in other tags. */
const SHORT_TOOL = /^(arm|arm[-_ ]?template|tf|iac|gitops)$/i

export const IAC_DRIFT = rule<{ signs: string[]; involvesSubnets: boolean }>('IAC_DRIFT', {
  severity: 'warning',
  message: (f) =>
    `Infrastructure as code appears to manage the cluster (${listedCode(f.signs)}), and the next run of this code would revert this change or replace the cluster.`,
  remedy: (f) =>
    [
      'Stop all runs of this code during the job. Before the next run, update the code to the end state in the report section "Update your infrastructure as code" (`handoff` in the JSON).',
      ...REPLACING_TOOLS.filter(({ pattern }) => f.signs.some((sign) => pattern.test(sign))).map(
        ({ remedy }) => remedy,
      ),
      ...(f.involvesSubnets
        ? ['If the code also manages the subnets, update their NAT gateways and route tables in the code.']
        : []),
    ].join(' '),
  source: observed(
    'terraform-provider-azurerm issues 7262, 24741, 25499',
    'pulumi-azure-native pull request 4771',
  ),
})

/** Tools that replace the cluster if their state differs from the code, each with how to avoid it. */
const REPLACING_TOOLS = [
  {
    pattern: /terraform|opentofu|terragrunt/i,
    remedy:
      'Do not apply a Terraform plan that replaces the cluster: the azurerm provider recreates the cluster if a profile block is missing from the Terraform state.',
  },
  {
    pattern: /pulumi/i,
    remedy:
      'Run `pulumi refresh` after the job: Pulumi azure-native recreates the cluster if `outboundType` in the code differs from `outboundType` in the Pulumi state.',
  },
]

/** Detects in tags and `managedBy` whether infrastructure as code manages the cluster and would revert the change. */
export const checkIacManaged: Check = ({ snapshot: { cluster }, preparation, cleanUp, to }) => {
  const { managedBy } = cluster.features
  const tags = Object.entries(cluster.tags)
    .filter(([key, value]) => namesTool(key, value))
    .map(([key, value]) => `${key}=${value}`)
  return IAC_DRIFT.ifAny({
    signs: [...tags, ...(managedBy === null ? [] : [`managedBy=${managedBy}`])],
    involvesSubnets:
      to === 'userAssignedNATGateway' ||
      to === 'userDefinedRouting' ||
      preparation.writes.length + cleanUp.detachments.length > 0,
  })
}

function namesTool(key: string, value: string): boolean {
  return TOOL.test(key) || (MANAGER.test(key) && (TOOL.test(value) || SHORT_TOOL.test(value)))
}
