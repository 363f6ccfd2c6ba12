import t from 'tap'
import { planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { behindGateway, CASES } from './egress-exceptions-cases.ts'

testTopic('egress-exceptions', CASES)

t.test('a StandardV2 gateway that disrupts IPv6 already is only a warning', async (t) => {
  const severityOf = (idleTimeoutInMinutes: number, outboundType: string) => {
    const snapshot = behindGateway('StandardV2', outboundType)
    const target = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes } } as const
    return planFor(snapshot, target).findings.find(({ code }) => code === 'IPV6_DISRUPTED_BY_GATEWAY')
      ?.severity
  }
  t.equal(severityOf(9, 'userAssignedNATGateway'), 'acknowledge')
  t.equal(severityOf(9, 'loadBalancer'), 'warning')
})
