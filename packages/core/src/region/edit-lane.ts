import { NAME_LENGTH_MAX } from '../ids.ts'
import { isPrintable, isTrimmed } from '../name-text.ts'

/** What the lanes of single files begin with: no lane that somebody names for something else is meant by accident. */
export const EDIT_LANE_PREFIX = 'edit:'

/** Room behind a name that was cut, for what tells it from other names that were cut. */
const MARK_LENGTH = 16

/**
 * The lane on which a file or folder is leased that an edit claims: `edit:src/api/x.ts`. A path that is no name, for its
 * length or its characters, gets one made of its end and a number of its whole: two paths with one number exclude each
 * other without need, which is the safe side.
 */
export function editLane(path: string): string {
  const lane = EDIT_LANE_PREFIX + path
  if (lane.length <= NAME_LENGTH_MAX && isPrintable(lane) && isTrimmed(lane)) return lane
  const room = NAME_LENGTH_MAX - EDIT_LANE_PREFIX.length - MARK_LENGTH
  const shown = path.replaceAll(/[\p{Cc}\p{Cs}\s]/gu, '_').slice(-room)
  return `${EDIT_LANE_PREFIX}${shown}~${numberOf(path)}`
}

/** FNV-1a over the units of the text, twice 32 bits. */
function numberOf(text: string): string {
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let place = 0; place < text.length; place += 1) {
    const unit = text.charCodeAt(place)
    low = Math.imul(low ^ unit, 0x01000193) >>> 0
    high = Math.imul(high ^ (unit + place), 0x5bd1e995) >>> 0
  }
  return low.toString(36).padStart(7, '0') + high.toString(36).padStart(7, '0')
}
