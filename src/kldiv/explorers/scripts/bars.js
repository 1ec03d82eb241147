/* Bars of two distributions to drag; entropy, cross-entropy, KL and the lengths of codewords. */
"use strict";
kldiv.explorers.bars = (element, options) => {
  const { Plot, Readout, layout, button, format, positive, svg, entropy, crossEntropy, klDivergence } = kldiv;
  const { words } = options, n = words.length;
  const state = { p: [...options.p], q: [...options.q] };
  element.state = state;
  const { plots, controls } = layout(element, {
    title: "Two distributions of words, and what the code made for one costs the other",
    advice: "Drag the bars of q until they match those of p: the divergence falls to zero. Then take " +
      "nearly everything from a word that p uses often. The other bars give way in proportion.",
    keys: "Tab to a bar; arrow keys raise and lower it, with Shift in large steps.",
  });

  const least = 0.001, most = 1 - least * (n - 1);
  const edges = words.map((_, i) => i);
  const panel = (name, what) => {
    const plot = new Plot(plots, {
      x: [-0.6, n - 0.4], y: [0, 1], height: 230, xlabel: what, ylabel: "probability", xticks: 0,
      label: `Probabilities ${name} of ${n} words`, draw: () => draw(),
    });
    const bars = words.map(() => svg("rect", { class: `bar ${name}` }, plot.marks));
    const labels = words.map(() => plot.note("tick")), lengths = words.map(() => plot.note("length"));
    const handles = words.map((word, i) => plot.handle({
      label: `${name} of ${word}`, cls: name, y: { range: [least, most], step: 0.01 },
      at: () => [i, state[name][i]],
      text: () => format(state[name][i], 3),
      moved: (_, y) => { state[name] = moved(state[name], i, y); draw(); },
    }));
    return { plot, bars, labels, lengths, handles };
  };
  const panels = { p: panel("p", "p: what is sent"), q: panel("q", "q: what the code was made for") };

  /* Sets one share; the others keep their proportions, but those that would fall below the least. */
  function moved(shares, i, share) {
    const result = shares.map((_, j) => (j === i ? share : least));
    let free = shares.map((_, j) => j).filter((j) => j !== i), room = 1 - share;
    while (free.length) {
      const factor = room / kldiv.sum(free.map((j) => shares[j]));
      const kept = free.filter((j) => shares[j] * factor >= least);
      if (kept.length === free.length) {
        for (const j of free) result[j] = shares[j] * factor;
        break;
      }
      room -= least * (free.length - kept.length);
      free = kept;
    }
    return result;
  }

  const row = kldiv.html("div", { class: "buttons" });
  controls.append(row);
  button(row, "Make q equal to p", () => { state.q = [...state.p]; draw(); });
  button(row, "Make both uniform", () => {
    state.p = words.map(() => 1 / n);
    state.q = [...state.p];
    draw();
  });
  button(row, "Start again", () => { state.p = [...options.p]; state.q = [...options.q]; draw(); });
  const readout = new Readout(controls, {
    entropy: "entropy H(p)", cross_entropy: "cross-entropy H(p, q)", kl_pq: "KL(p‖q)",
  });

  function draw() {
    for (const [name, { plot, bars, labels, lengths, handles }] of Object.entries(panels)) {
      for (const i of edges) {
        const share = state[name][i], left = plot.px(i - 0.35), top = plot.py(share);
        const size = { x: left, y: top, width: plot.px(i + 0.35) - left, height: plot.py(0) - top };
        for (const [key, value] of Object.entries(size)) bars[i].setAttribute(key, Math.max(0, value));
        labels[i](i, -17 / plot.inside.height, words[i]);
        // Above the handle, or below it where there is no room.
        lengths[i](i, share + (share > 0.85 ? -32 : 18) / plot.inside.height,
          `${positive(-Math.log2(share), 2)} bits`);
      }
      handles.forEach((place) => place());
    }
    const bits = (nats) => [nats / Math.LN2, `${positive(nats / Math.LN2, 3)} bits`];
    const costs = state.p.map((share, i) => share * Math.log2(share / state.q[i]));
    const worst = costs.indexOf(Math.max(...costs));
    readout.show({
      entropy: bits(entropy(state.p)), cross_entropy: bits(crossEntropy(state.p, state.q)),
      kl_pq: bits(klDivergence(state.p, state.q)),
    }, costs[worst] > 1e-12
      ? `Costliest word: ${words[worst]}. Its codeword is ` +
        `${positive(costs[worst] / state.p[worst], 2)} bits too long, which is ` +
        `${positive(costs[worst], 2)} bits a word on average.`
      : "No word costs more than it must: q is p.");
  }
  draw();
};
