// Pairs of CPUs: how fast, how far apart, and what they share.
// Nearest first: [{ name, in_one_cache, in_one_package }].
const relationList = () => JSON.parse(document.getElementById('relations').textContent);

// The CPUs of these cases in an order that keeps together what belongs together, and where its groups end.
function neighbours(cases) {
  const leaders = {cache: new Map(), package: new Map()};
  const relationNamed = new Map(relationList().map((relation) => [relation.name, relation]));
  const leader = (groups, cpu) => {
    while (groups.get(cpu) !== cpu) cpu = groups.get(cpu);
    return cpu;
  };
  const cpus = distinct(cases.flatMap((c) => [c.spec.writer_cpu, c.spec.reader_cpu])).sort((a, b) => a - b);
  for (const groups of Object.values(leaders)) cpus.forEach((cpu) => groups.set(cpu, cpu));
  const join = (groups, a, b) => {
    const [low, high] = [leader(groups, a), leader(groups, b)].sort((x, y) => x - y);
    groups.set(high, low);
  };
  for (const {spec} of cases) {
    const {in_one_cache, in_one_package} = relationNamed.get(spec.relation);
    if (in_one_cache) join(leaders.cache, spec.writer_cpu, spec.reader_cpu);
    if (in_one_package) join(leaders.package, spec.writer_cpu, spec.reader_cpu);
  }
  const place = (cpu) => [leader(leaders.package, cpu), leader(leaders.cache, cpu), cpu];
  const places = new Map(cpus.map((cpu) => [cpu, place(cpu)]));
  const order = cpus.sort(
      (a, b) => places.get(a).map((key, at) => key - places.get(b)[at]).find((difference) => difference) ?? 0);
  const lines = order.flatMap((cpu, at) => {
    if (at === 0) return [];
    const [mine, before] = [places.get(cpu), places.get(order[at - 1])];
    return mine[0] !== before[0] ? [{at, strong: true}] : mine[1] !== before[1] ? [{at, strong: false}] : [];
  });
  return {order, lines};
}

const isPair = (c) => known(c.spec.writer_cpu) && known(c.spec.reader_cpu) && known(c.spec.relation);
const pairGroups = (cases) => groupsOf(cases.filter(isPair), ['cpus']).filter((group) => group.cases.length >= 4);

function pairMaps(groups, shown) {
  return groups.flatMap(({title, cases: pairs}) => {
    pairs.forEach((c) => shown.add(c));
    const {order, lines} = neighbours(pairs);
    const place = new Map(order.map((cpu, at) => [cpu, at]));
    const names = order.map(String);
    const boundaries = lines.length ? ' Thick lines: packages; dashed lines: last-level caches.' : '';
    const map = (what, about, unitName, value) => heatMap({
      title: `${what}: ${title}`,
      about: about + boundaries,
      rows: names,
      columns: names,
      rowsName: 'writer’s CPU',
      columnsName: 'reader’s CPU',
      unitName,
      lines,
      cells: pairs.map((c) => ({
                         row: place.get(c.spec.writer_cpu),
                         column: place.get(c.spec.reader_cpu),
                         value: value(c),
                         hover: () => c.summary ? caseTip(c) : withoutFigure(c)
                       }))
    });
    return [
      map('Pairs of CPUs', 'Medians.', 'GiB/s', (c) => c.summary?.median_gib_per_second),
      ...(pairs.some((c) => known(c.handover_ns)) ?
              [map(
                  'How far apart the CPUs were', 'How long a cache line takes from CPU to CPU, one way.', 'ns',
                  (c) => c.handover_ns)] :
              []),
    ];
  });
}

// The figures of all pairs, by what the two CPUs share.
function relations(groups) {
  return groups.flatMap(({title, cases: all}) => {
    const pairs = all.filter((c) => c.summary);
    const there = relationList().map(({name}) => name).filter((name) => pairs.some((c) => c.spec.relation === name));
    if (there.length < 2) return [];
    const rows = there.map((relation) => {
      const mine = pairs.filter((c) => c.spec.relation === relation)
                       .sort((a, b) => a.summary.median_gib_per_second - b.summary.median_gib_per_second);
      const speeds = mine.map((c) => c.summary.median_gib_per_second);
      const at = (share) => quantile(speeds, share);
      const hover = () => tip(relation, [
        ['pairs', String(mine.length)], ['median', `${digits(at(0.5))} GiB/s`], ['fastest', mine.at(-1).name],
        ['slowest', mine[0].name]
      ]);
      // Of thousands, enough to see their spread.
      const step = Math.ceil(mine.length / 400);
      return {
        label: `${relation} (${mine.length})`,
        group: 0,
        value: at(0.5),
        low: at(0.25),
        high: at(0.75),
        mark: '',
        hover,
        samples: mine.filter((c, index) => index % step === 0)
                     .map((c) => ({value: c.summary.median_gib_per_second, hover: () => caseTip(c)}))
      };
    });
    const groups = (look) => [{name: 'median of the pairs', color: look.color('--by-reference')}];
    return [bars(
        `By what the CPUs share: ${title}`,
        'Bar: median of the pairs’ medians. Whisker: the middle half of them. Dot: a pair.', rows, groups, 'GiB/s')];
  });
}
