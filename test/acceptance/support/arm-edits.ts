import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import { client, type Loose, listOf, type Service, until } from './service.ts'

const GROUP = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}`

/** The ARM path of a demo cluster. */
export function clusterPath(name: string): string {
  return `${GROUP}/providers/Microsoft.ContainerService/managedClusters/${name}`
}

/** The ARM path of a network resource of the user's. */
export function networkPath(type: string, name: string): string {
  return `${GROUP}/providers/Microsoft.Network/${type}/${name}`
}

/** The ARM path of a network resource that AKS made for a demo cluster. */
export function nodeNetworkPath(cluster: string, type: string, name: string): string {
  return `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/MC_${DEMO_GROUP}_${cluster}_eastus/providers/Microsoft.Network/${type}/${name}`
}

/**
 * Changes a resource as another client, by a GET and a PUT of Azure's API, and waits until the change is complete.
 */
export async function editByArm(planner: Service, path: string, edit: (body: Loose) => void): Promise<void> {
  const arm = client(planner.process.simulatorUrl ?? '')
  const version = path.includes('Microsoft.Network') ? '2024-05-01' : '2026-06-01'
  const url = `${path}?api-version=${version}`
  const { body } = await arm.get(url)
  edit(body)
  const { status, text } = await arm.ask('PUT', url, body)
  if (status !== 200) throw new Error(`PUT ${path}: ${status} ${text}`)
  const state = async () => String((await arm.get(url)).body.properties?.provisioningState)
  await until(state, (is) => is === 'Succeeded')
}

/**
 * Resets the simulator and leaves of the demo fleet one cluster with the networks, edited as a body: for what no PUT can bring about.
 * `others` may drop or change the resources around it.
 */
export async function onlyCluster(
  planner: Service,
  name: string,
  edit: (cluster: Loose) => void,
  others: (resources: Loose[]) => Loose[] = (resources) => resources,
): Promise<void> {
  await planner.simulator('POST', 'reset')
  const resources = listOf((await planner.simulator('GET', 'state')).resources)
  const network = resources.filter(({ id }) =>
    /resourceGroups\/rg-demo($|\/providers\/Microsoft\.Network)/i.test(String(id)),
  )
  const cluster = resources.find(({ id }) => String(id).toLowerCase() === clusterPath(name).toLowerCase())
  if (cluster === undefined) throw new Error(`There is no demo cluster ${name}`)
  edit(cluster)
  await planner.simulator('POST', 'reset', { resources: [...others(network), cluster] })
}

/** The finding of this code in a plan, or undefined. */
export function findingOf(plan: Loose, code: string): Loose | undefined {
  return listOf(plan.findings).find((each) => String(each.code) === code)
}

/** The codes of a plan's findings. */
export function codesIn(plan: Loose): string[] {
  return listOf(plan.findings).map((each) => String(each.code))
}
