/** Our display name: the one this tab had before, else one drawn by chance. */
const key = "membrane-hosting-name";
const animals = "Otter Heron Lynx Wren Marten Ibex Newt Raven Seal Vole".split(" ");

export function chooseName() {
  const known = remembered();
  if (known) return known;
  const [animal, number] = crypto.getRandomValues(new Uint16Array(2));
  const name = `${animals[animal % animals.length]} ${number % 1000}`;
  rememberName(name);
  return name;
}

export function rememberName(name) {
  try {
    sessionStorage.setItem(key, name);
  } catch {
    // No storage: a reload draws a new name.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}
