import type { JsonObject } from '../../contract/json.ts'
import { LATEST_API_VERSION, NETWORK_API_VERSION, writeApiVersion } from '../arm/outbound-type.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { AKS_SDK, documented, observed } from '../references/references.ts'
import { joinParts, profileInstructions, type ToolCode } from './end-state.ts'
import { BICEP, fieldLines, identifier, literal, TYPESCRIPT } from './literals.ts'
import { type Prepared, type PreparedResource, versionedType } from './prepared-resources.ts'

const SDK_EVIDENCE = documented({ text: AKS_SDK })
const STANDARD_EVIDENCE = documented('nat-gateway', 'azure-rest-api-specs pull request 45002')

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
          `From API version ${LATEST_API_VERSION} on, AKS may change the Standard NAT gateway to StandardV2 if a request sets no \`sku\`. AKS does not support the change back to Standard.`,
        ]
      : [],
    evidence: isStandard ? STANDARD_EVIDENCE : SDK_EVIDENCE,
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
      'Read the cluster, and merge these fields into the response body. From this body, delete each field that is `null` in this code. Then send the whole body with PUT.',
      ...range.warnings,
    ],
  }
}

/** The fields to merge into the resource of the cluster, and a resource for everything that the plan prepares. */
export function bicep(context: PlanningContext, state: JsonObject, prepared: Prepared[]): ToolCode {
  const { validFor, warnings, evidence } = apiVersionRange(context)
  const code = [
    `// ${['Merge into the resource of the cluster.', ...describedProfiles(context)].join(' ')}`,
    `resource cluster 'Microsoft.ContainerService/managedClusters@${validFor.from}' = {`,
    `  name: ${BICEP.text(context.snapshot.cluster.name)}`,
    `  properties: ${literal(state, 1, BICEP)}`,
    '}',
    '',
  ].join('\n')
  return { code, prepared: joinParts(prepared.map(bicepResource)), validFor, warnings, evidence }
}

/** The described state contains the profile of the target. */
function describedProfiles(context: PlanningContext): string[] {
  return profileInstructions(context, true, (profile) => profile)
}

function bicepResource(prepared: Prepared): string {
  return prepared.kind === 'association'
    ? [
        `// Add to the properties of the resource of the subnet ${prepared.name}:`,
        `// ${prepared.property}: { id: ${BICEP.text(prepared.resourceId)} }`,
      ].join('\n')
    : newResource(prepared)
}

function newResource(resource: PreparedResource): string {
  const { id, name, resourceGroup, parentName, body } = resource
  const fields = { name: parentName === null ? name : `${parentName}/${name}`, ...body }
  return [
    `// In the resource group ${resourceGroup}.`,
    `resource ${identifier(id)} '${versionedType(resource)}' = ${literal(fields, 0, BICEP)}`,
  ].join('\n')
}

/** The Pulumi types of the resources that a plan prepares. */
const PULUMI_TYPES: Record<PreparedResource['type'], string> = {
  publicIp: 'PublicIPAddress',
  publicIpPrefix: 'PublicIPPrefix',
  natGateway: 'NatGateway',
  routeTable: 'RouteTable',
  route: 'Route',
}

const PULUMI_EVIDENCE = observed('pulumi-azure-native pull request 4771')

function replacesWarning({ isNoChange }: PlanningContext): string {
  const when = isNoChange ? 'before you change the code' : 'after the job and before you change the code'
  return `Pulumi azure-native destroys and recreates the cluster if \`outboundType\` in the code differs from \`outboundType\` in the Pulumi state. In releases up to 3.20.0, this applies to every field of \`networkProfile\`. Run \`pulumi refresh\` ${when}. Stop if \`pulumi preview\` shows a replacement.`
}

/** The arguments of `ManagedCluster`, and imports of everything that the plan creates. */
export function pulumi(context: PlanningContext, state: JsonObject, prepared: Prepared[]): ToolCode {
  const { validFor, warnings } = apiVersionRange(context)
  const commands = prepared.map(pulumiImport)
  return {
    code: [
      `// Merge into the arguments of ManagedCluster (API version ${validFor.from}), after \`pulumi refresh\`.`,
      ...describedProfiles(context).map((sentence) => `// ${sentence}`),
      ...fieldLines(state, 0, TYPESCRIPT),
      '',
    ].join('\n'),
    prepared: commands.length === 0 ? null : `${commands.join('\n')}\n`,
    validFor: { component: 'pulumi/azure-native', from: null, below: null },
    warnings: [replacesWarning(context), ...warnings],
    evidence: PULUMI_EVIDENCE,
  }
}

/** Subnets are resources of the user, and `pulumi refresh` reads what is attached to them. */
function pulumiImport(prepared: Prepared): string {
  return prepared.kind === 'association'
    ? `# Add to the arguments of the subnet ${prepared.name}: ${prepared.property}: { id: "${prepared.resourceId}" }`
    : `pulumi import azure-native:network:${PULUMI_TYPES[prepared.type]} ${prepared.name} ${prepared.id}`
}
