import assert from "node:assert/strict";
import test from "node:test";
import { Aliases } from "./aliases.js";

test("equal names are numbered, and the tables agree", () => {
  const aliases = new Aliases();
  for (const id of ["a", "b", "c"]) aliases.assign(id, "Ada");
  assert.deepEqual({ ...aliases.hiddenAliasLookup }, { a: "Ada", b: "Ada (1)", c: "Ada (2)" });
  assert.deepEqual({ ...aliases.pubAliasLookup }, { Ada: "a", "Ada (1)": "b", "Ada (2)": "c" });
  assert.deepEqual(
    { ...aliases.pubAliasUnparser },
    { Ada: "Ada", "Ada (1)": "Ada", "Ada (2)": "Ada" },
  );
});

test("a shown name stays while its peer lives and is given out again afterwards", () => {
  const aliases = new Aliases();
  for (const id of ["a", "b", "c"]) aliases.assign(id, "Ada");
  aliases.assign("c", "Ada");
  aliases.release("b");
  assert.equal(aliases.hiddenAliasLookup["c"], "Ada (2)");
  aliases.assign("d", "Ada");
  aliases.assign("e", "Ada");
  assert.equal(aliases.hiddenAliasLookup["d"], "Ada (1)");
  assert.equal(aliases.hiddenAliasLookup["e"], "Ada (3)");
});

test("a peer whose own name looks numbered collides with nobody", () => {
  const aliases = new Aliases();
  aliases.assign("a", "Ada (1)");
  aliases.assign("b", "Ada");
  aliases.assign("c", "Ada");
  aliases.assign("d", "Ada (1)");
  assert.deepEqual(
    { ...aliases.hiddenAliasLookup },
    { a: "Ada (1)", b: "Ada", c: "Ada (2)", d: "Ada (1) (1)" },
  );
  aliases.release("d");
  aliases.release("a");
  assert.deepEqual(Object.keys(aliases.pubAliasLookup).sort(), ["Ada", "Ada (2)"]);
});

test("a renamed peer leaves its old name free", () => {
  const aliases = new Aliases();
  aliases.assign("a", "Ada");
  aliases.assign("b", "Ada");
  aliases.assign("a", "Grace");
  assert.deepEqual({ ...aliases.hiddenAliasLookup }, { b: "Ada (1)", a: "Grace" });
  aliases.assign("c", "Ada");
  assert.equal(aliases.pubAliasLookup["Ada"], "c");
});

test("hostile names are names like any other", () => {
  const aliases = new Aliases();
  aliases.assign("a", "__proto__");
  aliases.assign("b", "__proto__");
  aliases.assign("c", "constructor");
  assert.equal(aliases.pubAliasLookup["__proto__"], "a");
  assert.equal(aliases.hiddenAliasLookup["b"], "__proto__ (1)");
  assert.equal(aliases.pubAliasUnparser["constructor"], "constructor");
  assert.equal(({} as Record<string, unknown>)["a"], undefined);
});

test("thousands of equal names cost no search", () => {
  const aliases = new Aliases();
  for (let index = 0; index < 20_000; index += 1) aliases.assign(`peer ${index}`, "Random person");
  assert.equal(aliases.hiddenAliasLookup["peer 19999"], "Random person (19999)");
});
