/** Every bound of the hosting page, each with its reason. */

/** Pages one peer lists: their names fit into one message of gossip. */
export const pagesMax = 40;
/** Characters of a page's name, four bytes each at most. */
export const pageNameCharactersMax = 60;
/** Characters of a page: text with a few pictures; a peer that sends more is not shown. */
export const pageCharactersMax = 2 * 1024 * 1024;
/** Authors remembered: more peers than a whole map holds. Others are ignored. */
export const authorsMax = 8192;
/** Answers on their way to one peer: who asks faster than we can send is not answered. */
export const answersMax = 4;
/** How long an author may take to answer. */
export const answerMs = 20_000;
/** A session that carried nothing for this long is closed by the side that opened it. */
export const idleMs = 30_000;
/** Peers drawn in the ring and listed by name; the rest are counted. */
export const peersShownMax = 60;
