/** What the browser or the page lacks to take part at all, in words for whoever sits before it. */
export function whatIsMissing(): string | undefined {
  if (!globalThis.isSecureContext)
    return "This page came over an insecure connection, where browsers hide their cryptography. Open it by https:// or on this machine.";
  if (globalThis.RTCPeerConnection === undefined)
    return "This browser has no WebRTC, or it is switched off. Nexus talks from browser to browser and cannot do without.";
  if (globalThis.crypto?.subtle === undefined)
    return "This browser has no WebCrypto, with which everybody here proves who they are.";
  if (globalThis.WebAssembly === undefined)
    return "This browser has no WebAssembly, or it is switched off.";
  return undefined;
}
