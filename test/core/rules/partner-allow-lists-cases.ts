import { aSnapshot } from '../../support/a-cluster.ts'
import { aList, listsAround, STORAGE } from '../../support/permissions.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

const service = { type: 'Microsoft.ApiManagement/service', what: 'api', code: 'C', message: 'M.' } as const
const consumers = [{ name: 'payments' }]

export const CASES: RuleCases = {
  ALLOWLIST_NAMES_LOST_ADDRESS: {
    severity: 'warning',
    snapshot: aSnapshot({ surroundings: listsAround([aList(['20.1.0.1'])]) }),
    target: 'managedNATGateway',
    facts: {
      entries: [{ resourceId: STORAGE, place: '/properties/networkAcls/ipRules/0', entry: '20.1.0.1' }],
      add: [],
    },
    message: /^Rules of the resource `orders` contain addresses/,
  },
  ALLOWLIST_ENTRY_INEFFECTIVE: {
    severity: 'warning',
    snapshot: aSnapshot({ surroundings: listsAround([aList(['20.1.0.1'], { location: 'eastus' })]) }),
    target: 'managedNATGateway',
    facts: {
      entries: [
        {
          resourceId: STORAGE,
          place: '/properties/networkAcls/ipRules/0',
          entry: '20.1.0.1',
          reason: 'sameRegion',
        },
      ],
    },
    message:
      /^Rules of the resource `orders` contain .* because storage accounts ignore IP rules for requests from the same region\.$/,
  },
  ALLOWLIST_SCAN_INCOMPLETE: {
    severity: 'warning',
    snapshot: aSnapshot({ surroundings: listsAround([], { unread: [{ ...service, reason: 'denied' }] }) }),
    target: 'managedNATGateway',
    facts: { types: ['Microsoft.ApiManagement/service'] },
    message: /allow lists of the resource type "API Management service" could not be searched/,
    // No plan searches these parts, so they are only in `allowLists.coverage`.
    absent: {
      snapshot: aSnapshot({
        surroundings: listsAround([], { unread: [{ ...service, reason: 'not-searched' }] }),
      }),
    },
  },
  CONSUMERS_TO_TELL: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    given: { consumers },
    facts: { names: ['payments'] },
    absent: {
      given: { consumers: [{ name: 'payments', addresses: ['198.51.100.9'] }] },
    },
  },
}
