/** The middle of a view and its width, in the canvas's own pixels. */
type View = readonly [x: number, y: number, width: number]

/**
 * The part of d3-interpolate that the canvas asks for: from one view to another, the width by an even factor and the middle in a straight line.
 * With the middle at rest, as when a double click zooms, it is d3's `interpolateZoom`; a flight in an arc between distant places is left out.
 */
export function interpolateZoom([x, y, width]: View, [toX, toY, toWidth]: View): (at: number) => View {
  return (at) => [x + (toX - x) * at, y + (toY - y) * at, width * (toWidth / width) ** at]
}

export { interpolateZoom as interpolate }
