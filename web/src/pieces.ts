/**
 * What sender and receiver of session messages agree on: pieces, their flags, and how many at once.
 */

/**
 * Bytes of application data in one piece: 16 KiB is what every browser takes in one message, less
 * the framing.
 */
export const pieceBytesMax = 16_000;

/**
 * Messages of one session under way at once, each direction; the sender lets more wait, the
 * receiver closes.
 */
export const messagesAtOnceMax = 64;

/** The flags of a piece. */
export const pieceFirst = 1;
export const pieceText = 2;
export const pieceLast = 4;
export const pieceCancelled = 8;
