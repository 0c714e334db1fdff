/**
 * What is on the screen. Names and pages come from strangers: names are only ever set as text,
 * pages only ever shown in a frame without rights.
 */
import { peersShownMax } from "./limits.js";
import { drawRing } from "./ring.js";

const element = (id) => document.getElementById(id);

function make(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Puts new children in; a child that had the keyboard's focus has it again afterwards. */
function refill(parent, children) {
  const focused = document.activeElement?.dataset?.key;
  const inside = parent.contains(document.activeElement);
  parent.replaceChildren(...children);
  if (!inside || focused === undefined) return;
  [...parent.querySelectorAll("[data-key]")]
    .find(({ dataset }) => dataset.key === focused)
    ?.focus();
}

export function showStatus(state, text) {
  const status = element("status");
  status.dataset.state = state;
  if (status.textContent !== text) status.textContent = text;
}

export function showError(text) {
  element("error").textContent = text;
  element("error").hidden = text === "";
}

/** `authors` are `{alias, name, self, pages}`; `open(author, page)` is called on a click. */
export function showPages(authors, open) {
  const groups = authors.map((author) => {
    const items = author.pages.map((page) => {
      const button = make("button", { type: "button", textContent: page });
      button.dataset.key = `${author.alias} ${page}`;
      button.addEventListener("click", () => open(author, page));
      return make("li", {}, button);
    });
    const heading = make("h3", { textContent: author.name });
    if (author.self) heading.append(make("span", { className: "tag", textContent: "you" }));
    return make("div", { className: "author" }, heading, make("ul", {}, ...items));
  });
  refill(element("pages"), groups);
  element("pages-empty").hidden = groups.length > 0;
}

/** `peers` are `{alias, name, self, linked}`. */
export function showPeers(peers, networkMap, self) {
  const items = peers.slice(0, peersShownMax).map((peer) => {
    const item = make("li", { title: peer.alias }, make("span", { textContent: peer.name }));
    if (peer.self) item.append(make("span", { className: "tag", textContent: "you" }));
    if (peer.linked) item.append(make("span", { className: "tag", textContent: "linked" }));
    return item;
  });
  const more = peers.length - items.length;
  if (more > 0) items.push(make("li", { textContent: `and ${more} more` }));
  element("peers").replaceChildren(...items);
  drawRing(element("ring"), networkMap, self);
}

/** Shows the editor, with a page of our own in it; with an empty name for a new page. */
export function showEditor(name, html) {
  element("reader").hidden = true;
  element("editor").hidden = false;
  element("page-name").value = name;
  element("page-html").value = html;
  element("withdraw").hidden = name === "";
  element("editor-title").textContent = name === "" ? "Publish a page" : "Your page";
}

/** Goes back to the editor as it was left. */
export function closeReader() {
  element("reader").hidden = true;
  element("editor").hidden = false;
  element("frame").replaceChildren();
}

/** Shows a page's title and where it is from, and the page itself once there is `html`. */
export function showReader(name, source, html) {
  element("editor").hidden = true;
  element("reader").hidden = false;
  element("reader-title").textContent = name;
  element("reader-source").textContent = source;
  element("frame").replaceChildren(...(html === undefined ? [] : [frameOf(name, html)]));
  if (html === undefined) element("reader-title").focus();
}

/**
 * Said before each page: it may show what it brings along, and load nothing, not even from here.
 */
const frameHead =
  `<!DOCTYPE html><meta charset="utf-8"><base target="_blank">` +
  `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ` +
  `style-src 'unsafe-inline'; img-src data:; media-src data:; font-src data:">`;

/**
 * A frame of an origin of its own without scripts, forms or a way to move this page. Links open in
 * a new tab, on the reader's click.
 */
function frameOf(name, html) {
  const frame = make("iframe", { title: `Page: ${name}`, referrerPolicy: "no-referrer" });
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.srcdoc = frameHead + html;
  return frame;
}
