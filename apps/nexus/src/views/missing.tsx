/** Instead of everything else, where the page cannot work. */
export function Missing({ what }: { what: string }) {
  return (
    <main class="start">
      <h1>Nexus cannot run here</h1>
      <p role="alert">{what}</p>
      <p>It runs in Chrome 137, Firefox 130, Safari 17 and newer, over https or on this machine.</p>
    </main>
  );
}
