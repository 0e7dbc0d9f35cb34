// Several files side by side.
const hostOf = (file) => [file.results.host.hostname, file.results.host.cpu_model, file.results.host.kernel,
                          file.results.host.hypervisor]
                             .filter(Boolean)
                             .join(', ');
const dateOf = (file) => file.results.plan.started;
const orders = [
  {name: 'in the order given', key: () => 0},
  {name: 'by date', key: dateOf},
  {name: 'by host', key: (file) => hostOf(file) + dateOf(file)},
];
const ordered = (files, {key}) => [...files].sort((a, b) => key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);

// The keys of the spec in which two cases differ, although they were matched: their CPUs.
const differences = (a, b) =>
    Object.keys(a.spec).filter((key) => JSON.stringify(a.spec[key]) !== JSON.stringify(b.spec[key]));

// The cases that several files have, as pipebench matched them: [{ name, found: Map(file -> case) }].
function shared(files) {
  const all = new Map();
  for (const file of files) {
    for (const c of file.measured) {
      if (!known(c.common)) continue;
      if (takesTurns(c) ? !known(c.summary.turns_ns_per_page) : !(c.summary.median_gib_per_second > 0)) continue;
      if (!all.has(c.common)) all.set(c.common, {name: c.name, found: new Map()});
      all.get(c.common).found.set(file, c);
    }
  }
  return [...all.values()].filter(({found}) => found.size > 1);
}

// A colour of its own for each file: every further turn of the palette is lighter, or, in the dark, darker.
function fileColor(look, index) {
  const color = look.series[index % look.series.length], turn = Math.floor(index / look.series.length);
  const keep = 0.55 ** turn;
  return turn === 0 ? color : echarts.color.lerp(keep, [look.background, color]);
}

// With its host, where files come from several.
function withHost(file, files) {
  const {hostname} = file.results.host;
  return hostname && distinct(files.map((each) => each.results.host.hostname)).length > 1 ?
      `${file.name} (${hostname})` :
      file.name;
}

// `first`: the same case in the first file.
function rowOfFile(label, file, c, first) {
  const s = c.summary, price = s.turns_ns_per_page, unlike = differences(first, c);
  const [value, low, high] = takesTurns(c) ?
      [price, s.turns_ns_per_page_ci95_low ?? price, s.turns_ns_per_page_ci95_high ?? price] :
      [s.median_gib_per_second, s.ci95_low, s.ci95_high];
  return {
    label,
    group: file.index,
    value,
    low,
    high,
    mark: doubt(c) + (unlike.length ? ' ≠' : ''),
    hover: () => {
      const box = caseTip(c);
      box.append(
          element('p', {}, [file.name, hostOf(file)].filter(Boolean).join(': ')),
          unlike.length ? element('p', {}, `Not alike: ${unlike.join(', ')}`) : '');
      return box;
    },
    get samples() {
      return samplesOf(c);
    }
  };
}

function sideBySide(files) {
  return ['GiB/s', 'ns per 4 KiB'].flatMap((unitName) => {
    const mine = shared(files).filter(({found}) => unit([...found.values()][0]) === unitName);
    if (!mine.length) return [];
    const rowsIn = (order) => mine.flatMap(({name, found}) => {
      const [first] = found.values();
      return ordered([...found.keys()], order)
          .map((file, at) => rowOfFile(at === 0 ? name : '', file, found.get(file), first));
    });
    const groups = (look) => files.map((file) => ({name: withHost(file, files), color: fileColor(look, file.index)}));
    const chart = bars(
        'The files side by side', `${barsAbout} ≠: the case ran on other CPUs in this file.`, rowsIn(orders[0]), groups,
        unitName);
    const choices = orders.map((order) => ({name: order.name, rows: rowsIn(order).slice(0, mostRows)}));
    return [{
      ...chart,
      choices,
      choice: 0,
      option: (look, self) => barsOption(look, choices[self.choice].rows, groups(look), unitName, self.logarithmic)
    }];
  });
}

// From three files on: how each case went from one to the next.
function trend(files) {
  if (files.length < 3) return [];
  const lines = (order) => {
    const sorted = ordered(files, order);
    return shared(files)
        .filter(({found}) => !takesTurns([...found.values()][0]))
        .map(({name, found}) => ({
               name,
               points: sorted.flatMap((file, x) => {
                 const c = found.get(file);
                 return c ? [{
                   x,
                   value: c.summary.median_gib_per_second,
                   low: c.summary.ci95_low,
                   high: c.summary.ci95_high,
                   hover: () => caseTip(c)
                 }] :
                            [];
               })
             }));
  };
  const byDate = ordered(files, orders[1]);
  const all = lines(orders[1]);
  if (!all.length) return [];
  return [linesChart(
      'From file to file, by date', 'Medians, with their intervals.',
      byDate.map((file) => `${withHost(file, files)} ${dateOf(file).slice(0, 10)}`), all, '', 'GiB/s')];
}
