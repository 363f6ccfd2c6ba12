import type { JsonObject } from '../../contract/json.ts'
import { NETWORK_API_VERSION } from '../arm/outbound-type.ts'
import { clusterId, routeTableOf } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { observed } from '../references/references.ts'
import { apiVersionRange } from './arm-fragments.ts'
import { joinParts, type ToolCode } from './end-state.ts'
import { hclBlock, identifier } from './literals.ts'
import { type Prepared, type PreparedResource, versionedType } from './prepared-resources.ts'

const EVIDENCE = observed({ text: 'Terraform provider azapi, azapi_update_resource and MergeObject' })

/**
 * The end state through `azapi_update_resource`. It reads the resource, merges the body into it, and sends the result:
 * it cannot remove a field that the body does not set to null.
 */
export function terraformAzapi(
  context: PlanningContext,
  properties: JsonObject,
  prepared: Prepared[],
): ToolCode {
  const { validFor, warnings } = apiVersionRange(context)
  const code = updateResource(
    'egress',
    `Microsoft.ContainerService/managedClusters@${validFor.from}`,
    clusterId(context.snapshot.cluster),
    properties,
  )
  return {
    code: `${code}\n`,
    prepared: joinParts(prepared.map(preparedResource)),
    validFor: { component: 'Azure/azapi', from: '2.0.0', below: null },
    warnings,
    evidence: EVIDENCE,
  }
}

function updateResource(label: string, type: string, resourceId: string, properties: JsonObject): string {
  return hclBlock(`resource "azapi_update_resource" "${label}"`, {
    type,
    resource_id: resourceId,
    body: { properties },
  })
}

function preparedResource(prepared: Prepared): string {
  return prepared.kind === 'association'
    ? updateResource(identifier(prepared.id), versionedType(prepared), prepared.id, {
        [prepared.property]: { id: prepared.resourceId },
      })
    : newResource(prepared)
}

/** The job has created the resource, so Terraform imports it. */
function newResource(resource: PreparedResource): string {
  const { id, name, body, parentName } = resource
  const { location, ...rest } = body
  const label = identifier(id)
  const groupId = id.replace(/\/providers\/.*$/i, '')
  return [
    importBlock(`azapi_resource.${label}`, `${id}?api-version=${NETWORK_API_VERSION}`),
    hclBlock(`resource "azapi_resource" "${label}"`, {
      type: versionedType(resource),
      name,
      parent_id: parentName === null ? groupId : routeTableOf(id),
      ...(location === undefined ? {} : { location }),
      body: rest,
    }),
  ].join('\n\n')
}

/** A block that takes an existing resource into the state, for Terraform 1.5 or later. */
export function importBlock(address: string, id: string): string {
  return ['import {', `  to = ${address}`, `  id = "${id}"`, '}'].join('\n')
}
