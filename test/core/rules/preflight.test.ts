import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './preflight-cases.ts'

testTopic('preflight', CASES)
