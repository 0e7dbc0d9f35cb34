// How long bytes stay in a pipe, and how long messages and their answers take.
const percentiles =
    [['50 %', 'p50_ns'], ['90 %', 'p90_ns'], ['99 %', 'p99_ns'], ['99.9 %', 'p999_ns'], ['max', 'max_ns']];
const microseconds = (ns) => known(ns) ? ns / 1000 : ns;

function latencyTip(c, times) {
  return tip(c.name, [
    ...percentiles.map(([name, key]) => [name, `${digits(microseconds(times[key]))} µs`]),
    ['timed', exact(times.count)],
    ['samples', String(c.summary.n)],
  ]);
}

function latencyRow(c, times) {
  return {
    label: marked(c),
    group: kinds.findIndex((kind) => kind.is(c)),
    value: microseconds(times.p50_ns),
    low: microseconds(times.p50_ns),
    high: microseconds(times.max_ns),
    mark: doubt(c),
    hover: () => latencyTip(c, times),
    samples: percentiles.slice(1).map(([, key]) => ({value: microseconds(times[key]), hover: () => latencyTip(c, times)})),
  };
}

const latencyAbout = 'Bar: half of them took at most so long. Dots, from left to right: 90, 99 and 99.9 %, and the ' +
    'longest. Percentiles of each sample, of which the median.';

function latencies(cases) {
  const groups = (look) => kinds.map(({name, color}) => ({name, color: look.color(color)}));
  const chart = (title, key) => {
    const timed = cases.filter((c) => known(c.summary[key]?.p50_ns));
    const rows = timed.map((c) => latencyRow(c, c.summary[key]));
    return rows.length ? [bars(title, latencyAbout, rows, groups, 'µs')] : [];
  };
  return [
    ...chart('How long 4 KiB stay in the pipe', 'latency'), ...chart('Messages, there and back', 'round_trip')
  ];
}
