import { aByoSnapshot, aPublicIp, aSnapshot, GROUP, NETWORK } from '../../support/a-cluster.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

const TAKEN = `${GROUP}/${NETWORK}/publicIPAddresses/pip-demo-lb-egress-1`

export const CASES: RuleCases = {
  PREPARE_NAME_TAKEN: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: TAKEN, address: '20.4.0.1', sku: 'Basic' })] }),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 1 } } },
    facts: { resources: [{ id: TAKEN, because: 'its SKU is Basic, not Standard' }] },
  },
  PREPARE_GATEWAY_UNREADABLE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: { id: `${GROUP}/${NETWORK}/natGateways/no` } } },
    facts: { gateway: `${GROUP}/${NETWORK}/natGateways/no` },
    absent: {
      snapshot: aByoSnapshot({}, onGateway[1]),
      given: { prepare: { natGateway: { id: GATEWAY.id } } },
    },
  },
  PREPARE_NOTHING_LEFT: {
    severity: 'info',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: TAKEN, address: '20.4.0.1' })] }),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 1 } } },
  },
  CUTOVER_IS_PREPARATION: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: {} } },
    facts: { neighbours: [], madeHere: 1 },
    message: /from the step "Attach NAT gateway .*" onward\.$/,
  },
}
