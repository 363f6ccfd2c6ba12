import { gatewayError } from '../http/arm-error.ts'
import { typeOf } from '../http/arm-path.ts'
import type { ArmHandler } from '../http/arm-request.ts'
import type { JsonObject } from '../json.ts'

const BUILT_IN: JsonObject[] = [
  definition('6c112d4e-5bc7-47ae-a041-ea2d9dccd749', 'Not allowed resource types', 'All', {
    parameters: {
      listOfResourceTypesNotAllowed: { type: 'Array' },
      effect: { type: 'string', defaultValue: 'Deny', allowedValues: ['Audit', 'Deny', 'Disabled'] },
    },
    policyRule: rule(
      {
        allOf: [
          { field: 'type', in: "[parameters('listOfResourceTypesNotAllowed')]" },
          { value: "[field('type')]", exists: true },
        ],
      },
      "[parameters('effect')]",
    ),
  }),
  definition('a08ec900-254a-4555-9bf5-e42af04b5c5c', 'Allowed resource types', 'Indexed', {
    parameters: { listOfResourceTypesAllowed: { type: 'Array' } },
    policyRule: rule({ not: { field: 'type', in: "[parameters('listOfResourceTypesAllowed')]" } }, 'deny'),
  }),
]

/** GET of a policy or initiative, wherever it is defined: what a test has put, or one of two built-in ones. */
export const getPolicy: ArmHandler = (world, { path }) => {
  const type = path.types[0] ?? ''
  const id = `${path.scope ?? ''}/providers/Microsoft.Authorization/${type}/${path.names[0]}`
  const builtIn = BUILT_IN.find((body) => String(body.id).toLowerCase() === id.toLowerCase())
  const body = world.get(id) ?? builtIn
  if (body !== undefined) return { status: 200, body }
  const what = typeOf(path).endsWith('policydefinitions') ? 'PolicyDefinition' : 'PolicySetDefinition'
  throw gatewayError(404, `${what}NotFound`, `The policy '${path.names[0]}' could not be found.`)
}

function definition(name: string, displayName: string, mode: string, rest: JsonObject): JsonObject {
  return {
    id: `/providers/Microsoft.Authorization/policyDefinitions/${name}`,
    type: 'Microsoft.Authorization/policyDefinitions',
    name,
    properties: { displayName, policyType: 'BuiltIn', mode, ...rest },
  }
}

function rule(condition: JsonObject, effect: string): JsonObject {
  return Object.fromEntries([
    ['if', condition],
    ['then', { effect }],
  ])
}
