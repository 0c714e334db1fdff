/**
 * Several tabs of one browser whose user is to be remembered. One key cannot be in two places, so the
 * first tab has the user's key and each further one a key of its own, which the library sees to. Here
 * is only who was first, for the user to be told.
 */

/** Under this name the library keeps the user's key, with a number behind it those of further tabs: 16 in all. */
export const keyName = "membrane-nexus";
const keysMax = 16;
export const keyNames = Array.from({ length: keysMax }, (_, i) => (i === 0 ? keyName : `${keyName} ${i + 1}`));

const firstTab = "membrane-nexus: the first tab";

/** Becomes the first tab, until the function that this gives is called or the page ends. */
export async function becomeFirstTab(): Promise<(() => void) | undefined> {
  const { locks } = navigator;
  return new Promise((resolve, reject) => {
    const held = (granted: Lock | null): Promise<void> | undefined => {
      if (granted === null) return void resolve(undefined);
      return new Promise((release) => resolve(release));
    };
    locks.request(firstTab, { ifAvailable: true }, held).catch(reject);
  });
}

/** Whether another tab is the first one. */
export async function isOpenElsewhere(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === firstTab);
}
