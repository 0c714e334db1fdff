/** Text to bytes and back, the same for all who need it: neither keeps anything between two calls. */
export const encoder = new TextEncoder();
/** Bytes that are not UTF-8 become U+FFFD. */
export const decoder = new TextDecoder();
