import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './partner-allow-lists-cases.ts'

testTopic('partner-allow-lists', CASES)
