/* Two points in a plane and their distance; two bell curves and their divergences. */
"use strict";
kldiv.explorers.two_points = (element, options) => {
  const { Plot, Readout, layout, format, klNormal, normal } = kldiv;
  const state = structuredClone(options);
  element.state = state;
  const { plots, controls } = layout(element,
    "Drag A and B, then the tops of the two curves: sideways moves a curve, up and down makes it " +
    "narrow or wide. Can you keep the distance of the means and change the divergence?");

  const plane = new Plot(plots, {
    x: [-1, 6], y: [-1, 6], square: true, xlabel: "first coordinate (units)",
    ylabel: "second coordinate (units)", label: "A plane with two points, A and B",
    draw: () => drawPoints(),
  });
  const segment = plane.path("rule"), names = { a: plane.note("p name"), b: plane.note("q name") };
  const coordinate = { range: [-1, 6], step: 0.1 };
  const points = ["a", "b"].map((name) => plane.handle({
    label: `Point ${name.toUpperCase()}`, cls: name === "a" ? "p" : "q", x: coordinate, y: coordinate,
    at: () => state[name],
    text: () => state[name].map((value) => format(value, 1)).join(", "),
    moved: (x, y) => { state[name] = [x, y]; drawPoints(); },
  }));

  const stds = [0.2, 3];
  const peak = (std) => normal(0, 0, std);
  const curves = new Plot(plots, {
    x: [-6, 7], y: [0, 2.1], height: 300, xlabel: "x", ylabel: "density",
    label: "Two bell curves, p and q", draw: () => drawCurves(),
  });
  const lines = { p: curves.path("line p"), q: curves.path("line q") };
  const marks = { p: curves.note("p name"), q: curves.note("q name") };
  const tops = ["p", "q"].map((name) => curves.handle({
    label: `Top of the curve ${name}`, cls: name, x: { range: [-3, 4], step: 0.1 },
    y: { range: [peak(stds[1]), peak(stds[0])], step: 0.05 },
    at: () => [state[name][0], peak(state[name][1])],
    text: () => `mean ${format(state[name][0], 2)}, standard deviation ${format(state[name][1], 2)}`,
    moved: (x, y) => { state[name] = [x, peak(1) / y]; drawCurves(); },
  }));

  const readout = new Readout(controls, {
    distance: "distance of A and B", means: "distance of the means",
    kl_pq: "KL(p‖q)", kl_qp: "KL(q‖p)",
  });

  function drawPoints() {
    const { a, b } = state;
    plane.line(segment, [a[0], b[0]], [a[1], b[1]]);
    names.a(a[0] + 0.25, a[1] + 0.35, "A");
    names.b(b[0] + 0.25, b[1] + 0.35, "B");
    points.forEach((place) => place());
    const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
    readout.show({ distance: [distance, `${format(distance, 2)} units`] });
  }

  function drawCurves() {
    const { p, q } = state;
    const x = Array.from({ length: 400 }, (_, i) => -6 + 13 * i / 399);
    for (const [name, [mean, std]] of [["p", p], ["q", q]]) {
      // Its own top is among the points, however narrow the curve.
      const xs = [...x, mean].sort((first, second) => first - second);
      curves.line(lines[name], xs, xs.map((value) => normal(value, mean, std)));
      const outside = (name === "p") === (p[0] <= q[0]) ? -1 : 1; // beside it, away from the other
      marks[name](mean + 0.6 * outside, Math.min(peak(std) + 0.03, 2.02), name);
    }
    tops.forEach((place) => place());
    const means = Math.abs(p[0] - q[0]), forward = klNormal(...p, ...q), reverse = klNormal(...q, ...p);
    readout.show({
      means: [means, `${format(means, 2)} units`],
      kl_pq: [forward, `${format(forward, 3)} nats`], kl_qp: [reverse, `${format(reverse, 3)} nats`],
    });
  }
  drawPoints();
  drawCurves();
};
