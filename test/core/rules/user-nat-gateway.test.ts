import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './user-nat-gateway-cases.ts'

testTopic('user-nat-gateway', CASES)
