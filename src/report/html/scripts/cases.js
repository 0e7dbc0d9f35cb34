// What cases are.
const takesTurns = (c) => c.spec.isolation === 'none';
// The figure of a sample: a price in ns, or a speed in GiB/s.
const figure = (c, sample) => takesTurns(c) ? sample.turns_ns_per_page : sample.gib_per_second;
const unit = (c) => takesTurns(c) ? 'ns per 4 KiB' : 'GiB/s';

const withFigures = (c) => c.samples.filter((sample) => known(figure(c, sample)));
// For bars(): the samples of a case.
const samplesOf = (c) => withFigures(c).map(
    (sample) => ({value: figure(c, sample), aside: sample.set_aside, hover: () => sampleTip(c, sample)}));

const kinds = [
  {name: 'copied', color: '--copied', is: (c) => c.traits.payload !== 'replay' && c.traits.copies > 0},
  {name: 'by reference', color: '--by-reference', is: (c) => c.traits.payload !== 'replay' && c.traits.copies === 0},
  {name: 'replay (the same bytes again)', color: '--replay', is: (c) => c.traits.payload === 'replay'},
];

const doubt = (c) => c.summary.stable ? '' : ' ~';
// As in the tables.
function marked(c) {
  return [
    c.name, c.traits.transport === 'pipe' ? '' : '(no pipe)', c.traits.payload === 'replay' ? '(replay)' : '',
    c.traits.safe ? '' : '(unsafe)',
    c.status === 'failed' ? '(failed)' : ''
  ].filter(Boolean)
      .join(' ');
}

// The cases that differ in nothing but the options `names`: a group for each section and rest of the options.
function groupsOf(cases, names) {
  const groups = new Map();
  for (const c of cases) {
    if (!names.every((name) => Object.hasOwn(c.varied, name))) continue;
    const rest = Object.entries(c.varied).filter(([name]) => !names.includes(name));
    const title = [c.section, ...rest.map((pair) => pair.join('='))].filter(Boolean).join(', ');
    if (!groups.has(title)) groups.set(title, {title, cases: []});
    groups.get(title).cases.push(c);
  }
  return [...groups.values()];
}
