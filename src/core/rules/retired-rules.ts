/**
 * Codes of earlier versions that no plan reports any more, each with its replacement. Stored plans may contain
 * them, and a job request may still acknowledge them. `docs/findings.md` lists them.
 */
export const RETIRED_RULES: Readonly<Record<string, string>> = {
  DOWNTIME: 'Read `disruption.downtime` and `disruption.movesTraffic`, which every plan contains.',
  NODE_IMAGE_UPGRADE_NEEDED: 'Read `disruption.nodeImageUpgrade`, which every plan contains.',
  KONNECTIVITY: 'Read `disruption.downtime`.',
  TRUSTED_ACCESS_AND_MONITORING:
    'Read `disruption.downtime`, which names the agents that send no data during the interruption.',
  TCP_RESET_SEMANTICS:
    'Read `disruption.newPath`, which describes every change from a load balancer to a NAT gateway.',
  ROLLBACK_NEW_IPS: 'Reported by EGRESS_IP_LOST, and in `rollback.lost`.',
  ALLOWLIST_PARTS_NOT_SEARCHED:
    'Read the entries in `allowLists.coverage.unread` with the reason `not-searched`.',
  AUTHORIZED_NOT_APPLICABLE: 'Read `authorizedRanges.mode`, which is `notApplicable` for a private cluster.',
}

/** Codes that fewer plans report than in earlier versions; a job request may acknowledge them for every plan. */
const NARROWED_RULES = ['EGRESS_IP_CHANGES', 'AUTHORIZED_AUTO_ADD_IS_LB_ONLY', 'NATV1_STANDARD_CHOSEN']

/** Whether a client of an earlier version may acknowledge this code although the plan does not report it. */
export function isFormerCode(code: string): boolean {
  return Object.hasOwn(RETIRED_RULES, code) || NARROWED_RULES.includes(code)
}
