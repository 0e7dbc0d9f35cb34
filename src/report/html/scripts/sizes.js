// Lines; sizes of buffers and pipes.
const symbols = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond'];
const dashes = ['solid', 'dashed', 'dotted'];

function whiskers(look, color, points) {
  return {
    type: 'custom',
    silent: true,
    encode: {x: 0, y: [1, 2]},
    data: points.map(({x, low, high}) => [x, low, high]),
    renderItem: (parameters, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]), high = api.coord([api.value(0), api.value(2)])[1];
      const line = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: color, lineWidth: 1}});
      return {
        type: 'group',
        children: [line(x, low, x, high), line(x - 3, low, x + 3, low), line(x - 3, high, x + 3, high)]
      };
    }
  };
}

// lines: [{ name, points: [{ x (index), value, low, high, hover }] }]
function linesChart(title, aboutAll, labels, all, xName, unitName) {
  const {some, about} = headOf(all, mostLines, aboutAll);
  // The chart knows lines by their names.
  const names = numbered(some.map((line) => line.name));
  const lines = some.map((line, at) => ({...line, name: names[at]}));
  const values = lines.flatMap((line) => line.points.flatMap((point) => [point.value, point.low, point.high]));
  return {
    title,
    about,
    logarithmic: isWide(values),
    height: (look) => 330 + 20 * legendRows(look, names),
    option: (look, chart) => frame(look, {
      legend: legend(look, {data: names, itemWidth: 30}),
      grid: {left: 66, right: 16, top: 22 + 20 * legendRows(look, names), bottom: 50},
      xAxis: namesAxis(look, labels, {
        name: xName,
        axisLabel:
            {interval: 'auto', hideOverlap: true, width: (look.width - 82) / labels.length - 8, overflow: 'break'}
      }),
      yAxis: valueAxis(look, unitName, values, chart.logarithmic, {nameGap: 46}),
      tooltip: {formatter: (item) => item.data.hover?.() ?? ''},
      series: lines.flatMap(({name, points}, at) => {
        const color = look.series[at % look.series.length];
        return [
          {
            type: 'line',
            name,
            color,
            symbol: symbols[at % symbols.length],
            symbolSize: 8,
            connectNulls: true,
            lineStyle: {type: dashes[Math.floor(at / look.series.length) % 3], width: 2},
            data: points.map((point) => ({value: [point.x, point.value], hover: point.hover}))
          },
          whiskers(look, color, points)
        ];
      })
    })
  };
}

const sizeOptions = [
  {option: 'buffer-size', of: (c) => c.spec.buffer_bytes, name: 'size of a buffer'},
  {option: 'pipe-size', of: (c) => c.obtained?.pipe_bytes ?? c.spec.pipe_bytes, name: 'capacity of the pipe'},
];

function sizes(cases, shown) {
  return sizeOptions.flatMap(({option, of, name}) => {
    const groups = groupsOf(cases.filter((c) => c.summary && !takesTurns(c) && !shown.has(c)), [
                     option
                   ]).filter((group) => distinct(group.cases.map(of)).length >= 3);
    if (!groups.length) return [];
    groups.forEach((group) => group.cases.forEach((c) => shown.add(c)));
    const all = distinct(groups.flatMap((group) => group.cases.map(of))).sort((a, b) => a - b);
    const lines = groups.map((group) => ({
                               name: group.title || `${group.cases[0].spec.writer}-${group.cases[0].spec.reader}`,
                               points: group.cases
                                           .map((c) => ({
                                                  x: all.indexOf(of(c)),
                                                  value: c.summary.median_gib_per_second,
                                                  low: c.summary.ci95_low,
                                                  high: c.summary.ci95_high,
                                                  hover: () => caseTip(c)
                                                }))
                                           .sort((a, b) => a.x - b.x)
                             }));
    return [linesChart(
        `Throughput by the ${name}`, 'Medians, with their intervals.', all.map(bytesText), lines, name, 'GiB/s')];
  });
}
