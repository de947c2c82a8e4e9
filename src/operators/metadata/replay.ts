import type { MetadataEffect } from './effect.js'
import type { MetadataEvent } from './event.js'
import { createMetadataModel, type MetadataConfig } from './model.js'
import { metadataState } from './snapshot.js'
import type { MetadataState } from './state.js'
import { metadataTurn } from './turn.js'

/** What one event of a recorded search led to. */
export interface ReplayedMetadataTurn {
  readonly event: MetadataEvent
  readonly effects: ReadonlyArray<MetadataEffect>
  readonly state: MetadataState
}

/** As `replay`, for a search for metadata: the same log gives the same effects and the same states. */
export function* replayMetadata(
  config: MetadataConfig,
  log: Iterable<MetadataEvent>,
): Generator<ReplayedMetadataTurn, void> {
  let model: ReturnType<typeof createMetadataModel> | undefined
  for (const event of log) {
    model ??= createMetadataModel(config, event.at)
    const { effects } = metadataTurn(model, event)
    yield { event, effects, state: metadataState(model) }
  }
}
