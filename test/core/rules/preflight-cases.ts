import { aByoSnapshot, aSnapshot, SUBNET, SUBSCRIPTION } from '../../support/a-cluster.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import {
  aLock,
  anAssignment,
  aPolicy,
  aPolicyRoom,
  aRoleAssignment,
  CLUSTER_ID,
  denied,
  EVERYTHING,
  NODE_GROUP_ID,
  SUBSCRIPTION_ID,
  withRights,
} from '../../support/permissions.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

const byo = (surroundings: ReturnType<typeof withRights>) =>
  aByoSnapshot(onGateway[0], { ...onGateway[1], surroundings })
const usages = { facts: [{ name: 'PublicIPAddresses', current: 20, limit: 20 }] }

export const CASES: RuleCases = {
  PERM_MISSING: {
    severity: 'blocker',
    // The identity may join the gateway, but not the subnet.
    snapshot: byo(
      withRights({
        roleAssignments: { [SUBSCRIPTION]: { facts: [aRoleAssignment({ scope: GATEWAY.id })] } },
      }),
    ),
    target: 'userAssignedNATGateway',
    facts: { who: 'clusterIdentity', scope: SUBNET, need: 'change' },
    message: /subnets\/read` and `Microsoft\.Network\/virtualNetworks\/subnets\/join\/action` on /,
  },
  PERM_NOT_CHECKED: {
    severity: 'info',
    snapshot: aSnapshot({
      surroundings: withRights({ callerPermissions: { [CLUSTER_ID.toLowerCase()]: denied('permissions') } }),
    }),
    target: 'managedNATGateway',
    message:
      /could not check all permissions that the plan needs: it is unknown whether this service has `Microsoft/,
  },
  PERM_PROPAGATION: {
    severity: 'warning',
    snapshot: byo(
      withRights({
        roleAssignments: {
          [SUBSCRIPTION]: { facts: [aRoleAssignment({ createdOn: '2026-08-31T23:30:00Z' })] },
        },
      }),
    ),
    target: 'userAssignedNATGateway',
    message: /Network Contributor on .* since 2026-08-31T23:30:00Z/,
    absent: {
      snapshot: byo(
        withRights({
          roleAssignments: {
            [SUBSCRIPTION]: { facts: [aRoleAssignment({ createdOn: '2026-08-31T23:00:00Z' })] },
          },
        }),
      ),
    },
  },
  LOCK_BLOCKS_CHANGE: {
    severity: 'blocker',
    snapshot: aSnapshot({
      surroundings: withRights({ locks: { facts: [aLock(NODE_GROUP_ID, 'CanNotDelete')] } }),
    }),
    target: 'managedNATGateway',
    facts: { lock: 'keep', level: 'CanNotDelete', scope: NODE_GROUP_ID },
    message: /delete the public IP address `lb-ip`/,
    absent: {
      snapshot: aSnapshot({
        surroundings: withRights({ locks: { facts: [aLock(`${NODE_GROUP_ID}-other`, 'CanNotDelete')] } }),
      }),
    },
  },
  POLICY_MAY_DENY_PIP: {
    severity: 'blocker',
    snapshot: aSnapshot({
      surroundings: withRights({
        policies: aPolicyRoom({
          assignments: { facts: [anAssignment()] },
          customDefinitions: { facts: [aPolicy()] },
        }),
      }),
    }),
    target: 'managedNATGateway',
    facts: { isCertain: true, needed: 1, policies: [{ name: 'Deny public IPs', scope: SUBSCRIPTION_ID }] },
  },
  PIP_QUOTA: {
    severity: 'blocker',
    snapshot: aSnapshot({ surroundings: withRights({ usages }) }),
    target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 3 } },
    facts: { limitName: 'PublicIPAddresses', current: 20, needed: 3, atPeak: 23, limit: 20 },
    message: /quota `PublicIPAddresses`: 20 of 20 addresses exist, and the change needs 3 more /,
    absent: {
      snapshot: aSnapshot({
        surroundings: withRights({
          usages: { facts: [{ name: 'PublicIPAddresses', current: 20, limit: 23 }] },
        }),
      }),
    },
  },
  NRG_LOCKDOWN: {
    severity: 'info',
    snapshot: aSnapshot({ cluster: { nodeResourceGroupRestriction: 'ReadOnly' } }),
    target: 'managedNATGateway',
  },
  SP_CREDENTIALS: {
    severity: 'info',
    snapshot: aSnapshot({ cluster: { identityPrincipalIds: [], servicePrincipalClientId: 'app-1' } }),
    target: 'managedNATGateway',
    facts: { clientId: 'app-1' },
  },
  PREFLIGHT_INCOMPLETE: {
    severity: 'info',
    snapshot: aSnapshot({
      surroundings: withRights({
        callerPermissions: { [CLUSTER_ID.toLowerCase()]: { facts: [EVERYTHING] } },
        locks: denied('the locks'),
        usages: denied('the quota usage'),
      }),
    }),
    target: 'managedNATGateway',
    facts: { unread: ['the locks', 'the quota usage'] },
  },
}
