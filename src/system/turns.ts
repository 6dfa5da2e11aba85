/** Turns of Node's event loop. */
import type { Turns } from '../ports/turns.ts';

/** After whatever the sockets had to say in this one: the more it gathers, the less a frame costs. */
export const systemTurns: Turns = { atEnd: action => void setImmediate(action) };
