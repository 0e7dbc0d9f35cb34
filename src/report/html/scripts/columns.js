// Lists of objects as packed_columns() in columns.hpp writes them.
function put(row, key, value) {
  if (key === '__proto__')  // an option may be called anything
    Object.defineProperty(row, key, {value, enumerable: true});
  else
    row[key] = value;
}

function columnOf(column, count) {
  if (Array.isArray(column)) return column;
  if (column.of) return column.at ? column.at.map((at) => column.of[at]) : new Array(count).fill(column.of[0]);
  const rows = new Array(column.where?.length ?? count);
  for (let at = 0; at < rows.length; ++at) rows[at] = {};
  for (const [key, values] of Object.entries(column.keys))
    columnOf(values, rows.length).forEach((value, at) => {
      if (known(value)) put(rows[at], key, value);
    });
  if (!column.where) return rows;
  const all = new Array(count).fill(null);
  column.where.forEach((place, at) => {
    all[place] = rows[at];
  });
  return all;
}

const unpacked = ({count, column}) => columnOf(column, count);

// Samples stay packed until somebody asks for them: a page may have very many, of which few are drawn.
function withSamples(c) {
  const packed = c.samples;
  let samples = null;
  return Object.defineProperty(c, 'samples', {get: () => samples ??= unpacked(packed)});
}
