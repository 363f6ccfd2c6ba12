import type { Json } from '../core/json.ts'
import type {
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyExemptionFacts,
  PolicySetFacts,
} from '../core/rights-facts.ts'
import type { BodyReader } from './body-reader.ts'

export function translatePolicyAssignment(body: BodyReader): PolicyAssignmentFacts {
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
    parameters: values(properties, 'value'),
    isSelective: properties.list('overrides').length > 0 || properties.list('resourceSelectors').length > 0,
  }
}

/** An exemption at a resource group has the group in its own id. */
export function translatePolicyExemption(body: BodyReader): PolicyExemptionFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    assignmentId: properties.requiredText('policyAssignmentId'),
    scope: id.replace(/\/providers\/Microsoft\.Authorization\/policyExemptions\/[^/]+$/i, ''),
    expiresOn: properties.text('expiresOn'),
    referenceIds: properties.texts('policyDefinitionReferenceIds'),
  }
}

export function translatePolicyDefinition(body: BodyReader): PolicyDefinitionFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    id,
    displayName: properties.text('displayName') || lastSegment(id),
    mode: properties.text('mode') ?? 'All',
    defaults: values(properties, 'defaultValue'),
    condition: properties.at('policyRule').json('if'),
    effect: properties.at('policyRule').at('then').json('effect'),
  }
}

export function translatePolicySet(body: BodyReader): PolicySetFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    id,
    displayName: properties.text('displayName') || lastSegment(id),
    defaults: values(properties, 'defaultValue'),
    members: properties.list('policyDefinitions').map((member) => ({
      definitionId: member.requiredText('policyDefinitionId'),
      referenceId: member.text('policyDefinitionReferenceId') ?? '',
      parameters: values(member, 'value'),
    })),
  }
}

/** `parameters: { name: { value } }`, or `{ name: { defaultValue } }`, as `{ name: value }`. */
function values(body: BodyReader, field: string): Record<string, Json> {
  const given = body.members('parameters').filter(([, parameter]) => parameter.has(field))
  return Object.fromEntries(given.map(([name, parameter]) => [name, parameter.json(field)]))
}

function lastSegment(id: string): string {
  return id.split('/').at(-1) ?? id
}
