import type { Json } from '../json.ts'
import type { PolicyDefinitionFacts } from '../rights-facts.ts'

/**
 * Built-in definitions that forbid whole types, regions or missing tags, for where one is a member of an
 * initiative: members are not read one by one. What each does is published in the repository Azure/azure-policy
 * (folders General and Tags, 2026-09); the rules here are said anew, in the least words that mean the same.
 */
const RULES: Record<string, { displayName: string; effect?: string; condition: Json }> = {
  '6c112d4e-5bc7-47ae-a041-ea2d9dccd749': {
    displayName: 'Not allowed resource types',
    effect: 'Deny',
    condition: { field: 'type', in: "[parameters('listOfResourceTypesNotAllowed')]" },
  },
  'a08ec900-254a-4555-9bf5-e42af04b5c5c': {
    displayName: 'Allowed resource types',
    condition: { field: 'type', notIn: "[parameters('listOfResourceTypesAllowed')]" },
  },
  'e56962a6-4747-49cd-b67b-bf8b01975c4c': {
    displayName: 'Allowed locations',
    condition: { field: 'location', notIn: "[parameters('listOfAllowedLocations')]" },
  },
  '871b6d14-10aa-478d-b590-94f262ecfa99': {
    displayName: 'Require a tag on resources',
    condition: { field: "[concat('tags[', parameters('tagName'), ']')]", exists: false },
  },
  '1e30110a-5ceb-460c-a204-c1c3969c6d62': {
    displayName: 'Require a tag and its value on resources',
    condition: {
      field: "[concat('tags[', parameters('tagName'), ']')]",
      notEquals: "[parameters('tagValue')]",
    },
  },
}

/** A built-in definition that is known by heart; undefined for any other id. */
export function knownBuiltIn(definitionId: string): PolicyDefinitionFacts | undefined {
  const name = /^\/providers\/Microsoft\.Authorization\/policyDefinitions\/([^/]+)$/i.exec(definitionId)?.[1]
  const known = RULES[(name ?? '').toLowerCase()]
  if (known === undefined) return undefined
  const { displayName, effect, condition } = known
  const parameter = "[parameters('effect')]"
  return {
    id: definitionId,
    displayName,
    mode: 'Indexed',
    defaults: effect === undefined ? {} : { effect },
    condition,
    effect: effect === undefined ? 'deny' : parameter,
  }
}
