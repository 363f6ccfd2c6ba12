import type { JsonObject } from '../../contract/json.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { apiVersionRange } from './arm.ts'
import { BICEP, identifier, literal } from './literals.ts'
import { type Prepared, type PreparedResource, versionedType } from './prepared-resources.ts'
import { joinParts, type ToolCode } from './tool-code.ts'

/** The fields to merge into the resource of the cluster, and a resource for everything that the plan prepares. */
export function bicep(context: PlanningContext, state: JsonObject, prepared: Prepared[]): ToolCode {
  const { validFor, warnings, evidence } = apiVersionRange(context)
  const code = [
    '// Merge into the resource of the cluster. Remove loadBalancerProfile or natGatewayProfile of another outbound type.',
    `resource cluster 'Microsoft.ContainerService/managedClusters@${validFor.from}' = {`,
    `  name: ${BICEP.text(context.snapshot.cluster.name)}`,
    `  properties: ${literal(state, 1, BICEP)}`,
    '}',
    '',
  ].join('\n')
  return { code, prepared: joinParts(prepared.map(preparedResource)), validFor, warnings, evidence }
}

function preparedResource(prepared: Prepared): string {
  return prepared.kind === 'association'
    ? [
        `// Add to the properties of the resource of the subnet ${prepared.name}:`,
        `// ${prepared.property}: { id: ${BICEP.text(prepared.resourceId)} }`,
      ].join('\n')
    : newResource(prepared)
}

function newResource(resource: PreparedResource): string {
  const { id, name, resourceGroup, parentName, body } = resource
  const fields = { name: parentName === null ? name : `${parentName}/${name}`, ...body }
  return [
    `// In the resource group ${resourceGroup}.`,
    `resource ${identifier(id)} '${versionedType(resource)}' = ${literal(fields, 0, BICEP)}`,
  ].join('\n')
}
