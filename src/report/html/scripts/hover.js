// What a hover says.
// rows: [name, text]; sentences: paragraphs below.
function tip(title, rows, sentences = []) {
  const box = element('div', {className: 'tip'}, element('b', {}, title));
  const table = element('table');
  for (const [name, ...cells] of rows) {
    if (cells.every((cell) => cell === '-')) continue;
    table.append(element('tr', {}, element('th', {}, name), ...cells.map((cell) => element('td', {}, cell))));
  }
  box.append(table, ...sentences.map((sentence) => element('p', {}, sentence)));
  return box;
}

const interval = (low, high) => known(low) && known(high) ? `${digits(low)} – ${digits(high)}` : '-';

function traitsText(c) {
  const {copies, payload, touched, safe} = c.traits;
  const how = copies === 0 ? 'by reference' : copies === 1 ? 'copied once' : `copied ${copies} times`;
  return [how, payload === 'replay' ? 'replay' : '', `touched: ${touched}`, safe ? '' : 'unsafe'].filter(Boolean).join(
      ', ');
}

function verifiedText(c) {
  if (!c.verify) return '-';
  const copied = !known(c.verify.zero_copy) ? '' : c.verify.zero_copy ? ', sent without a copy' : ', copied when sent';
  return c.verify.outcome + copied;
}

function caseTip(c) {
  const s = c.summary;
  return tip(
      c.name,
      [
        takesTurns(c) ? ['both ends', `${digits(s.turns_ns_per_page)} ns per 4 KiB`] :
                        ['median', `${digits(s.median_gib_per_second)} GiB/s`],
        [
          '95 % interval',
          takesTurns(c) ? interval(s.turns_ns_per_page_ci95_low, s.turns_ns_per_page_ci95_high) :
                          interval(s.ci95_low, s.ci95_high)
        ],
        ['samples', String(s.n)],
        [
          'ns per 4 KiB',
          takesTurns(c) ? `${digits(s.writer_ns_per_page)} + ${digits(s.reader_ns_per_page)}` : digits(s.ns_per_page)
        ],
        ['CPU s per GiB', digits(s.cpu_seconds_per_gib)],
        [
          `× ${s.relative_to ?? ''}`,
          known(s.ratio) ? `${digits(s.ratio)}  (${interval(s.ratio_ci95_low, s.ratio_ci95_high)})` : '-'
        ],
        ['bytes', traitsText(c)],
        ['verified', verifiedText(c)],
      ],
      [...s.advice, ...c.notes.slice(0, 2)]);
}

// Those that either end has.
const countersOf = (sample) => distinct([sample.writer, sample.reader].flatMap((end) => Object.keys(end ?? {})));
const words = (key) => key.replaceAll('_', ' ');

function sampleTip(c, sample) {
  const conditions = sample.conditions ?? {};
  return tip(
      `${c.name}, round ${sample.round}`,
      [
        [takesTurns(c) ? `${unit(c)}, both` : unit(c), digits(figure(c, sample))],
        ['', 'writer', 'reader'],
        ...(takesTurns(c) ? [[
          unit(c), digits(sample.writer_turns?.median_ns_per_page), digits(sample.reader_turns?.median_ns_per_page)
        ]] :
                            []),
        ...countersOf(sample).map((key) => [words(key), exact(sample.writer?.[key]), exact(sample.reader?.[key])]),
        ['ns per add', digits(conditions.writer_ns_per_add), digits(conditions.reader_ns_per_add)],
        ['hand-over ns, before and after', digits(conditions.handover_ns_before), digits(conditions.handover_ns_after)],
      ],
      [
        sample.set_aside ? 'Set aside: taken under other conditions than most.' : '',
        sample.writer ? '' : 'There are too many samples for this page to have their counters; its data has them.'
      ].filter(Boolean));
}
