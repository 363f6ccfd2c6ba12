import t from 'tap'
import { aByoSnapshot, aLoadBalancerProfile } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './idle-timeout-cases.ts'

testTopic('idle-timeout', CASES)

t.test('names the setting of the NAT gateway that shortens the idle timeout', async (t) => {
  const remedyOf = (...planned: Parameters<typeof planFor>) =>
    planFor(...planned).findings.find(({ code }) => code === 'IDLE_TIMEOUT_SHRINKS')?.remedy
  const prepare = { natGateway: {} }
  t.match(
    remedyOf(aByoSnapshot(), 'userAssignedNATGateway', { prepare }),
    /^Set `prepare\.natGateway\.idleTimeoutInMinutes` to 30, or use TCP keep-alives/,
    'the job creates the gateway',
  )
  const existing =
    /^Run `az network nat gateway update --idle-timeout 10` for the NAT gateway `gateway`, or use/
  const { id } = GATEWAY
  const loadBalancerProfile = aLoadBalancerProfile({ idleTimeoutInMinutes: 10 })
  const detached = aByoSnapshot({}, { ...onGateway[1], cluster: { loadBalancerProfile } })
  t.match(remedyOf(detached, 'userAssignedNATGateway', { prepare: { natGateway: { id } } }), existing)
})
