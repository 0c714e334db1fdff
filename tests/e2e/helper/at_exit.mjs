/**
 * What must be done when this process ends early, by an error or a signal: the processes that it
 * started end with it.
 */
const actions = new Set();

process.on("exit", () => {
  for (const action of actions) action();
});

/** Does it at the end, unless the function that this gives is called before. */
export function atExit(action) {
  actions.add(action);
  return () => actions.delete(action);
}
