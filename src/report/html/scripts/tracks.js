// Samples in time, and the conditions beneath them.
const conditionsShown = [
  {name: 'hand-over, ns', of: (s) => [s.conditions.handover_ns_before, s.conditions.handover_ns_after]},
  {name: 'ns per add', of: (s) => [s.conditions.writer_ns_per_add, s.conditions.reader_ns_per_add]},
  {
    name: 'GHz',
    of: (s) => [s.conditions.writer_frequency_hz, s.conditions.reader_frequency_hz].map(
        (hz) => known(hz) ? hz / 1e9 : null)
  },
  {name: 'stolen, ms', of: (s) => [known(s.conditions.steal_seconds) ? 1000 * s.conditions.steal_seconds : null]},
  {
    name: 'lost CPU, /s',
    of: (s) => [known(s.conditions.involuntary_switches) ? s.conditions.involuntary_switches / s.counted_seconds : null]
  },
  {
    name: 'waited for a CPU, ms/s',
    of:
        ({conditions,
          counted_seconds:
              seconds}) => [known(conditions.run_queue_seconds) ? 1000 * conditions.run_queue_seconds / seconds : null]
  },
];

// What explanations compare per second of the sample.
const totals = ['steal_seconds', 'involuntary_switches', 'run_queue_seconds'];

// Where a condition goes with the figures of a case's samples: was it high for this one?
function isHigh(c, sample) {
  const why = c.summary.explanation, conditions = sample.conditions;
  if (!why) return false;
  const values = why.condition === 'handover_ns' ? [conditions.handover_ns_before, conditions.handover_ns_after] :
                                                   [conditions[why.condition]];
  const per = totals.includes(why.condition) ? sample.counted_seconds : 1;
  return values.some((value) => known(value) && value / per > (why.low.value + why.high.value) / 2);
}

// One case: its samples, and beneath them the conditions that were recorded.
function caseTracks(c) {
  const points = (of) => c.samples.flatMap((sample) => of(sample).filter(known).map((value) => ({
                                                                                      x: sample.round,
                                                                                      value,
                                                                                      aside: sample.set_aside,
                                                                                      isHigh: isHigh(c, sample),
                                                                                      hover: () => sampleTip(c, sample)
                                                                                    })));
  return [
    {name: unit(c), points: points((sample) => [figure(c, sample)]), main: true},
    ...conditionsShown.map(({name, of}) => ({name, points: points(of)})).filter((track) => track.points.length)
  ];
}

// All cases: each sample relative to its case's median; of conditions, the median of each round.
function allTracks(cases) {
  const rounds = new Map();
  for (const sample of cases.flatMap((c) => c.samples)) {
    if (!rounds.has(sample.round)) rounds.set(sample.round, []);
    rounds.get(sample.round).push(sample);
  }
  const relative = cases.flatMap((c) => {
    const middle = median(withFigures(c).map((sample) => figure(c, sample)));
    return withFigures(c).map((sample) => ({
                                x: sample.round,
                                value: figure(c, sample) / middle,
                                aside: sample.set_aside,
                                hover: () => sampleTip(c, sample)
                              }));
  });
  const tracks = conditionsShown.map(
      ({name, of}) => ({
        name,
        points: [...rounds].flatMap(([round, samples]) => {
          const values = samples.flatMap(of).filter(known);
          return values.length ?
              [
                {x: round, value: median(values), hover: () => tip(`round ${round}`, [[name, digits(median(values))]])}
              ] :
              [];
        })
      }));
  return [{name: '× own median', points: relative, main: true}, ...tracks.filter((track) => track.points.length)];
}

const titleHeight = 26;
const trackHeight = (track) => track.main ? 196 : 98;

// A dot; a triangle where the condition that goes with the figures was high; hollow where the sample was set aside.
function dot(look, {aside, isHigh: high}, color) {
  const filled = high ? look.color('--copied') : color;
  return {
    symbol: high ? 'triangle' : 'circle',
    itemStyle: aside ? {color: 'transparent', borderColor: filled, borderWidth: 1.5} : {color: filled, opacity: 0.75}
  };
}

// Only the last has names.
function roundAxis(look, at, last, isNamed) {
  return axis(look, isNamed ? 'round' : '', {
    type: 'value',
    gridIndex: at,
    min: 0,
    max: last,
    minInterval: 1,
    splitLine: {show: false},
    axisLine: {show: true, lineStyle: {color: look.line}},
    axisLabel: {show: isNamed}
  });
}

function trackSeries(look, track, at) {
  const color = track.main ? look.color('--by-reference') : look.muted;
  return {
    type: 'scatter',
    xAxisIndex: at,
    yAxisIndex: at,
    symbolSize: track.main ? 7 : 5,
    progressive: 0,
    data: track.points.map((point) => ({value: [point.x, point.value], hover: point.hover, ...dot(look, point, color)}))
  };
}

function tracksOption(look, tracks) {
  let top = titleHeight;
  const grids = tracks.map((track) => {
    const grid = {left: 62, right: 14, top, height: trackHeight(track) - titleHeight - 6};
    top += trackHeight(track);
    return grid;
  });
  const last = most(tracks[0].points.map((point) => point.x));
  return frame(look, {
    grid: grids,
    xAxis: tracks.map((track, at) => roundAxis(look, at, Math.max(1, last), at === tracks.length - 1)),
    yAxis: tracks.map((track, at) => axis(look, '', {
                        type: 'value',
                        gridIndex: at,
                        scale: !track.main,
                        min: track.main ? 0 : null,
                        splitNumber: track.main ? 4 : 2
                      })),
    // Above each track, where a long name has room.
    title: tracks.map((track, at) => ({
                        text: track.name,
                        left: 0,
                        top: grids[at].top - titleHeight,
                        padding: 0,
                        textStyle: {...font, fontSize: 11, fontWeight: 'normal', color: look.muted, lineHeight: 14}
                      })),
    tooltip: {formatter: (item) => item.data.hover?.() ?? ''},
    series: tracks.map((track, at) => trackSeries(look, track, at)),
  });
}

// Of very many cases the page has the conditions of some: first of those whose samples differ.
function series(cases) {
  const repeated = cases.filter((c) => c.has_conditions ? withFigures(c).length > 1 : c.summary.n > 1);
  const listed = repeated.filter((c) => c.has_conditions);
  if (!listed.length) return [];
  const choices = listed.map((c) => ({name: c.name, tracks: () => caseTracks(c)}));
  if (listed.length > 1)
    choices.unshift({name: 'all cases, each relative to its median', tracks: () => allTracks(listed)});
  const first = listed.find((c) => c.summary.explanation);
  const about =
      'A dot above is a sample; hollow ones were set aside. Below, in the same round: how long a cache line takes ' +
      'from CPU to CPU, how long an addition takes, how often a thread lost its CPU, and how long it ' +
      'waited for one. Where a condition goes with the figures of a case, triangles are the samples for which it ' +
      'was high.';
  return [{
    title: 'Samples in time, and the conditions that they were taken under',
    about: listed.length < repeated.length ? `${about} Shown are ${listed.length} of ${repeated.length} cases.` : about,
    choices,
    choice: first ? choices.findIndex((choice) => choice.name === first.name) : 0,
    height: (look, chart) =>
        36 + titleHeight + choices[chart.choice].tracks().reduce((sum, track) => sum + trackHeight(track), 0),
    option: (look, chart) => tracksOption(look, choices[chart.choice].tracks())
  }];
}
