// Stacked bars: profiles and prices.
const stripes = {
  symbol: 'rect',
  dashArrayX: [1, 0],
  dashArrayY: [2, 4],
  rotation: 0.6,
  color: 'rgba(0,0,0,0.45)'
};

// One part of every row.
function partSeries(look, rows, part, at, label) {
  return {
    type: 'bar',
    name: part.name,
    stack: 'all',
    barWidth: 16,
    color: part.color(look),
    itemStyle: {borderColor: look.background, borderWidth: 1, ...(part.decal ? {decal: stripes} : {})},
    label: {
      show: true,
      fontSize: 11,
      color: part.dark?.(look) ? '#ffffff' : '#111111',
      textBorderWidth: 0,
      formatter: (item) => label(item.value)
    },
    data: rows.map((row) => row.parts[at])
  };
}

// rows: [{ label, parts: [value], hover(part) }]; parts: [{ name, color(look), dark }]. A row whose sum is a measured
// figure has { low, high, samples } as those of bars().
function stackedBars(title, aboutAll, all, parts, unitName, labelOf, whole) {
  const {some: rows, about} = headOf(all, mostRows, aboutAll);
  const names = parts.map((part) => part.name);
  // Whiskers and dots stretch the axis, too; it is given its end, or it would round that up.
  const end = whole ??
      1.02 *
          most(rows.flatMap(
              (row) => [row.parts.reduce((sum, part) => sum + part, 0), row.high ?? 0, ...(row.samples ?? [
                                                                                       ]).map(({value}) => value)]));
  const widthOf = (look, value) => value / end * (look.width - nameRoom(look, rows) - 20);
  const textIn = (look, value) => widthOf(look, value) > 36 ? labelOf(value) : '';
  return {
    title,
    about,
    height: (look) => 58 + 20 * legendRows(look, names) + rows.length * rowHeight(look),
    option: (look) => frame(look, {
      legend: legend(look, {data: names}),
      grid: {left: nameRoom(look, rows), right: 20, top: 12 + 20 * legendRows(look, names), bottom: 46},
      xAxis: axis(
          look, unitName,
          {type: 'value', min: 0, max: end, axisLabel: {...fromTheEdge, showMaxLabel: whole ? null : false}}),
      yAxis: namesAxis(
          look, rows.map((row) => row.label),
          {inverse: true, axisLabel: {show: !look.narrow, width: 240, overflow: 'truncate'}}),
      tooltip: {formatter: (item) => (item.data.hover ?? rows[item.dataIndex]?.hover)?.(item.seriesIndex) ?? ''},
      series: [
        ...parts.map((part, at) => partSeries(look, rows, part, at, (value) => textIn(look, value))),
        ...(rows.some((row) => row.samples) ? sumSeries(look, rows) : []),
        ...(look.narrow ? [narrowLabels(look, rows)] : [])
      ]
    })
  };
}

// The interval of each row's sum, and its samples.
function sumSeries(look, rows) {
  const intervals = rows.flatMap(({low, high}, at) => known(low) && known(high) ? [[at, low, high]] : []);
  return [
    {
      type: 'custom',
      silent: true,
      z: 4,
      encode: {x: [1, 2], y: 0},
      data: intervals,
      renderItem: (parameters, api) => {
        const [row, low, high] = [0, 1, 2].map((dimension) => api.value(dimension));
        return {type: 'group', children: whisker(look, api.coord([low, row])[0], api.coord([high, row]))};
      }
    },
    samplesSeries(look, rows.map((row, index) => ({row, index})), look.text, {z: 3}),
  ];
}

function narrowLabels(look, rows) {
  return {
    type: 'custom',
    silent: true,
    encode: {y: 0},
    data: rows.map((row, at) => [at]),
    renderItem: (parameters, api) => ({
      type: 'text',
      x: parameters.coordSys.x,
      y: api.coord([0, api.value(0)])[1] - 15,
      silent: true,
      style: {
        text: rows[api.value(0)].label,
        ...font,
        fill: look.text,
        verticalAlign: 'middle',
        width: parameters.coordSys.width,
        overflow: 'truncate'
      }
    })
  };
}

const needsWhite = (at) => (look) => [0, 1, 2, 4, 5, 7].includes(at % 8) && look.series[0] === '#0072b2';

function profiles(cases) {
  const rows = [];
  const totals = new Map();
  for (const c of cases.filter((each) => each.profile)) {
    for (const end of ['writer', 'reader']) {
      const profile = c.profile[end];
      if (!profile.samples) continue;
      for (const {kind, share} of profile.work) totals.set(kind, (totals.get(kind) ?? 0) + share);
      rows.push({c, end, profile, label: `${c.name}, ${end}`});
    }
  }
  const names = [...totals].sort((a, b) => b[1] - a[1]).map(([kind]) => kind);
  if (!rows.length) return [];
  for (const row of rows) {
    row.parts = names.map((name) => 100 * (row.profile.work.find(({kind}) => kind === name)?.share ?? 0));
    row.hover = () =>
        tip(row.label,
            names.map((name, at) => [name, row.parts[at] ? `${row.parts[at].toFixed(1)} %` : '-'])
                .concat(row.profile.functions.slice(0, 8).map((f) => [f.name, `${(100 * f.self_share).toFixed(1)} %`])),
            row.profile.conclusion ? [row.profile.conclusion] : []);
  }
  const parts =
      names.map((name, at) => ({name, color: (look) => look.series[at % 8], decal: at >= 8, dark: needsWhite(at)}));
  return [stackedBars(
      'Where the time goes', 'Share of the samples of each end, by kind of work.', rows, parts,
      'percent of the end’s time', (value) => `${Math.round(value)} %`, 100)];
}

function prices(cases) {
  const rows = cases.filter((c) => takesTurns(c) && known(c.summary.turns_ns_per_page))
                   .map((c) => ({
                          label: marked(c) + doubt(c),
                          parts: [c.summary.writer_ns_per_page, c.summary.reader_ns_per_page],
                          low: c.summary.turns_ns_per_page_ci95_low,
                          high: c.summary.turns_ns_per_page_ci95_high,
                          get samples() {
                            return samplesOf(c);
                          },
                          hover: () => caseTip(c)
                        }));
  if (!rows.length) return [];
  const parts = ['writer', 'reader'].map(
      (name, at) => ({name, color: (look) => look.ends[at], dark: (look) => at === 0 && look.ends[0] === '#0072b2'}));
  return [stackedBars(
      'What each call costs',
      'Both ends take turns in one thread and never wait. Medians over turns. Whisker: the interval of the sum. Dot: the ' +
          'sum of a sample; hollow ones were set aside.',
      rows, parts, 'ns per 4 KiB', digits)];
}
