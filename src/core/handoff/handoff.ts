import { writeApiVersion } from '../api-version.ts'
import type { Handoff } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { armFragment } from './arm-fragment.ts'
import { azureCli } from './azure-cli.ts'
import { bicep } from './bicep.ts'
import { terraformAzapi, terraformAzurerm } from './terraform.ts'

/** The hand-off of a plan. No fragment holds a field of the former type (needs N9). */
export function handoff(context: PlanningContext): Handoff {
  const { target, to, policy, snapshot, ranges } = context
  const apiVersion = writeApiVersion(to, policy.previewApiVersion)
  const properties = armFragment(target)
  const command = azureCli(
    target,
    snapshot.cluster,
    [...ranges.current, ...ranges.add],
    ranges.add.length > 0,
  )
  return {
    azureCli: command.line,
    azureCliVersion: command.version,
    arm: { apiVersion, properties },
    bicep: bicep(snapshot.cluster, properties, apiVersion),
    terraform: terraformAzurerm(target),
    terraformAzapi: terraformAzapi(snapshot.cluster, properties, apiVersion),
  }
}
