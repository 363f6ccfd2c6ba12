import { writeFile } from 'node:fs/promises'
import { executorActions, plannerActions, proberActions } from '../src/azure/connect/service-actions.ts'

/** Where the role definitions are checked in. */
export const ROLES_FOLDER = new URL('../deploy/azure/roles/', import.meta.url)

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000'

/** Each custom role by the name of its file, as `az role definition create` expects it. */
export const ROLES = {
  planner: roleDefinition(
    'AKS Egress Planner',
    'Reads clusters, their network, policies, and allow lists to plan a change of the outbound type.',
    plannerActions(),
  ),
  executor: roleDefinition(
    'AKS Egress Executor',
    'Writes clusters and their network to change the outbound type. Also assign AKS Egress Planner.',
    executorActions(),
  ),
  prober: roleDefinition(
    'AKS Egress Prober',
    'Runs the script of the service on nodes to measure what they reach. Also assign AKS Egress Planner.',
    proberActions(),
  ),
}

function roleDefinition(name: string, description: string, actions: string[]) {
  return {
    Name: name,
    IsCustom: true,
    Description: description,
    Actions: actions,
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: [SUBSCRIPTION],
  }
}

/** The text of a role's file. */
export function roleText(name: keyof typeof ROLES): string {
  return `${JSON.stringify(ROLES[name], null, 2)}\n`
}

if (import.meta.main)
  for (const name of Object.keys(ROLES) as (keyof typeof ROLES)[])
    await writeFile(new URL(`${name}.json`, ROLES_FOLDER), roleText(name))
