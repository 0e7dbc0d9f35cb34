// Parts of what charts are made of.
// How the page looks now; charts are made anew when it changes.
function lookOf(width) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  return {
    width,
    narrow: width < 560,
    color,
    text: color('--text'),
    muted: color('--muted'),
    line: color('--line'),
    background: color('--background'),
    series: color('--series').split(/\s+/),
    ends: color('--ends').split(/\s+/)
  };
}

const font = {
  fontFamily: 'system-ui, sans-serif',
  fontSize: 12
};

function frame(look, options) {
  // The layout here knows how much room names need.
  const grid = [options.grid].flat().map((each) => ({outerBoundsMode: 'none', ...each}));
  return {
    animation: false,
    textStyle: {...font, color: look.text},
    ...options,
    grid,
    tooltip: {
      trigger: 'item',
      confine: true,
      enterable: true,
      backgroundColor: '#fbfbfa',
      borderColor: '#8a8f94',
      padding: 8,
      extraCssText: 'white-space: normal',
      ...options.tooltip
    }
  };
}

// Two ticks never have one text, however near they are.
const tickText = (value) => grouped(Number(value.toPrecision(10)));

function axis(look, name, options = {}) {
  return {
    name,
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: {color: look.muted},
    axisLine: {show: false},
    axisTick: {show: false},
    splitLine: {lineStyle: {color: look.line}},
    ...options,
    axisLabel: {color: look.muted, hideOverlap: true, formatter: tickText, ...options.axisLabel}
  };
}

// Where a scale spans more than that, figures would vanish beside the largest.
const isWide = (values) => most(values) / least(values) > 30;
// The largest 1, 2 or 5 times a power of ten that is not above.
function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [5, 2, 1].find((step) => step * power <= value * 1.000001) * power;
}

// What `names` take on a line.
const textWidth = (name) => 6.6 * name.length;
const widest = (names) => Math.max(0, most(names.map(textWidth)));
const legendRows = (look, names) =>
    Math.ceil(names.reduce((sum, name) => sum + textWidth(name) + 34, 0) * 1.08 / look.width);

function valueAxis(look, name, values, logarithmic, options = {}) {
  return axis(
      look, logarithmic ? `${name}, logarithmic scale` : name,
      logarithmic ? {type: 'log', min: roundDown(least(values)), max: 1 / roundDown(1 / most(values)), ...options} :
                    {type: 'value', min: 0, ...options});
}

function namesAxis(look, names, options = {}) {
  return axis(look, '', {
    type: 'category',
    data: names,
    splitLine: {show: false},
    ...options,
    axisLabel: {color: look.text, interval: 0, formatter: null, hideOverlap: false, ...options.axisLabel}
  });
}

const legend = (look, options = {}) =>
    ({top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: {color: look.text}, ...options});

// cividis: from dark to bright, read alike with any kind of colour vision, and on paper.
const cividis =
    ['#00224e', '#123570', '#3b496c', '#575d6d', '#707173', '#8a8678', '#a59c74', '#c3b369', '#e1cc55', '#fee838'];
