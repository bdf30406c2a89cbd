import type { TalkativeStack } from './drive.mjs';
import type { Place } from './search.mjs';

export declare function placesOf(stack: TalkativeStack): Promise<Place[]>;
