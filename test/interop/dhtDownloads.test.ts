import { it } from 'vitest'
import { dhtSeeders, transferByDht } from './support/dhtSwarm.js'
import { describeWith } from './support/requirements.js'

for (const seeder of dhtSeeders) {
  describeWith(seeder.needs, 'a torrent without trackers, found by the DHT alone', () => {
    it(`comes from a ${seeder.name} seeder`, async (test) => {
      await transferByDht(test, seeder)
    })
  })
}
