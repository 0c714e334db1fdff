/**
 * Waiting for a condition: asked again and again until it holds or the deadline passes. A test that
 * waits for a length of time instead proves nothing on a slow machine and wastes time on a fast one.
 */
const pauseDefault_ms = 10;

/**
 * Resolves with the condition's first truthy value. Rejects after `within_ms`, with `what` was
 * waited for and what `state` (optional, may be asynchronous) then says.
 */
export async function until(
  what,
  condition,
  { within_ms = 5_000, pause_ms = pauseDefault_ms, state } = {},
) {
  const deadline = performance.now() + within_ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, pause_ms));
  }
  const seen = state === undefined ? "" : `; instead: ${JSON.stringify(await state())}`;
  throw new Error(`not within ${within_ms} ms: ${what}${seen}`);
}
