"use strict";
// The chart of activation calls by outcome. Its numbers also stand in the
// table beside it, for those who don't see it.
(() => {
  const place = document.querySelector("[data-chart]");
  if (!place) return;
  const { days, series } = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  // A canvas knows no custom properties and no light-dark(): an element that
  // has the colour says what it is now.
  const probe = place.appendChild(document.createElement("i"));
  const colour = name => { probe.style.color = "var(" + name + ")"; return getComputedStyle(probe).color; };
  const options = width => ({
    width, height: 240, legend: { live: false },
    scales: { y: { range: (u, min, max) => [0, Math.max(4, max)] } },
    axes: [
      { stroke: colour("--soft"), grid: { show: false } },
      { stroke: colour("--soft"), grid: { stroke: colour("--edge") }, incrs: [1, 2, 5, 10, 20, 50, 100, 1000] },
    ],
    series: [{ value: "{YYYY}-{MM}-{DD}" }, ...series.map(s => ({
      label: s.label, stroke: colour(s.colour), fill: colour(s.colour), width: 1, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.7, 40] }),
    }))],
  });
  // Bars stand on one another: each series is drawn with those below it added.
  const stacked = series.map((s, i) => s.values.map((_, day) => series.slice(i).reduce((sum, t) => sum + t.values[day], 0)));
  let chart;
  function draw() {
    chart?.destroy();
    chart = new uPlot(options(place.clientWidth), [days, ...stacked], place);
  }
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 240 })).observe(place);
})();
