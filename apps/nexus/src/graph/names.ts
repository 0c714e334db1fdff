/**
 * Names beside points: outward from the ring, so that none crosses its chords, and never outside of the
 * picture. Sigma asks for them one by one, in no order that matters; they are drawn together, those of large
 * points first, and a name that would cover another is left out.
 */

/** A point as sigma draws it, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly color: string;
  readonly label?: string | null;
}

/** Where the ring is, in pixels. */
export interface Picture {
  readonly middle: { readonly x: number; readonly y: number };
  readonly radius: number;
  readonly width: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const textSize = 13;
const usual = `${textSize}px system-ui, sans-serif`;
const strong = `600 ${usual}`;
/** Between a point and its name. */
const gap = 5;
/** Around a name, and of its plate. */
const margin = 3;

export class Names {
  #points: Point[] = [];

  add(point: Point): void {
    this.#points.push(point);
  }

  /** Draws all that were added since it was called last. */
  draw(context: CanvasRenderingContext2D, picture: Picture, color: string): void {
    const points = this.#points.sort((a, b) => b.size - a.size);
    this.#points = [];
    const boxes: Box[] = [];
    context.font = usual;
    context.fillStyle = color;
    for (const point of points) {
      const box = boxOf(context, point, picture);
      if (box === undefined || boxes.some((other) => overlap(box, other))) continue;
      boxes.push(box);
      write(context, point, box);
    }
  }
}

/** The peer under the pointer, or chosen: ringed, its name on a plate. */
export function drawPointedAt(
  context: CanvasRenderingContext2D,
  point: Point,
  picture: Picture,
  colors: { readonly text: string; readonly behindText: string },
): void {
  context.font = strong;
  const box = boxOf(context, point, picture);
  if (box !== undefined) plate(context, box, colors.behindText);
  disc(context, point, point.size + 3, colors.text);
  disc(context, point, point.size, point.color);
  context.fillStyle = colors.text;
  if (box !== undefined) write(context, point, box);
}

/** Below a point at the bottom, beside one at a side, above one at the top, and where there is no room beside it. */
function boxOf(context: CanvasRenderingContext2D, point: Point, picture: Picture): Box | undefined {
  const { x, y, size, label } = point;
  if (label === undefined || label === null || label === "") return undefined;
  const { middle, width } = picture;
  const distance = Math.hypot(x - middle.x, y - middle.y) || 1;
  const right = (x - middle.x) / distance;
  const down = (y - middle.y) / distance;
  const away = size + gap;
  const textWidth = context.measureText(label).width;
  const sideways = Math.max(-1, Math.min(1, 2 * right)); // soon quite beside, lest it cover the point
  const wanted = x + right * away - (textWidth * (1 - sideways)) / 2;
  const left = Math.max(margin, Math.min(wanted, width - textWidth - margin));
  const vertical = left === wanted ? down : down > 0 ? 1 : -1;
  const top = y + vertical * away - (textSize * (1 - vertical)) / 2;
  return { left, top, right: left + textWidth, bottom: top + textSize };
}

function write(context: CanvasRenderingContext2D, { label }: Point, { left, bottom }: Box): void {
  context.fillText(label ?? "", left, bottom - textSize / 6);
}

function plate(context: CanvasRenderingContext2D, { left, top, right, bottom }: Box, color: string): void {
  context.beginPath();
  const [width, height] = [right - left + 2 * margin, bottom - top + 2 * margin];
  context.roundRect(left - margin, top - margin, width, height, margin);
  context.fillStyle = color;
  context.fill();
}

function disc(context: CanvasRenderingContext2D, { x, y }: Point, radius: number, color: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
}

function overlap(a: Box, b: Box): boolean {
  const beside = a.left >= b.right + margin || b.left >= a.right + margin;
  const above = a.top >= b.bottom + margin || b.top >= a.bottom + margin;
  return !beside && !above;
}
