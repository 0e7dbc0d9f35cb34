// Heat maps; writers and readers.
// A map: { title, about, rows, columns (names), rowsName, columnsName, cells: [{ row, column, value, hover, text
// (without a value) }], unitName, lines: [{ at, strong }] (boundaries before that row and column) }.
function drawBoundary(look, size) {
  return (parameters, api) => {
    const [at, strong] = [api.value(0), api.value(1)];
    const [x, y] = api.coord([at, at]), [width, height] = api.size([1, 1]);
    const {x: left, y: top, width: whole, height: tall} = parameters.coordSys;
    // Cells may be as dark as the line, or as bright: it runs in a band of the other.
    const styles = [
      {stroke: look.background, lineWidth: strong ? 6 : 4},
      {stroke: look.text, lineWidth: strong ? 2.5 : 1.5, lineDash: strong ? 'solid' : [4, 3]},
    ];
    const lines = (x1, y1, x2, y2) =>
        styles.map((style) => ({type: 'line', shape: {x1, y1, x2, y2}, style, silent: true}));
    return {
      type: 'group',
      children: [
        ...lines(x - width / 2, top, x - width / 2, top + tall),
        ...lines(left, y - height / 2, left + whole, y - height / 2),
      ]
    };
  };
}

// 256 colors from dark to bright.
const shades = () => Array.from({length: 256}, (_, at) => echarts.color.lerp(at / 255, cividis));

// Thousands of cells as one image: as elements of a chart they would take a second. A pixel each, made larger.
function pictureSeries(map, scale, {width, height}) {
  const small = element('canvas', {width: map.columns.length, height: map.rows.length});
  const pixels = small.getContext('2d').createImageData(small.width, small.height);
  const colors = shades().map((color) => echarts.color.parse(color));
  for (const {row, column, value} of map.cells) {
    if (!known(value)) continue;
    const [red, green, blue] = colors[Math.round(255 * scale.share(value))];
    pixels.data.set([red, green, blue, 255], 4 * (row * small.width + column));
  }
  small.getContext('2d').putImageData(pixels, 0, 0);
  const ratio = Math.max(2, window.devicePixelRatio);
  const canvas = element('canvas', {width: width * ratio, height: height * ratio});
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  return [{
    type: 'custom',
    data: [[0, 0, scale.least]],
    encode: {x: 0, y: 1},
    renderItem: (parameters) => {
      const {x, y, width: whole, height: high} = parameters.coordSys;
      return {type: 'image', style: {image: canvas, x, y, width: whole, height: high}};
    }
  }];
}

function cellSeries(look, map, scale, cell) {
  const filled = map.cells.filter((each) => known(each.value)), empty = map.cells.filter((each) => !known(each.value));
  const values = filled.map((each) => scale.scaled(each.value));
  const hasLabels = cell >= 34;
  const border = cell >= 12 ? {borderColor: look.background, borderWidth: 1} : {};
  return [
    {
      type: 'heatmap',
      progressive: 0,
      itemStyle: border,
      emphasis: {itemStyle: {borderColor: look.text, borderWidth: 1}},
      label: {show: hasLabels, fontSize: 11, formatter: (item) => digits(filled[item.dataIndex].value)},
      data: filled.map(
          (each, at) => hasLabels ? {
            value: [each.column, each.row, values[at]],
            label: {color: scale.share(each.value) > 0.55 ? '#111111' : '#ffffff'}
          } :
                                    [each.column, each.row, values[at]]),
      hovers: filled
    },
    {
      type: 'heatmap',
      progressive: 0,
      itemStyle: {color: look.background, borderColor: look.line, borderWidth: cell >= 12 ? 1 : 0},
      label: {show: hasLabels, fontSize: 11, color: look.muted, formatter: (item) => empty[item.dataIndex].text ?? '–'},
      data: empty.map((each) => [each.column, each.row, 0]),
      hovers: empty
    },
  ];
}

function boundarySeries(look, map) {
  return {
    type: 'custom',
    renderItem: drawBoundary(look),
    data: map.lines.map(({at, strong}) => [at, strong ? 1 : 0]),
    encode: {x: 0, y: 0},
    silent: true,
    z: 5
  };
}

function scaleOf(map, logarithmic) {
  const scaled = (value) => logarithmic ? Math.log10(value) : value;
  let [least, most] = [Infinity, -Infinity];
  for (const {value} of map.cells) {
    if (!known(value)) continue;
    least = Math.min(least, scaled(value));
    most = Math.max(most, scaled(value));
  }
  const text = (value) => digits(logarithmic ? 10 ** value : value);
  if (least < most) return {least, most, scaled, share: (value) => (scaled(value) - least) / (most - least), text};
  // Values that are all one have no scale, and no range of colours either.
  const only = Number.isFinite(least) ? least : null;
  return {least: only ?? 0, most: (only ?? 0) + 1, scaled, share: () => 0.5, text, isOne: true, hasNone: only === null};
}

