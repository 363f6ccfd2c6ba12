import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './preparation-cases.ts'

testTopic('preparation', CASES)
