import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './kubenet-routes-cases.ts'

testTopic('kubenet-routes', CASES)
