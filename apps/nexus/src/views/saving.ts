/** Saved, never opened: what strangers send must not run under this page's address. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
