import { type Static, Type } from 'typebox'
import { enumOf, nullable, ref, string } from './fields.ts'
import { CONFIDENCES } from './finding.ts'
import { armBody } from './json.ts'

/** The infrastructure-as-code tools. */
export const HANDOFF_TOOLS = ['azureCli', 'arm', 'bicep', 'terraform', 'terraformAzapi', 'pulumi'] as const

export const HandoffToolSchema = Type.Object(
  {
    tool: enumOf(HANDOFF_TOOLS, {
      description: '`terraform` is the provider azurerm, `pulumi` is Pulumi azure-native in TypeScript.',
    }),
    validFor: Type.Object(
      {
        component: string(
          'The product that has the versions, such as `azure-cli`, `hashicorp/azurerm`, or `api-version` for Azure Resource Manager.',
        ),
        from: nullable(Type.String(), { description: 'The first version. Null if every version is valid.' }),
        below: nullable(Type.String(), {
          description:
            'The first version that is no longer valid. Null if no later version is known to be invalid.',
        }),
      },
      { description: 'The versions for which the code is valid.' },
    ),
    warning: nullable(Type.String(), {
      description: 'What the tool cannot express, and when it would replace the cluster.',
    }),
    confidence: enumOf(CONFIDENCES, { description: 'How far the versions and the warning are confirmed.' }),
    source: string('The sources of the versions and the warning.'),
    code: nullable(Type.String(), {
      description:
        'The end state of the cluster, for after the job. A comment says so where the language has comments. Null if the tool cannot express the target.',
    }),
    prepared: nullable(Type.String(), {
      description:
        'The resources that the plan creates, changes, and attaches before the cutover, for after the job. Null if there are none.',
    }),
  },
  { $id: 'HandoffTool', description: 'The end state in the form of one tool.' },
)
export type HandoffTool = Static<typeof HandoffToolSchema>

/** The end state for infrastructure as code, and for a manual change. */
export const HandoffSchema = Type.Object(
  {
    azureCli: nullable(Type.String(), {
      description:
        'A comment and one Azure CLI command, for after the job. Null if the Azure CLI cannot express the target.',
    }),
    azureCliVersion: nullable(Type.String(), {
      description: 'The minimum Azure CLI version for the command.',
    }),
    arm: armBody(
      'The part of the ARM body of the managed cluster that the target determines, as a merge patch (RFC 7396): null removes a field.',
    ),
    bicep: string(),
    terraform: nullable(Type.String(), {
      description:
        'The attributes for `azurerm_kubernetes_cluster`. Null if the provider cannot express the target.',
    }),
    terraformAzapi: string(),
    notice: Type.Optional(
      string(
        'When to use the code. It applies to every tool. Absent in plans of earlier versions of the service.',
      ),
    ),
    tools: Type.Optional(
      Type.Array(ref(HandoffToolSchema), {
        description:
          'The end state for each tool, with the versions for which it is valid. Absent in plans of earlier versions of the service.',
      }),
    ),
  },
  {
    $id: 'Handoff',
    description:
      'The end state of the cluster, to update your infrastructure as code after the job. It does not replace the job.',
  },
)
export type Handoff = Static<typeof HandoffSchema>
