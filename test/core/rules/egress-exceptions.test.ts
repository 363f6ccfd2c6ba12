import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './egress-exceptions-cases.ts'

testTopic('egress-exceptions', CASES)
