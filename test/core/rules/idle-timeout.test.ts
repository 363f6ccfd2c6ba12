import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './idle-timeout-cases.ts'

testTopic('idle-timeout', CASES)
