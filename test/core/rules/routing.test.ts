import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './routing-cases.ts'

testTopic('routing', CASES)
