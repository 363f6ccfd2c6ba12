import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** Words by which tools that keep resources in code are known. */
const TOOL =
  /terraform|opentofu|terragrunt|bicep|pulumi|crossplane|ansible|cluster-api|capz|azd-env-name|azure-service-operator/i

/** Tags whose value names what keeps a resource. */
const KEEPER =
  /^(managed|created|provisioned|deployed|maintained)[-_. ]?(by|with|using|via)$|^(provisioner|iac|iac[-_ ]?tool)$/i

/** Values of such a tag that are too short to be looked for anywhere else. */
const SHORT_TOOL = /^(arm|arm[-_ ]?template|tf|iac|gitops)$/i

/** Whether tags or `managedBy` say that the cluster is kept in code, which would undo the change (needs N9). */
export const keptInCode: Check = ({ snapshot: { cluster } }) => {
  const tags = Object.entries(cluster.tags)
    .filter(([key, value]) => namesTool(key, value))
    .map(([key, value]) => `${key}=${value}`)
  const signs = [
    ...tags,
    ...(cluster.features.managedBy === null ? [] : [`managedBy=${cluster.features.managedBy}`]),
  ]
  return signs.length === 0 ? [] : [finding('IAC_DRIFT', { signs })]
}

function namesTool(key: string, value: string): boolean {
  return TOOL.test(key) || (KEEPER.test(key) && (TOOL.test(value) || SHORT_TOOL.test(value)))
}
