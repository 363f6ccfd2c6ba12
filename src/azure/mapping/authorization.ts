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
  const id = body.requiredText('id')
  return {
    id,
    name: body.text('name') ?? id.split('/').at(-1) ?? id,
    scope: id.replace(/\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i, ''),
    level: body.at('properties').requiredText('level'),
  }
}

/** ARM also shows data actions, which no change of egress needs. */
export function toPermissionFacts(body: BodyReader): PermissionFacts {
  return { actions: body.texts('actions'), notActions: body.texts('notActions') }
}

export function toRoleAssignmentFacts(body: BodyReader): RoleAssignmentFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    scope: properties.requiredText('scope'),
    roleDefinitionId: properties.requiredText('roleDefinitionId'),
    createdOn: properties.text('createdOn'),
    condition: properties.text('condition'),
  }
}

export function toRoleDefinitionFacts(body: BodyReader): RoleDefinitionFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    id,
    roleName: properties.text('roleName') ?? id.split('/').at(-1) ?? id,
    permissions: properties.list('permissions').map(toPermissionFacts),
  }
}

export function toPolicyAssignmentFacts(body: BodyReader): PolicyAssignmentFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    id,
    displayName: properties.text('displayName') || lastSegment(id),
    scope:
      properties.text('scope') ??
      id.replace(/\/providers\/Microsoft\.Authorization\/policyAssignments\/[^/]+$/i, ''),
    definitionId: properties.requiredText('policyDefinitionId'),
    isEnforced: (properties.text('enforcementMode') ?? 'Default').toLowerCase() !== 'donotenforce',
    notScopes: properties.texts('notScopes'),
    parameters: parameterValues(properties, 'value'),
    isSelective: properties.list('overrides').length > 0 || properties.list('resourceSelectors').length > 0,
  }
}

/** An exemption at a resource group has the group in its own id. */
export function toPolicyExemptionFacts(body: BodyReader): PolicyExemptionFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    assignmentId: properties.requiredText('policyAssignmentId'),
    scope: id.replace(/\/providers\/Microsoft\.Authorization\/policyExemptions\/[^/]+$/i, ''),
    expiresOn: properties.text('expiresOn'),
    referenceIds: properties.texts('policyDefinitionReferenceIds'),
  }
}

export function toPolicyDefinitionFacts(body: BodyReader): PolicyDefinitionFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    id,
    displayName: properties.text('displayName') || lastSegment(id),
    mode: properties.text('mode') ?? 'All',
    defaults: parameterValues(properties, 'defaultValue'),
    condition: properties.at('policyRule').json('if'),
    effect: properties.at('policyRule').at('then').json('effect'),
  }
}

export function toPolicySetFacts(body: BodyReader): PolicySetFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    id,
    displayName: properties.text('displayName') || lastSegment(id),
    defaults: parameterValues(properties, 'defaultValue'),
    members: properties.list('policyDefinitions').map((member) => ({
      definitionId: member.requiredText('policyDefinitionId'),
      referenceId: member.text('policyDefinitionReferenceId') ?? '',
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
