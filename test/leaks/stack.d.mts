import type { Session } from '../../tools/processes/session.js';
import type { TalkativeStack } from './drive.mjs';

export declare function startTalkativeStack(session: Session): Promise<TalkativeStack>;
