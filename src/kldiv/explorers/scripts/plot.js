/* What the live figures are drawn with: SVG that takes its colours from the style sheet, and
   controls that work with mouse, finger and keyboard alike. */
"use strict";
(() => {
  const kldiv = (window.kldiv ??= { explorers: {}, data: {} });
  const SVG = "http://www.w3.org/2000/svg";

  /* --- Elements ------------------------------------------------------------------------------ */

  function html(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function svg(tag, attributes = {}, parent = null) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent?.append(element);
    return element;
  }

  const clamp = (value, [low, high]) => Math.min(high, Math.max(low, value));

  /* A number as the book writes it: a proper minus, and infinity in words. */
  function format(value, digits = 3) {
    if (Number.isNaN(value)) return "undefined";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const text = Math.abs(value).toFixed(digits);
    return (value < 0 && Number(text) !== 0 ? "−" : "") + text;
  }

  /* A number that is never negative: one that these digits would round to 0 keeps two of its own. */
  function positive(value, digits = 3) {
    if (!(value > 1e-12) || value >= Math.max(0.001, 0.5 * 10 ** -digits)) return format(value, digits);
    if (value >= 0.001) return value.toPrecision(2);
    const [factor, power] = value.toExponential(1).split("e-");
    return `${factor} × 10⁻${[...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
  }

  /* --- A plot: axes and what is drawn between them ------------------------------------------- */

  /* Round steps, about `wanted` of them, between two numbers. */
  function ticks([low, high], wanted) {
    if (!wanted) return { values: [], digits: 0 };
    const rough = (high - low) / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
    const found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(i * step);
    return { values: found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  class Plot {
    /* options: x, y: [low, high]; xlabel, ylabel; height in pixels; square: the same scale for both
       axes; label: what a screen reader says of it; draw: called after each change of size. */
    constructor(parent, options) {
      const { draw, ...rest } = options;
      Object.assign(this, { height: 240, xticks: 6, yticks: 4 }, rest);
      this.box = html("div", { class: "plot" });
      parent.append(this.box);
      this.svg = svg("svg", { role: "img", "aria-label": this.label }); // a group, once it has handles
      this.drawn = new Map(); // the pixels of each line
      this.box.append(this.svg);
      const id = `explorer-clip-${kldiv.number()}`;
      this.clip = svg("rect", {}, svg("clipPath", { id }, svg("defs", {}, this.svg)));
      this.frame = svg("g", { class: "axes", "aria-hidden": "true" }, this.svg);
      this.marks = svg("g", { "clip-path": `url(#${id})`, "aria-hidden": "true" }, this.svg);
      this.notes = svg("g", { class: "notes", "aria-hidden": "true" }, this.svg);
      this.handles = svg("g", {}, this.svg);
      this.resize();
      this.draw = draw; // from now on: the figure draws itself once all its parts are there
      new ResizeObserver(() => this.resize()).observe(this.box);
    }

    resize() {
      const width = Math.max(160, this.box.clientWidth || 320);
      if (width === this.width) return;
      this.width = width;
      this.margin = { left: this.ylabel === undefined ? 12 : 56, right: 12, top: 12, bottom: 40 };
      const inside = width - this.margin.left - this.margin.right;
      if (this.square) {
        const ratio = (this.y[1] - this.y[0]) / (this.x[1] - this.x[0]);
        this.height = Math.round(inside * ratio) + this.margin.top + this.margin.bottom;
      }
      this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
      this.svg.setAttribute("width", width);
      this.svg.setAttribute("height", this.height);
      const { left, top } = this.margin;
      const size = { x: left, y: top, width: inside, height: this.height - top - this.margin.bottom };
      for (const [name, value] of Object.entries(size)) this.clip.setAttribute(name, value);
      this.inside = size;
      this.drawAxes();
      this.draw?.();
    }

    /* From units to pixels, and back. */
    px(x) { return this.inside.x + (x - this.x[0]) / (this.x[1] - this.x[0]) * this.inside.width; }
    py(y) { return this.inside.y + (this.y[1] - y) / (this.y[1] - this.y[0]) * this.inside.height; }
    ux(px) { return this.x[0] + (px - this.inside.x) / this.inside.width * (this.x[1] - this.x[0]); }
    uy(py) { return this.y[1] - (py - this.inside.y) / this.inside.height * (this.y[1] - this.y[0]); }

    drawAxes() {
      this.frame.replaceChildren();
      const { x, y, width, height } = this.inside;
      const bottom = y + height;
      svg("path", { d: `M${x},${bottom}H${x + width}`, class: "axis" }, this.frame);
      const across = ticks(this.x, width < 300 ? Math.min(4, this.xticks) : this.xticks);
      for (const value of across.values) {
        svg("path", { d: `M${this.px(value)},${bottom}v4`, class: "axis" }, this.frame);
        this.write(this.px(value), bottom + 17, format(value, across.digits), "tick", "middle");
      }
      this.write(x + width / 2, bottom + 35, this.xlabel ?? "", "label", "middle");
      if (this.ylabel === undefined) return;
      svg("path", { d: `M${x},${y}V${bottom}`, class: "axis" }, this.frame);
      const up = ticks(this.y, this.yticks);
      for (const value of up.values) {
        svg("path", { d: `M${x},${this.py(value)}h-4`, class: "axis" }, this.frame);
        this.write(x - 7, this.py(value) + 4, format(value, up.digits), "tick", "end");
      }
      const label = this.write(0, 0, this.ylabel, "label", "middle");
      label.setAttribute("transform", `translate(12 ${y + height / 2}) rotate(-90)`);
    }

    write(x, y, text, cls, anchor) {
      const element = svg("text", { x, y, class: cls, "text-anchor": anchor }, this.frame);
      element.textContent = text;
      return element;
    }

    path(cls) { return svg("path", { class: cls }, this.marks); }

    line(path, xs, ys) {
      const points = Array.from(xs, (x, i) => [this.px(x), this.py(ys[i])]);
      this.drawn.set(path, points);
      path.setAttribute("d", "M" + points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join("L"));
    }

    /* The area between a curve and zero, where `keep` holds. */
    area(path, xs, ys, keep = () => true) {
      const zero = this.py(0).toFixed(2);
      let d = "", open = false;
      for (let i = 0; i < xs.length; i++) {
        const at = this.px(xs[i]).toFixed(2);
        if (keep(ys[i])) {
          d += `${open ? "" : `M${at},${zero}`}L${at},${this.py(ys[i]).toFixed(2)}`;
          open = true;
        } else if (open) {
          d += `L${at},${zero}Z`;
          open = false;
        }
      }
      if (open) d += `L${this.px(xs[xs.length - 1]).toFixed(2)},${zero}Z`;
      path.setAttribute("d", d);
    }

    note(cls, anchor = "middle") {
      const text = svg("text", { class: cls, "text-anchor": anchor }, this.notes);
      return (x, y, words) => {
        text.setAttribute("x", this.px(x));
        text.setAttribute("y", this.py(y));
        text.textContent = words;
      };
    }

    /* Places in pixels around a point, each given by how far to the right and up. */
    around(x, y, ...offsets) {
      return offsets.map(([right, up]) => [this.px(x) + right, this.py(y) - up]);
    }

    /* Names of lines, each at the first of its places where it covers least: of the lines, of the
       dots, which are [x, y], and of the names before it. names: [note, words, places] each. */
    name(names, dots = []) {
      const taken = dots.map(([x, y]) => [this.px(x) - 8, this.py(y) - 8, this.px(x) + 8, this.py(y) + 8]);
      for (const [note, words, places] of names) {
        const half = 4 * words.length;
        const boxes = places.map(([x, y]) => [x - half, y - 11, x + half, y + 3]);
        const costs = boxes.map((box) => this.covered(box, taken));
        const best = costs.indexOf(Math.min(...costs));
        note(this.ux(places[best][0]), this.uy(places[best][1]), words);
        taken.push(boxes[best]);
      }
    }

    /* Names of two curves beside their tops, rather where these face away from each other.
       marks, tops: a note, and [x, y], for each of p and q. */
    nameTops(marks, tops) {
      this.name(["p", "q"].map((name) => {
        const out = (name === "p") === (tops.p[0] <= tops.q[0]) ? 1 : -1;
        const places = [[-16, 2], [16, 2], [0, 14], [-26, -8], [26, -8], [-40, -4], [40, -4]];
        return [marks[name], name, this.around(...tops[name], ...places.map(([right, up]) => [out * right, up]))];
      }), [tops.p, tops.q]);
    }

    covered([left, top, right, bottom], taken) {
      const { x, y, width, height } = this.inside;
      const meets = (box) => box[0] < right && left < box[2] && box[1] < bottom && top < box[3];
      let cost = left < x || right > x + width || top < y - 6 || bottom > y + height ? 1000 : 0;
      cost += 100 * taken.filter(meets).length;
      for (const points of this.drawn.values()) {
        for (let i = 1; i < points.length; i++) {
          const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
          if (Math.max(x0, x1) < left || Math.min(x0, x1) > right) continue;
          if (Math.max(y0, y1) >= top && Math.min(y0, y1) <= bottom) cost++;
        }
      }
      return cost;
    }

    /* A point to drag: with the pointer, or with the arrow keys once it has the focus.
       options: label; cls; x, y: {range, step} where it can move that way; text(): what is said of
       its place; at(): its place; moved(x, y); keys: what the arrow keys do, if there are two
       directions; double: there is a range input for the same number, so that the keyboard and
       screen readers need only that one. */
    handle({ label, cls, x, y, text, at, moved, keys, double = false }) {
      const main = x ?? y;
      const group = svg("g", { class: `handle ${cls}`, ...(double ? { "aria-hidden": "true" } : {
        role: "slider", tabindex: "0", "aria-label": label, ...(keys && { "aria-description": keys }),
        "aria-orientation": x ? "horizontal" : "vertical",
      }) }, this.handles);
      if (!double) this.svg.setAttribute("role", "group");
      svg("circle", { class: "reach", r: 22 }, group);
      svg("circle", { class: "ring", r: 13 }, group);
      svg("circle", { class: "dot", r: 7 }, group);
      const set = (newX, newY) => moved(
        x ? clamp(newX, x.range) : at()[0], y ? clamp(newY, y.range) : at()[1]);
      let offset = null;
      group.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || event.ctrlKey) return; // which open a menu
        const [pointerX, pointerY] = this.place(event);
        offset = [this.px(at()[0]) - pointerX, this.py(at()[1]) - pointerY];
        group.setPointerCapture(event.pointerId);
        event.preventDefault();
        if (!double) group.focus({ preventScroll: true });
      });
      group.addEventListener("pointermove", (event) => {
        if (!event.buttons) offset = null; // let go where nobody saw it
        if (offset === null) return;
        const [pointerX, pointerY] = this.place(event);
        set(this.ux(pointerX + offset[0]), this.uy(pointerY + offset[1]));
      });
      for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
        group.addEventListener(end, () => { offset = null; });
      }
      group.addEventListener("keydown", (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return; // the browser's own
        const many = event.shiftKey ? 10 : 1;
        const [atX, atY] = at();
        // One direction only: every arrow works, as on a slider.
        const right = x ? x.step * many : 0, up = y ? y.step * many : 0;
        const steps = {
          ArrowRight: [right, x ? 0 : up], ArrowLeft: [-right, x ? 0 : -up],
          ArrowUp: [y ? 0 : right, up], ArrowDown: [y ? 0 : -right, -up],
          PageUp: [y ? 0 : 10 * right, 10 * up], PageDown: [y ? 0 : -10 * right, -10 * up],
        };
        const step = steps[event.key], end = { Home: 0, End: 1 }[event.key];
        if (!step && end === undefined) return;
        event.preventDefault();
        if (!step) { // an end of the range need not be a round number
          set(x ? x.range[end] : atX, x ? atY : y.range[end]);
          return;
        }
        // Steps from a place that was dragged to end on round numbers.
        const snap = (value, axis) => axis && Math.round(value / axis.step) * axis.step;
        set(step[0] ? snap(atX + step[0], x) : atX, step[1] ? snap(atY + step[1], y) : atY);
      });
      return () => {
        const [atX, atY] = at();
        group.setAttribute("transform", `translate(${this.px(atX)} ${this.py(atY)})`);
        if (double) return;
        group.setAttribute("aria-valuemin", main.range[0]); // which may change, with the axes
        group.setAttribute("aria-valuemax", main.range[1]);
        group.setAttribute("aria-valuenow", Number((x ? atX : atY).toFixed(4)));
        group.setAttribute("aria-valuetext", text());
      };
    }

    place(event) {
      const box = this.svg.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }
  }

  /* --- Controls and numbers ------------------------------------------------------------------ */

  /* A labelled slider. options: label, min, max, step, value, show(value), changed(value). */
  function slider(parent, { label, min, max, step, value, show = String, changed, cls = "" }) {
    const id = `explorer-input-${kldiv.number()}`;
    const input = html("input", { type: "range", id, min, max, step });
    const output = html("output", { for: id, "aria-live": "off" }); // the slider itself is read out
    parent.append(html("div", { class: `control ${cls}` },
      html("label", { for: id }, label), input, output));
    const set = (newValue) => {
      input.value = newValue;
      output.textContent = show(newValue);
      input.setAttribute("aria-valuetext", show(newValue));
    };
    input.addEventListener("input", () => { set(Number(input.value)); changed(Number(input.value)); });
    set(value);
    return set;
  }

  /* One choice of several. options: label, choices: [value, words] each, value, changed(value). */
  function choice(parent, { label, choices, value, changed }) {
    const name = `explorer-choice-${kldiv.number()}`;
    const group = html("fieldset", { class: "choice" }, html("legend", {}, label));
    for (const [key, words] of choices) {
      const input = html("input", { type: "radio", name, value: key });
      input.checked = key === value;
      input.addEventListener("change", () => changed(key));
      group.append(html("label", {}, input, html("span", {}, words)));
    }
    parent.append(group);
    return group;
  }

  function button(parent, words, pressed) {
    const element = html("button", { type: "button" }, words);
    element.addEventListener("click", pressed);
    parent.append(element);
    return element;
  }

  /* Numbers with their names, and a sentence for what the picture shows and they do not. Their
     digits are in data-value too. A screen reader is told what has changed once the reader's hand
     rests: the sentence, and the numbers whose keys are in `told`. */
  class Readout {
    constructor(parent, names, told = Object.keys(names)) {
      this.list = html("dl", { class: "readout" });
      this.sentence = html("p", { class: "sentence" });
      this.status = html("p", { class: "explorer-said", role: "status" });
      this.places = {};
      for (const [key, words] of Object.entries(names)) {
        const value = html("dd", { "data-number": key });
        this.places[key] = { words, value };
        this.list.append(html("div", {}, html("dt", {}, words), value));
      }
      parent.append(this.list, this.sentence, this.status);
      this.told = told.map((key) => this.places[key]);
      this.now = [];
      this.before = []; // what has been told, or stood there at the start
    }

    /* values: {key: [number, text]} */
    show(values, sentence = this.sentence.textContent) {
      for (const [key, [number, text]] of Object.entries(values)) {
        const { value } = this.places[key];
        value.textContent = text;
        value.dataset.value = number;
      }
      this.sentence.textContent = sentence;
      const now = this.told.map(({ words, value }) => value.textContent && `${words}: ${value.textContent}`);
      now.push(sentence);
      if (now.every((text, i) => text === this.now[i])) return;
      this.now = now;
      now.forEach((text, i) => { this.before[i] ||= text; });
      this.status.textContent = ""; // what it says is no longer so
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.status.textContent = now.filter((text, i) => text !== this.before[i]).join("; ");
        this.before = now;
      }, 700);
    }
  }

  /* The parts of every live figure, in reading order. Returns where each goes. The title is the
     figure's name where it has no caption; keys: how to move it without a pointer. */
  function layout(element, { title, advice, keys }) {
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", title);
    const advised = html("p", { class: "try" }, html("strong", {}, "Try it. "), advice);
    const plots = html("div", { class: "plots" });
    const help = html("p", { class: "keys" }, `With the keyboard: ${keys}`);
    const controls = html("div", { class: "controls" });
    // In JupyterLab these keys would move to another cell.
    controls.addEventListener("keydown", (event) => {
      if (/^(Arrow|Page|Home$|End$)/.test(event.key)) event.stopPropagation();
    });
    element.replaceChildren(advised, plots, help, controls);
    return { plots, controls };
  }

  Object.assign(kldiv, {
    html, svg, clamp, format, positive, Plot, Readout, slider, choice, button, layout,
  });
})();