// The cell of a picture below the pointer.
function cellAt(map, chart) {
  const [column, row] = chart.instance.convertFromPixel({gridIndex: 0}, chart.pointer).map(Math.round);
  return map.cells.find((each) => each.column === column && each.row === row);
}

function heatLayout(look, map) {
  const left = 36 + Math.min(look.narrow ? 100 : 150, widest(map.rows));
  const isLarge = map.rows.length > 24;  // then cells are squares without figures
  const cell = Math.min(isLarge ? 1e9 : 60, (look.width - left - 12) / map.columns.length);
  const rotate = widest(map.columns) + 6 < cell || isLarge ? 0 : 90;
  const head = 34 + (rotate ? widest(map.columns) : 14);
  const height = isLarge ? Math.min(cell * map.rows.length, 760) : Math.max(22, Math.min(cell, 30)) * map.rows.length;
  return {isLarge, left, cell, rotate, head, top: 34 + head, width: cell * map.columns.length, height};
}

function colorBar(look, map, scale) {
  return {
    type: 'continuous',
    min: scale.least,
    max: scale.most,
    seriesIndex: 0,
    orient: 'horizontal',
    top: 0,
    left: 0,
    itemWidth: 12,
    itemHeight: Math.min(220, look.width - 170),
    show: !scale.hasNone,
    text: scale.isOne ? [`all: ${scale.text(scale.least)} ${map.unitName}`, ''] :
                        [`${scale.text(scale.most)} ${map.unitName}`, scale.text(scale.least)],
    textStyle: {color: look.text},
    calculable: false,
    hoverLink: false,
    inRange: {color: scale.isOne ? [shades()[128]] : cividis}
  };
}

function heatOption(look, map, chart) {
  const layout = heatLayout(look, map), {left, cell, rotate, head, top, width, height} = layout;
  const scale = scaleOf(map, chart.logarithmic);
  const interval = (names, room) => names.length * 15 > room ? 'auto' : 0;
  const series = layout.isLarge ? pictureSeries(map, scale, layout) : cellSeries(look, map, scale, cell);
  const hover = (item) =>
      (layout.isLarge ? cellAt(map, chart) : series[item.seriesIndex].hovers?.[item.dataIndex])?.hover() ?? '';
  return frame(look, {
    grid: {left, width, top, height},
    visualMap: colorBar(look, map, scale),
    xAxis: namesAxis(look, map.columns, {
      position: 'top',
      name: map.columnsName,
      nameGap: head - 18,
      axisLabel: {interval: interval(map.columns, width), rotate}
    }),
    yAxis: namesAxis(look, map.rows, {
      inverse: true,
      name: map.rowsName,
      nameGap: left - 16,
      axisLabel: {interval: interval(map.rows, height), width: left - 28, overflow: 'truncate'}
    }),
    tooltip: {formatter: hover},
    series: [...series, boundarySeries(look, map)],
  });
}

function heatMap(map) {
  const values = map.cells.map((each) => each.value).filter((value) => value > 0);
  const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, 0]);
  return {
    title: map.title,
    about: map.about,
    logarithmic: most / least > 30,
    height: (look) => heatLayout(look, map).top + heatLayout(look, map).height + 14,
    option: (look, chart) => heatOption(look, map, chart)
  };
}

const withoutFigure = (c) => tip(c.name, [], [c.reason ?? 'Not measured.']);

// Writers down, readers across.
function matrices(cases, shown) {
  return groupsOf(cases, ['writer', 'reader']).flatMap((group) => {
    const rows = distinct(group.cases.map((c) => c.spec.writer)),
          columns = distinct(group.cases.map((c) => c.spec.reader));
    if (rows.length < 2 || columns.length < 2 || !group.cases.some((c) => c.summary)) return [];
    const cells = group.cases.map((c) => ({
                                    row: rows.indexOf(c.spec.writer),
                                    column: columns.indexOf(c.spec.reader),
                                    value: c.traits.moves_bytes ? c.summary?.median_gib_per_second : null,
                                    text: c.summary ? digits(c.summary.median_gib_per_second) : '–',
                                    hover: () => c.summary ? caseTip(c) : withoutFigure(c)
                                  }));
    if (group.cases.some(takesTurns)) return [];
    group.cases.forEach((c) => shown.add(c));
    return [heatMap({
      title: `Writers and readers: ${group.title}`,
      about: 'Medians. –: the two do not go together, or could not run here. What moves nothing through a pipe ' +
          'has no colour.',
      rows,
      columns,
      rowsName: 'writer',
      columnsName: 'reader',
      cells,
      unitName: 'GiB/s',
      lines: []
    })];
  });
}
