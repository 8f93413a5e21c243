import { Observable } from 'rxjs'
import { checkObject } from '../check-given.ts'
import type { BeatReport } from './beat-writer.ts'
import type { Heartbeat } from './heartbeat.ts'

/**
 * Every beat of a heartbeat, missed ones too, from the moment of subscription; completes at `shutdown`. Hot: it neither
 * starts nor stops the loop. Kept apart from `Heartbeat`, so that a command that only beats does not load RxJS.
 */
export function beats$(heartbeat: Pick<Heartbeat, 'observe'>): Observable<BeatReport> {
  checkObject(heartbeat, 'heartbeat')
  return new Observable(subscriber =>
    heartbeat.observe({
      next: report => subscriber.next(report),
      complete: () => subscriber.complete(),
    }),
  )
}
