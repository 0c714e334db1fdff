import type { Peer } from "membrane";
import type { Nexus } from "../network/nexus.js";

/** Made once: a network of thousands is sorted at each change of it. */
const byName = new Intl.Collator();

/** Everyone whose name or id has this in it; ourselves first, then by name. */
export function matching(nexus: Nexus, search: string): Peer[] {
  const wanted = search.trim().toLowerCase();
  const found = [...(nexus.membrane?.map ?? [])].filter(
    ({ id, name }) => name.toLowerCase().includes(wanted) || id.startsWith(wanted),
  );
  return found.sort(
    (a, b) =>
      Number(b.self) - Number(a.self) || byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1),
  );
}
