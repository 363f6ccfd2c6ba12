import type { Arm } from '../../../src/azure/arm.ts'
import type { ClusterRef } from '../../../src/contract/cluster.ts'
import type { Job } from '../../../src/contract/job.ts'
import type { JobsDeps } from '../../../src/jobs/deps.ts'
import type { JobHarness } from './job-harness.ts'

/** Everything that workers need to serve the clusters of many test modules at the same time. */
export function fleetDeps(rooms: JobHarness[]): JobsDeps {
  const byName = new Map(rooms.map((room) => [room.cluster.name, room]))
  const roomOf = ({ name }: Pick<ClusterRef, 'name'>): JobHarness => {
    const room = byName.get(name)
    if (room === undefined) throw new Error(`no cluster ${name}`)
    return room
  }
  const [first] = rooms
  if (first === undefined) throw new Error('no rooms')
  const arm: Arm = {
    getCluster: (ref) => roomOf(ref).arm.getCluster(),
    listAgentPools: (ref) => roomOf(ref).arm.listAgentPools(),
    listNetwork: (kind) => first.arm.listNetwork(kind),
    getNetwork: (kind, id) => first.arm.getNetwork(kind, id),
    listOutboundDependencies: (ref) => roomOf(ref).arm.listOutboundDependencies(),
    listMaintenanceConfigurations: (ref) => roomOf(ref).arm.listMaintenanceConfigurations(),
    listInstances: () => first.arm.listInstances(),
    listFirewallPolicies: () => first.arm.listFirewallPolicies(),
    getFirewallPolicy: (id) => first.arm.getFirewallPolicy(id),
    listIpGroups: () => first.arm.listIpGroups(),
    getIpGroup: (id) => first.arm.getIpGroup(id),
    abortClusterOperation: (ref, options) => roomOf(ref).arm.abortClusterOperation(ref, options),
    startResourceAction: (action) => first.arm.startResourceAction(action),
    getResource: (id) => first.arm.getResource(id),
    startResourceWrite: (update) => first.arm.startResourceWrite(update),
    startResourceDelete: (deletion) => first.arm.startResourceDelete(deletion),
    listAuthorization: () => first.arm.listAuthorization(),
    getPolicy: (kind, id) => first.arm.getPolicy(kind, id),
    listPermissions: () => first.arm.listPermissions(),
    getResourceGroup: () => first.arm.getResourceGroup(),
    listRoleAssignments: () => first.arm.listRoleAssignments(),
    listUsages: () => first.arm.listUsages(),
    listPrivateZoneLinks: () => first.arm.listPrivateZoneLinks(),
    readMetrics: () => first.arm.readMetrics(),
    findAllowLists: () => first.arm.findAllowLists(),
    readChildLists: () => first.arm.readChildLists(),
    async startClusterUpdate(update) {
      const started = await roomOf(update.ref).arm.startClusterUpdate(update)
      return { ...started, poller: `${update.ref.name}: ${started.poller}` }
    },
    async pollOperation(poller) {
      const [name = '', inner = ''] = poller.split(': ')
      const state = await roomOf({ name }).arm.pollOperation(inner)
      return state.status === 'running' ? { ...state, poller } : state
    },
  }
  return { ...first.deps, arm, takeSnapshot: (ref, ...rest) => roomOf(ref).deps.takeSnapshot(ref, ...rest) }
}

/** Runs ticks until the job waits for a release. */
export async function untilHeld(room: JobHarness, id: string): Promise<Job> {
  for (let ticks = 0; ticks < 50; ticks++) {
    const job = await room.jobs.get(id)
    if (job.hold?.status === 'Held') return job
    await room.runOne()
  }
  throw new Error('the job was never held')
}
