import { createModelCheck } from './checkModel.js'
import { type FixtureOptions, type SessionFixture, sessionFixture } from './sessionFixture.js'

/** A `sessionFixture` whose invariants are checked after every turn. */
export const checkedFixture = (options?: FixtureOptions): SessionFixture => {
  const fixture = sessionFixture(options)
  fixture.onTurn(createModelCheck(fixture.model))
  return fixture
}
