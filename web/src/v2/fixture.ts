/** A whole v2 face over a fake page and a fake network. */
import { createFace, type Face } from "./face.js";
import { FakeNetwork, FakePage, fakeJoin } from "./fakes.js";
import type { MembraneError } from "../error.js";

export interface Fixture {
  face: Face;
  page: FakePage;
  join: ReturnType<typeof fakeJoin>;
}

export function makeFace(failures: MembraneError[] = []): Fixture {
  const page = new FakePage();
  const join = fakeJoin(failures);
  const face = createFace(
    { page, join, ready: async () => undefined },
    { protocol: "http:", hostname: "example.test" },
  );
  return { face, page, join };
}

/** The same after `init`. */
export async function joinedFace(paths: object = {}): Promise<Fixture & { network: FakeNetwork }> {
  const fixture = makeFace();
  await fixture.face.init(() => paths);
  return { ...fixture, network: fixture.join.networks[0] as FakeNetwork };
}
