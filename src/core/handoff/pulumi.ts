import type { JsonObject } from '../../contract/json.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { observed } from '../references/references.ts'
import { apiVersionRange } from './arm.ts'
import { fieldLines, TYPESCRIPT } from './literals.ts'
import type { Prepared, PreparedResource } from './prepared-resources.ts'
import type { ToolCode } from './tool-code.ts'

/** The Pulumi types of the resources that a plan prepares. */
const PULUMI_TYPES: Record<PreparedResource['type'], string> = {
  publicIp: 'PublicIPAddress',
  publicIpPrefix: 'PublicIPPrefix',
  natGateway: 'NatGateway',
  routeTable: 'RouteTable',
  route: 'Route',
}

const REPLACES =
  'Pulumi azure-native destroys and recreates the cluster if `outboundType` differs from its state. Run `pulumi refresh` after the job and before you change the code, and stop if `pulumi preview` shows a replacement.'

/** The arguments of `ManagedCluster`, and imports of everything that the plan creates. */
export function pulumi(context: PlanningContext, state: JsonObject, prepared: Prepared[]): ToolCode {
  const { validFor, warnings } = apiVersionRange(context)
  const commands = prepared.map(preparedLine)
  return {
    code: [
      `// Merge into the arguments of ManagedCluster (API version ${validFor.from}), after \`pulumi refresh\`.`,
      '// Remove loadBalancerProfile or natGatewayProfile of another outbound type.',
      ...fieldLines(state, 0, TYPESCRIPT),
      '',
    ].join('\n'),
    prepared: commands.length === 0 ? null : `${commands.join('\n')}\n`,
    validFor: { component: 'pulumi/azure-native', from: null, below: null },
    warnings: [
      REPLACES,
      'Releases up to 3.20.0 replace it after any change of `networkProfile`.',
      ...warnings,
    ],
    evidence: observed('pulumi-azure-native pull request 4771'),
  }
}

/** Subnets are resources of the user, and `pulumi refresh` reads what is attached to them. */
function preparedLine(prepared: Prepared): string {
  return prepared.kind === 'association'
    ? `# Add to the arguments of the subnet ${prepared.name}: ${prepared.property}: { id: "${prepared.resourceId}" }`
    : `pulumi import azure-native:network:${PULUMI_TYPES[prepared.type]} ${prepared.name} ${prepared.id}`
}
