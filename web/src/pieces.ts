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
/** The message is a file: its first piece is a `FileHeader`, and receipts let the rest follow. */
export const pieceFile = 16;
/** The message, of one piece, is a `Receipt` for a file of the other side. */
export const pieceReceipt = 32;
/** The message is a signal about the connection, JSON for `Media`. */
export const pieceSignal = 64;

/** Of a signal: a description with as many sections as are taken has a quarter of it. */
export const signalBytesMax = 256 * 1024;

/**
 * Bytes of a file that may be under way: sent, and not yet taken by whoever reads it. It bounds
 * what a slow reader holds, and is enough for 100 Mbit/s at 300 ms.
 */
export const fileWindowBytes = 4 * 1024 * 1024;
/** Files under way to us in one session, read or waiting to be; more are refused. */
export const incomingFilesMax = 16;
/** Of a file's name and type: bytes of UTF-8, what file systems and RFC 6838 allow. */
export const fileNameBytesMax = 255;
export const fileTypeBytesMax = 127;
