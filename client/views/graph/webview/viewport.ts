interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How far in and out, as factors of the whole. */
const CLOSEST = 0.02;
const FARTHEST = 4;

/** Units of the drawing in a pixel: at more, its names can not be read. */
const READABLE = 1.5;

/** The part of a drawing that is seen. Zooming and panning change the view box and nothing else. */
export class Viewport {
  readonly #whole: Box;
  #seen: Box;

  /** @param subject what is in the middle where not all of it can be shown and read */
  constructor(
    private readonly svg: SVGSVGElement,
    subject: SVGGraphicsElement | undefined,
  ) {
    const { x, y, width, height } = svg.viewBox.baseVal;
    this.#whole = { x, y, width, height };
    this.#seen = { ...this.#whole };
    this.fit();
    if (this.#seen.width > READABLE * svg.clientWidth) {
      this.#showReadable(subject);
    }
  }

  /** The beginning of a large drawing, or what it is about. */
  #showReadable(subject: SVGGraphicsElement | undefined): void {
    const [width, height] = [READABLE * this.svg.clientWidth, READABLE * this.svg.clientHeight];
    const { x, y, width: all } = this.#whole;
    const matrix = subject?.transform.baseVal.consolidate()?.matrix;
    const box = subject?.getBBox();
    this.#show(
      matrix === undefined || box === undefined
        ? { x: x + Math.min(0, (all - width) / 2), y, width, height }
        : {
            x: matrix.e + (box.width - width) / 2,
            y: matrix.f + (box.height - height) / 2,
            width,
            height,
          },
    );
  }

  /** Shows all of it; a small drawing in its own size. */
  fit(): void {
    const { clientWidth, clientHeight } = this.svg;
    const { width, height } = this.#whole;
    const scale = Math.max(width / clientWidth, height / clientHeight, 0.8);
    this.#show({
      x: this.#whole.x + (width - clientWidth * scale) / 2,
      y: this.#whole.y + (height - clientHeight * scale) / 2,
      width: clientWidth * scale,
      height: clientHeight * scale,
    });
  }

  /** @param factor below 1 comes closer @param at a point of the window that keeps its place */
  zoom(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const width = this.#seen.width * factor;
    const share = width / this.#whole.width;
    if (share < CLOSEST || (share > FARTHEST && factor > 1)) {
      return;
    }
    const frame = this.svg.getBoundingClientRect();
    const [px, py] =
      at === undefined ? [0.5, 0.5] : [(at.x - frame.left) / frame.width, (at.y - frame.top) / frame.height];
    this.#show({
      x: this.#seen.x + this.#seen.width * px * (1 - factor),
      y: this.#seen.y + this.#seen.height * py * (1 - factor),
      width,
      height: this.#seen.height * factor,
    });
  }

  /** By pixels of the window. */
  pan(dx: number, dy: number): void {
    const scale = this.#seen.width / this.svg.clientWidth;
    this.#show({ ...this.#seen, x: this.#seen.x + dx * scale, y: this.#seen.y + dy * scale });
  }

  /** Moves so that an element is in sight. */
  reveal(element: Element): void {
    const frame = this.svg.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const off = (start: number, end: number, from: number, to: number): number =>
      start < from ? start - from : end > to ? end - to : 0;
    const margin = 24;
    this.pan(
      off(box.left, box.right, frame.left + margin, frame.right - margin),
      off(box.top, box.bottom, frame.top + margin, frame.bottom - margin),
    );
  }

  /** The window has another size: the scale and the middle stay. */
  resize(): void {
    const { clientWidth, clientHeight } = this.svg;
    if (clientWidth > 0 && clientHeight > 0) {
      const height = (this.#seen.width * clientHeight) / clientWidth;
      this.#show({ ...this.#seen, y: this.#seen.y + (this.#seen.height - height) / 2, height });
    }
  }

  #show(box: Box): void {
    this.#seen = box;
    this.svg.setAttribute('viewBox', `${box.x} ${box.y} ${box.width} ${box.height}`);
  }
}
