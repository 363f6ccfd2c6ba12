import type { Json, JsonObject } from '../json.ts'
import type { ClusterFacts } from '../snapshot.ts'

/** The fields to put into the cluster's resource in Bicep; the rest of the resource stays as the code has it. */
export function bicep(cluster: ClusterFacts, properties: JsonObject, apiVersion: string): string {
  return [
    `// Merge into the cluster's resource; loadBalancerProfile and natGatewayProfile of another type must not be there.`,
    `resource cluster 'Microsoft.ContainerService/managedClusters@${apiVersion}' = {`,
    `  name: ${text(cluster.name)}`,
    `  properties: ${literal(properties, 1)}`,
    '}',
    '',
  ].join('\n')
}

function literal(value: Json | undefined, depth: number): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object') return String(value)
  const indent = '  '.repeat(depth + 1)
  const close = '  '.repeat(depth)
  if (Array.isArray(value)) {
    return `[\n${value.map((each) => `${indent}${literal(each, depth + 1)}`).join('\n')}\n${close}]`
  }
  const fields = Object.entries(value).map(([key, each]) => `${indent}${key}: ${literal(each, depth + 1)}`)
  return `{\n${fields.join('\n')}\n${close}}`
}

function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${')}'`
}
