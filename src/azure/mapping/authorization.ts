import type { Json } from '../../contract/json.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import type {
  LockFacts,
  PermissionFacts,
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyExemptionFacts,
  PolicySetFacts,
  ResourceGroupFacts,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
} from '../../core/snapshot/authorization-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'

export function toLockFacts(body: BodyReader): LockFacts {
  const id = body.requiredString('id')
  return {
    id,
    name: body.string('name') ?? lastSegment(id),
    scope: scopeOf(id, 'locks'),
    level: body.at('properties').requiredString('level'),
  }
}

/** Data actions are omitted, because no change of egress needs them. */
export function toPermissionFacts(body: BodyReader): PermissionFacts {
  return { actions: body.strings('actions'), notActions: body.strings('notActions') }
}

/** `managedBy` is the ID of the resource that manages the group (@azure/arm-resources, ResourceGroup). */
export function toResourceGroupFacts(body: BodyReader): ResourceGroupFacts {
  return { managedBy: body.string('managedBy') || null }
}

export function toRoleAssignmentFacts(body: BodyReader): RoleAssignmentFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredString('id'),
    scope: properties.requiredString('scope'),
    roleDefinitionId: properties.requiredString('roleDefinitionId'),
    createdOn: properties.string('createdOn'),
    condition: properties.string('condition'),
  }
}

export function toRoleDefinitionFacts(body: BodyReader): RoleDefinitionFacts {
  const properties = body.at('properties')
  const id = body.requiredString('id')
  return {
    id,
    roleName: properties.string('roleName') ?? lastSegment(id),
    permissions: properties.list('permissions').map(toPermissionFacts),
  }
}

export function toPolicyAssignmentFacts(body: BodyReader): PolicyAssignmentFacts {
  const properties = body.at('properties')
  const id = body.requiredString('id')
  return {
    id,
    displayName: properties.string('displayName') || lastSegment(id),
    scope: properties.string('scope') ?? scopeOf(id, 'policyAssignments'),
    definitionId: properties.requiredString('policyDefinitionId'),
    isEnforced: !properties.is('enforcementMode', 'DoNotEnforce'),
    notScopes: properties.strings('notScopes'),
    parameters: parameterValues(properties, 'value'),
    isSelective: properties.list('overrides').length > 0 || properties.list('resourceSelectors').length > 0,
  }
}

export function toPolicyExemptionFacts(body: BodyReader): PolicyExemptionFacts {
  const properties = body.at('properties')
  const id = body.requiredString('id')
  return {
    assignmentId: properties.requiredString('policyAssignmentId'),
    scope: scopeOf(id, 'policyExemptions'),
    expiresOn: properties.string('expiresOn'),
    referenceIds: properties.strings('policyDefinitionReferenceIds'),
  }
}

export function toPolicyDefinitionFacts(body: BodyReader): PolicyDefinitionFacts {
  const properties = body.at('properties')
  const id = body.requiredString('id')
  return {
    id,
    displayName: properties.string('displayName') || lastSegment(id),
    mode: properties.string('mode') ?? 'All',
    defaults: parameterValues(properties, 'defaultValue'),
    condition: properties.at('policyRule').json('if'),
    effect: properties.at('policyRule').at('then').json('effect'),
  }
}

export function toPolicySetFacts(body: BodyReader): PolicySetFacts {
  const properties = body.at('properties')
  const id = body.requiredString('id')
  return {
    id,
    displayName: properties.string('displayName') || lastSegment(id),
    defaults: parameterValues(properties, 'defaultValue'),
    members: properties.list('policyDefinitions').map((member) => ({
      definitionId: member.requiredString('policyDefinitionId'),
      referenceId: member.string('policyDefinitionReferenceId') ?? '',
      parameters: parameterValues(member, 'value'),
    })),
  }
}

/** `parameters: { name: { value } }`, or `{ name: { defaultValue } }`, as `{ name: value }`. */
function parameterValues(body: BodyReader, field: string): Record<string, Json> {
  const values = body.members('parameters').filter(([, parameter]) => parameter.has(field))
  return Object.fromEntries(values.map(([name, parameter]) => [name, parameter.json(field)]))
}

/** The scope of a resource of Microsoft.Authorization: its ID without its own segments. */
function scopeOf(id: string, type: 'locks' | 'policyAssignments' | 'policyExemptions'): string {
  return id.replace(new RegExp(`/providers/Microsoft\\.Authorization/${type}/[^/]+$`, 'i'), '')
}
