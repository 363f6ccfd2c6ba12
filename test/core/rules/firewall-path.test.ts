import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './firewall-path-cases.ts'

testTopic('firewall-path', CASES)
