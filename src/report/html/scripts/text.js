// Elements, numbers and lists.
// element('p', {className: 'x'}, 'text', child): strings become text, never markup.
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Exactly, with thin blanks: 1 048 576.
const grouped = (value) => value.toLocaleString('en', {maximumFractionDigits: 12}).replaceAll(',', '\u202f');

// Two or three significant digits, as many as such a measurement has.
function digits(value) {
  if (value === null || value === undefined) return '-';
  const size = Math.abs(value);
  if (size >= 99.95) return grouped(Math.round(value));
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.0995 || size === 0) return value.toFixed(2);
  return value.toPrecision(2);
}

// Of a counter: whole numbers are whole.
const exact = (value) => Number.isInteger(value) ? grouped(value) : digits(value);

function bytesText(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let at = 0;
  while (bytes >= 1024 && at < 3) {
    bytes /= 1024;
    ++at;
  }
  return `${digits(bytes).replace(/\.0+$/, '')} ${units[at]}`;
}

// Below which this share of the values lies; between two of them, on the line from one to the other. That of a half is
// the median, as everywhere in pipebench: of an even number, the mean of the two in the middle.
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1), below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
const median = (values) => quantile(values, 0.5);

// Of any number of values: Math.max(...values) has no room for very many.
const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);

// A browser draws no canvas of any height, and nobody reads on for ever; tables have the rest.
const mostRows = 120, mostLines = 16;
const headOf = (all, count, about) => ({
  some: all.slice(0, count),
  about: all.length > count ? `${about} Shown are the first ${count} of ${all.length}.` : about
});
// Each name once: what has the name of another gets a number.
function numbered(names) {
  const seen = new Map();
  return names.map((name) => {
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return seen.get(name) > 1 ? `${name} (${seen.get(name)})` : name;
  });
}
const known = (value) => value !== null && value !== undefined;
const distinct = (values) => [...new Set(values)];
