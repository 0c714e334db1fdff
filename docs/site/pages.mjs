// What the site is made of: its sections, in the order of the navigation, and where files of the
// repository that are not in docs/ are in it.

/** Files outside docs/ that are pages of their own; others that pages link to become listings. */
export const moved = {
  "README.md": "readme.md",
  "CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
  "SECURITY.md": "security.md",
  "apps/examples/README.md": "examples.md",
  "apps/nexus/README.md": "nexus.md",
  "wasm/README.md": "wasm.md",
  "web/README.md": "package.md",
};

/** The sections; the first page of each is where its name leads. Pages in no section fail the build. */
export const sections = [
  {
    name: "Start",
    pages: [
      ["start.md", "First steps"],
      ["readme.md", "Promises, limits, numbers"],
      ["nexus.md", "Nexus, the demo"],
    ],
  },
  {
    name: "Concepts",
    pages: [
      ["concepts.md", "The words"],
      ["threat-model.md", "Threat model"],
    ],
  },
  {
    name: "Use",
    pages: [
      ["api.md", "The API"],
      ["examples.md", "Examples to copy"],
      ["package.md", "The package"],
      ["v2.md", "Coming from version 2"],
    ],
  },
  {
    name: "Operate",
    pages: [
      ["operating.md", "The first-contact server"],
      ["security.md", "Reporting a weakness"],
    ],
  },
  {
    name: "Reference",
    pages: [
      ["reference/index.md", "The types"],
      ["protocol.md", "The protocol"],
      ["first-contact.md", "First contact"],
      ["wasm.md", "The WebAssembly module"],
    ],
  },
  {
    name: "Internals",
    pages: [
      ["architecture.md", "Architecture"],
      ["simulation.md", "The simulator"],
      ["benchmarks.md", "Benchmarks"],
      ["decisions/index.md", "Decisions"],
      ["contributing.md", "Contributing"],
      ["changelog.md", "Changelog"],
    ],
  },
];
