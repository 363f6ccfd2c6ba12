import type { Json } from '../../contract/json.ts'
import type {
  LockFacts,
  PermissionFacts,
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyExemptionFacts,
  PolicySetFacts,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
} from '../../core/snapshot/authorization-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'

/** A lock's scope is its id without the lock itself. */
export function toLockFacts(body: BodyReader): LockFacts {
  const id = body.requiredString('id')
  return {
    id,
    name: body.string('name') ?? id.split('/').at(-1) ?? id,
    scope: id.replace(/\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i, ''),
    level: body.at('properties').requiredString('level'),
  }
}

/** ARM also shows data actions, which no change of egress needs. */
export function toPermissionFacts(body: BodyReader): PermissionFacts {
  return { actions: body.strings('actions'), notActions: body.strings('notActions') }
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
    roleName: properties.string('roleName') ?? id.split('/').at(-1) ?? id,
    permissions: properties.list('permissions').map(toPermissionFacts),
  }
}

export function toPolicyAssignmentFacts(body: BodyReader): PolicyAssignmentFacts {
  const properties = body.at('properties')
  const id = body.requiredString('id')
  return {
    id,
    displayName: properties.string('displayName') || lastSegment(id),
    scope:
      properties.string('scope') ??
      id.replace(/\/providers\/Microsoft\.Authorization\/policyAssignments\/[^/]+$/i, ''),
    definitionId: properties.requiredString('policyDefinitionId'),
    isEnforced: (properties.string('enforcementMode') ?? 'Default').toLowerCase() !== 'donotenforce',
    notScopes: properties.strings('notScopes'),
    parameters: parameterValues(properties, 'value'),
    isSelective: properties.list('overrides').length > 0 || properties.list('resourceSelectors').length > 0,
  }
}

/** An exemption at a resource group has the group in its own id. */
export function toPolicyExemptionFacts(body: BodyReader): PolicyExemptionFacts {
  const properties = body.at('properties')
  const id = body.requiredString('id')
  return {
    assignmentId: properties.requiredString('policyAssignmentId'),
    scope: id.replace(/\/providers\/Microsoft\.Authorization\/policyExemptions\/[^/]+$/i, ''),
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
  const given = body.members('parameters').filter(([, parameter]) => parameter.has(field))
  return Object.fromEntries(given.map(([name, parameter]) => [name, parameter.json(field)]))
}

function lastSegment(id: string): string {
  return id.split('/').at(-1) ?? id
}
