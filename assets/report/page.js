// Draws the curves of a report. Runs in the browser; the page that holds it has uPlot and the data.
(() => {
  const curves = JSON.parse(document.getElementById('curves').textContent);
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue('--ink').trim();
  const grid = style.getPropertyValue('--grid').trim();
  const colours = ['#2f7ed8', '#d9542b', '#3a9a4a', '#8a56c2', '#b8860b', '#c2378a'];

  const steps = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const short = (value) => {
    if (value === null || value === undefined) return '';
    const [factor, prefix] = steps.find(([factor]) => Math.abs(value) >= factor) ?? [1, ''];
    return Number((value / factor).toPrecision(4)) + prefix;
  };
  const axis = ({ label, scale }) => ({
    label,
    labelSize: 18,
    labelFont: '12px system-ui',
    font: '11px system-ui',
    stroke: ink,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    size: 50,
    values: (_, values) => values.map(short),
    // Of a logarithmic scale the powers of ten are enough.
    ...(scale === 'log' && {
      filter: (_, values) => values.map((value) => (Math.abs(Math.log10(value) % 1) < 1e-6 ? value : null)),
    }),
  });
  const paths = { steps: uPlot.paths.stepped({ align: 1 }), bars: uPlot.paths.bars({ size: [0.9, 40, 1] }) };

  curves.forEach((curve, k) => {
    const figure = document.getElementById(`plot-${k}`);
    const width = () => Math.max(240, figure.clientWidth);
    const options = {
      width: width(),
      height: 220,
      scales: {
        x: { time: false, distr: curve.x.scale === 'log' ? 3 : 1 },
        y: {
          distr: curve.y.scale === 'log' ? 3 : 1,
          ...(curve.y.scale !== 'log' && { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] }),
        },
      },
      axes: [axis(curve.x), axis(curve.y)],
      series: [
        { label: curve.x.label, value: (_, value) => short(value) },
        ...curve.lines.map(({ label }, n) => ({
          label,
          value: (_, value) => short(value),
          stroke: colours[n % colours.length],
          width: 1.5,
          // Points where they stand alone or are few: uPlot knows when. Never on stairs and columns.
          ...(curve.shape && curve.shape !== 'line' && { points: { show: false } }),
          ...(curve.shape === 'bars' && { fill: colours[n % colours.length] }),
          ...(paths[curve.shape] && { paths: paths[curve.shape] }),
        })),
      ],
    };
    const plot = new uPlot(options, [curve.x.values, ...curve.lines.map(({ values }) => values)], figure);
    new ResizeObserver(() => {
      if (plot.width !== width()) plot.setSize({ width: width(), height: 220 });
    }).observe(figure);
  });
  document.documentElement.dataset.drawn = String(curves.length);
})();
