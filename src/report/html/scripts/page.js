// Draws the charts of a report from the results that the page holds. A view is one function: it takes the cases of a
// file and returns charts, none where the cases have nothing for it. Names come from anybody's files: they only become
// text.
const drawn = [];

function redraw(chart) {
  const width = document.documentElement.classList.contains('paper') ? 680 : chart.box.parentElement.clientWidth;
  if (width === 0) return;
  const look = lookOf(width), height = chart.height(look, chart);
  chart.box.style.height = `${height}px`;
  chart.instance.resize({width, height});
  chart.instance.setOption(chart.option(look, chart), {notMerge: true});
}

function logarithmicChoice(chart) {
  const box = element('input', {type: 'checkbox', checked: chart.logarithmic});
  box.addEventListener('change', () => {
    chart.logarithmic = box.checked;
    redraw(chart);
  });
  return element('label', {}, box, ' logarithmic scale');
}

function listChoice(chart) {
  const list = element('select', {}, ...chart.choices.map((choice) => element('option', {}, choice.name)));
  list.selectedIndex = chart.choice;
  list.setAttribute('aria-label', 'what is shown');
  list.addEventListener('change', () => {
    chart.choice = list.selectedIndex;
    redraw(chart);
  });
  return list;
}

function show(place, chart) {
  chart.box = element('div', {className: 'chart'});
  // Before the chart hears of it, and asks what to show.
  for (const event of ['pointermove', 'pointerdown'])
    chart.box.addEventListener(event, (e) => {
      chart.pointer = [e.offsetX, e.offsetY];
    }, true);
  chart.box.setAttribute('role', 'img');
  chart.box.setAttribute('aria-label', `${chart.title}. ${chart.about}`);
  const choices = element('div', {className: 'choices'});
  if (chart.choices) choices.append(listChoice(chart));
  if (chart.logarithmic !== undefined) choices.append(logarithmicChoice(chart));
  place.append(element(
      'figure', {}, element('figcaption', {}, element('h3', {}, chart.title), element('p', {}, chart.about), choices),
      chart.box));
  const width = chart.box.clientWidth;
  chart.instance = echarts.init(chart.box, null, {
    renderer: 'canvas',
    width,
    height: chart.height(lookOf(width), chart),
    devicePixelRatio: Math.max(2, window.devicePixelRatio)
  });
  redraw(chart);
  drawn.push(chart);
}

function chartsOf(file) {
  const shown = new Set();  // in a chart that shows what varies
  const pairs = pairGroups(file.cases);
  const maps = [...matrices(file.cases, shown), ...pairMaps(pairs, shown)];
  const lines = sizes(file.measured, shown);
  return [
    ...ladder(file.measured.filter((c) => !shown.has(c))), ...lines, ...maps, ...latencies(file.measured), ...relations(pairs),
    ...prices(file.measured), ...profiles(file.measured), ...series(file.measured)
  ];
}

function offerData(file) {
  const button = element('button', {type: 'button'}, `Download the data of ${file.name}`);
  button.addEventListener('click', async () => {
    const packed =
        Uint8Array.from(atob(document.getElementById(`packed-${file.index}`).textContent), (c) => c.charCodeAt(0));
    const json = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const url = URL.createObjectURL(new Blob([await new Response(json).blob()], {type: 'application/json'}));
    element('a', {href: url, download: file.name.replace(/^.*\//, '')}).click();
    URL.revokeObjectURL(url);
  });
  file.section.querySelector('.download').append(button);
}

// Paper is light, and as wide as paper.
function follow() {
  const redrawAll = () => drawn.forEach(redraw);
  let waiting = 0;
  window.addEventListener('resize', () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(redrawAll);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);
  const onPaper = (on) => () => {
    document.documentElement.classList.toggle('paper', on);
    redrawAll();
  };
  window.addEventListener('beforeprint', onPaper(true));
  window.addEventListener('afterprint', onPaper(false));
}

function start() {
  const files = [...document.querySelectorAll('section.results')].map(
      (section, index) => ({section, index, name: section.dataset.name}));
  files.forEach(offerData);
  if (typeof echarts === 'undefined') return;  // a build without it
  for (const file of files) {
    file.results = JSON.parse(document.getElementById(`charted-${file.index}`).textContent);
    file.cases = unpacked(file.results.cases).map(withSamples).filter((c) => !c.only_for_ceilings);
    file.measured = file.cases.filter((c) => c.summary);
  }
  if (files.length > 1)
    [...sideBySide(files), ...trend(files)].forEach((chart) => show(document.querySelector('#together'), chart));
  for (const file of files) chartsOf(file).forEach((chart) => show(file.section.querySelector('.charts'), chart));
  follow();
}

start();
