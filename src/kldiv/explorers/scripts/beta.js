/* The β sweep: its rate–distortion curve, and what the model of each β makes of images and noise. */
"use strict";
kldiv.explorers.beta = (element, options) => {
  const { Plot, Readout, layout, slider, html, svg, positive } = kldiv;
  const { models, columns, side } = kldiv.data.beta_models;
  const state = { model: models.findIndex(({ beta }) => beta === options.beta) };
  element.state = state;
  const { plots, controls } = layout(element, {
    title: "Rate, distortion and pictures of the models of the β sweep",
    advice: "Start with the smallest β, which makes precise codes nearly free, and raise it. What " +
      "becomes of the copies, what of the new pictures, and where would you stop?",
    keys: "Tab to the slider; arrow keys go from one β to the next.",
  });

  const rates = models.map(({ rate }) => rate), distortions = models.map(({ distortion }) => distortion);
  const round = (value, by, up) => by * (up ? Math.ceil(value / by) : Math.floor(value / by));
  const plot = new Plot(plots, {
    x: [0, round(Math.max(...rates) + 0.3, 1, true)],
    y: [round(Math.min(...distortions) - 2, 10, false), round(Math.max(...distortions) + 2, 10, true)],
    xlabel: "rate: KL (nats an image)", ylabel: "distortion (nats an image)", height: 270,
    label: "Rate and distortion of the models", draw: () => draw(),
  });
  const curve = plot.path("line p");
  const dots = models.map(() => svg("circle", { r: 3.5, class: "point" }, plot.marks));
  const here = svg("circle", { r: 8, class: "here" }, plot.marks), name = plot.note("name");

  const sheet = html("div", { class: "plot sheet" });
  const rows = ["test images", "copies", "new pictures"].map((words) => {
    const canvas = html("canvas", { width: columns * side, height: side, role: "img" });
    sheet.append(html("div", { class: "sheet-row" }, html("span", { "aria-hidden": "true" }, words), canvas));
    return { words, canvas };
  });
  plots.append(sheet);
  const images = models.map(({ sheet: source }) => {
    const image = new Image();
    image.onload = () => draw();
    image.src = source;
    return image;
  });

  slider(controls, {
    label: "β, the weight of the KL term", min: 0, max: models.length - 1, step: 1, value: state.model,
    show: (i) => String(models[i].beta), changed: (i) => { state.model = i; draw(); },
  });
  const readout = new Readout(controls, {
    rate: "rate (KL)", distortion: "distortion", negative_elbo: "−ELBO", nll: "−log p(x)",
    holes: "draws that land in holes", neighbours: "neighbours right",
  }, []);

  function draw() {
    const model = models[state.model], silent = model.rate < 0.01;
    plot.line(curve, rates, distortions);
    models.forEach(({ rate, distortion }, i) => {
      dots[i].setAttribute("cx", plot.px(rate));
      dots[i].setAttribute("cy", plot.py(distortion));
    });
    here.setAttribute("cx", plot.px(model.rate));
    here.setAttribute("cy", plot.py(model.distortion));
    plot.name([[name, `β = ${model.beta}`, plot.around(model.rate, model.distortion,
      [38, 6], [38, 14], [0, 16], [-40, 14], [38, -4])]], [[model.rate, model.distortion]]);
    rows.forEach(({ words, canvas }, row) => {
      const alike = row === 1 && silent ? ", all alike" : "";
      canvas.setAttribute("aria-label", `${columns} ${words}${alike}${row ? `, β = ${model.beta}` : ""}`);
      if (images[state.model].complete) {
        canvas.getContext("2d").drawImage(images[state.model], 0, row * side, columns * side, side,
          0, 0, columns * side, side);
      }
    });
    const nats = (value) => [value, `${positive(value, 1)} nats`];
    const share = (value) => [value, `${positive(100 * value, 0)} %`];
    const above = model.distortion - Math.min(...distortions);
    readout.show({
      rate: nats(model.rate), distortion: nats(model.distortion),
      negative_elbo: nats(model.negative_elbo), nll: nats(model.nll),
      holes: share(model.holes), neighbours: share(model.neighbours),
    }, `At β = ${model.beta} the rate is ${nats(model.rate)[1]} and the distortion ` +
      `${nats(model.distortion)[1]} an image, ` +
      (above ? `${nats(above)[1]} above the least of the sweep` : "the least of the sweep") +
      (silent ? ". The code says next to nothing: all copies are the same picture." : "."));
  }
  draw();
};
