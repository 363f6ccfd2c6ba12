import { Type } from 'typebox'
import type { JsonObject } from '../../core/json.ts'
import { nullable, text } from './plain.ts'

export const HandoffSchema = Type.Object(
  {
    azureCli: nullable(Type.String(), {
      description: 'One command; null where the Azure CLI cannot express the target.',
    }),
    azureCliVersion: nullable(Type.String(), { description: 'The least version that the command needs.' }),
    arm: Type.Unsafe<JsonObject>({
      type: 'object',
      additionalProperties: true,
      description: "The part of the managed cluster's ARM body that the target decides.",
    }),
    bicep: text(),
    terraform: nullable(Type.String(), {
      description: 'For `azurerm_kubernetes_cluster`; null where the provider cannot express the target.',
    }),
    terraformAzapi: text(),
  },
  { $id: 'Handoff', description: 'The end state for whoever keeps the cluster in code.' },
)
