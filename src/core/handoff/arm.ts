import type { JsonObject } from '../../contract/json.ts'
import { LATEST_API_VERSION, NETWORK_API_VERSION, writeApiVersion } from '../arm/api-versions.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { AKS_SDK, documented } from '../references/references.ts'
import type { Prepared } from './prepared-resources.ts'
import type { ToolCode } from './tool-code.ts'

/** The API versions for which the end state is written. */
export function apiVersionRange({
  to,
  policy,
}: PlanningContext): Pick<ToolCode, 'validFor' | 'warnings' | 'evidence'> {
  const from = writeApiVersion(to, policy.previewApiVersion)
  const isStandard = to === 'managedNATGateway'
  return {
    validFor: { component: 'api-version', from, below: isStandard ? LATEST_API_VERSION : null },
    warnings: isStandard
      ? [
          `From API version ${LATEST_API_VERSION} on, a NAT gateway without a SKU may become StandardV2, which cannot be changed back to Standard.`,
        ]
      : [],
    evidence: isStandard
      ? documented('nat-gateway', 'azure-rest-api-specs pull request 45002')
      : documented({ text: AKS_SDK }),
  }
}

/** The end state as a merge patch of the cluster, and the body of everything that the plan prepares. */
export function armBodies(context: PlanningContext, properties: JsonObject, prepared: Prepared[]): ToolCode {
  const range = apiVersionRange(context)
  const bodies = prepared.map((item) =>
    item.kind === 'association'
      ? { id: item.id, body: { properties: { [item.property]: { id: item.resourceId } } } }
      : { id: item.id, body: item.body },
  )
  return {
    code: JSON.stringify({ apiVersion: range.validFor.from, properties }, null, 2),
    prepared:
      bodies.length === 0
        ? null
        : JSON.stringify({ apiVersion: NETWORK_API_VERSION, resources: bodies }, null, 2),
    ...range,
    warnings: [
      'Read the cluster, merge these fields into its body, remove the fields that are null, and send the whole body with PUT.',
      ...range.warnings,
    ],
  }
}
