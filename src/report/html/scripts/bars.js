// Bars with their intervals and samples; the ladder.
// A row of bars(): { label, group, value, low, high, samples: [{ value, hover, aside }], mark, hover }. Groups have
// colours and names: [{ name, color }].
function rowsOfCases(cases) {
  return cases.map((c) => ({
                     label: marked(c),
                     group: kinds.findIndex((kind) => kind.is(c)),
                     value: c.summary.median_gib_per_second,
                     low: c.summary.ci95_low,
                     high: c.summary.ci95_high,
                     mark: doubt(c),
                     hover: () => caseTip(c),
                     get samples() {
                       return samplesOf(c);
                     }
                   }));
}

// Left of the bars; a narrow page has names above them.
const nameRoom = (look, rows) => look.narrow ? 6 : 14 + Math.min(240, widest(rows.map((row) => row.label)));
// Where bars begin at the edge of the page, the middle of the first label cannot be there.
const fromTheEdge = {
  alignMinLabel: 'left'
};
const rowHeight = (look) => look.narrow ? 40 : 26;
const barTop = (look) => look.narrow ? 4 : -8;

// From x coordinate to the point [x, y].
function whisker(look, from, [to, y]) {
  const line = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: look.text, lineWidth: 1}});
  return [line(from, y, to, y), line(from, y - 4, from, y + 4), line(to, y - 4, to, y + 4)];
}

function drawBar(look, color) {
  return (parameters, api) => {
    const [row, value, low, high] = [0, 1, 2, 3].map((dimension) => api.value(dimension));
    const left = parameters.coordSys.x;
    const [right, middle] = api.coord([value, row]);
    const top = middle + barTop(look);
    const [a, b] = [api.coord([low, row])[0], api.coord([high, row])[0]];
    return {
      type: 'group',
      children: [
        {
          type: 'rect',
          shape: {x: left, y: top, width: Math.max(1, right - left), height: 16},
          style: {fill: color, opacity: 0.45}
        },
        {type: 'line', shape: {x1: right, y1: top, x2: right, y2: top + 16}, style: {stroke: look.text, lineWidth: 2}},
        ...whisker(look, a, [b, top + 8]),
      ]
    };
  };
}

function drawSample(look, color, isDense) {
  return (parameters, api) => {
    const [x, middle] = api.coord([api.value(1), api.value(0)]);
    // Spread over the bar's height, so that samples of one speed are seen beside each other.
    const y = middle + barTop(look) + 3 + 10 * ((api.value(2) * 0.618034) % 1);
    return {
      type: 'circle',
      shape: {cx: x, cy: y, r: 2.75},
      style: isDense ?
          {fill: color, opacity: 0.3} :
          {fill: api.value(3) ? 'transparent' : color, stroke: api.value(3) ? color : look.background, lineWidth: 0.75}
    };
  };
}

// The figure as text, at the right end of its row; on a narrow page the name, above the bar.
function drawText(look, rows) {
  return (parameters, api) => {
    const row = rows[api.value(0)];
    const {x, width} = parameters.coordSys;
    const y = api.coord([row.value, api.value(0)])[1] + barTop(look);
    const text = (what, at, where, fill, most) => ({
      type: 'text',
      x: at,
      y: where,
      silent: true,
      style: {text: what, ...font, fill, verticalAlign: 'middle', ...(most ? {width: most, overflow: 'truncate'} : {})}
    });
    const figures = text(digits(row.value) + row.mark, x + width + 8, y + 8, look.text);
    return {
      type: 'group',
      children: look.narrow ? [figures, text(row.label, x, y - 9, look.text, width + 56)] : [figures]
    };
  };
}

// A dot for each sample of these rows: [{ row, index }].
function samplesSeries(look, rows, color, options) {
  return {
    type: 'custom',
    color,
    renderItem: drawSample(look, color, rows.some(({row}) => row.samples.length > 60)),
    encode: {x: 1, y: 0},
    data: rows.flatMap(
        ({row, index}) => row.samples.map(
            (sample, at) => ({value: [index, sample.value, at, sample.aside ? 1 : 0], hover: sample.hover}))),
    ...options
  };
}

// The bars of a group, and its samples.
function groupSeries(look, rows, {name, color}, group) {
  const mine = rows.map((row, index) => ({row, index})).filter(({row}) => row.group === group);
  if (!mine.length) return [];
  return [
    {
      type: 'custom',
      name,
      color,
      renderItem: drawBar(look, color),
      encode: {x: [1, 2, 3], y: 0},
      data: mine.map(({row, index}) => ({value: [index, row.value, row.low, row.high], hover: row.hover}))
    },
    samplesSeries(look, mine, color, {name, z: 3}),
  ];
}

function barsOption(look, rows, groups, unitName, logarithmic) {
  const shown = groups.filter((group, at) => rows.some((row) => row.group === at));
  const values = rows.flatMap((row) => [row.value, ...row.samples.map((sample) => sample.value)]);
  const text = {
    type: 'custom',
    renderItem: drawText(look, rows),
    data: rows.map((row, index) => [index]),
    encode: {y: 0},
    silent: true,
    z: 1
  };
  return frame(look, {
    legend: legend(look, {data: shown.map(({name}) => ({name, icon: 'rect'}))}),
    grid: {
      left: nameRoom(look, rows),
      right: look.narrow ? 64 : 80,
      top: 12 + 20 * legendRows(look, shown.map(({name}) => name)),
      bottom: 46
    },
    xAxis: valueAxis(look, unitName, values, logarithmic, {splitNumber: look.narrow ? 3 : 6, axisLabel: fromTheEdge}),
    yAxis: namesAxis(
        look, rows.map((row) => row.label),
        {inverse: true, axisLabel: {show: !look.narrow, width: 240, overflow: 'truncate'}}),
    tooltip: {formatter: (item) => item.data.hover?.() ?? ''},
    series: [...groups.flatMap((group, at) => groupSeries(look, rows, group, at)), text],
  });
}

function bars(title, aboutAll, all, groups, unitName) {
  const {some: rows, about} = headOf(all, mostRows, aboutAll);
  const values =
      rows.flatMap((row) => [row.value, ...row.samples.map((sample) => sample.value)]).filter((value) => value > 0);
  return {
    title,
    about,
    logarithmic: isWide(values),
    height: (look) => 58 + 20 * legendRows(look, groups(look).map(({name}) => name)) + rows.length * rowHeight(look),
    option: (look, chart) => barsOption(look, rows, groups(look), unitName, chart.logarithmic)
  };
}

const barsAbout = 'Bar: median of the samples. Whisker: its interval. Dot: a sample; hollow ones were set aside. ' +
    'On a logarithmic scale a bar’s end counts, not its length.';

function ladder(cases) {
  const speeds = cases.filter((c) => !takesTurns(c) && c.summary.median_gib_per_second > 0);
  if (!speeds.length) return [];
  const groups = (look) => kinds.map(({name, color}) => ({name, color: look.color(color)}));
  return [bars('Throughput', barsAbout, rowsOfCases(speeds), groups, 'GiB/s')];
}
