import { announceFailed, announceSucceeded } from '../tracker/announceSchedule.js'
import { voteAddress } from '../peer/ownAddress.js'
import { announceDue, addCandidates, dialMore } from './lifecycle.js'
import { notify } from './emit.js'
import type { TrackerEvent } from './event.js'
import type { SessionModel } from './model.js'

/** Everything that comes from a tracker. */
export const onTracker = (model: SessionModel, event: TrackerEvent): void => {
  const { id, at } = event
  const url = model.trackers.inFlight.get(id)?.tracker.url
  if (url === undefined) return
  switch (event._tag) {
    case 'AnnounceSucceeded': {
      const { response } = event
      announceSucceeded(model.trackers, id, response, at)
      notify(model, {
        _tag: 'AnnounceDone',
        at,
        url,
        peers: response.peers.length,
        warning: response.warning,
      })
      if (response.externalIp !== undefined) voteAddress(model.addressVotes, url, response.externalIp)
      addCandidates(model, response.peers, 'tracker')
      dialMore(model)
      break
    }
    case 'AnnounceFailed':
      announceFailed(model.trackers, id, event.error, at)
      notify(model, { _tag: 'AnnounceFailed', at, url, error: event.error })
      break
  }
  // The next tracker in line, or the `stopped` that an answer made due.
  announceDue(model)
}
