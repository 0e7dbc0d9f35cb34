// Elements, numbers and lists.
// element('p', {className: 'x'}, 'text', child): strings become text, never markup.
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Two or three significant digits, as many as such a measurement has.
function digits(value) {
  if (value === null || value === undefined) return '-';
  const size = Math.abs(value);
  if (size >= 99.95) return Math.round(value).toLocaleString('en').replaceAll(',', '\u202f');
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.0995 || size === 0) return value.toFixed(2);
  return value.toPrecision(2);
}

function bytesText(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let at = 0;
  while (bytes >= 1024 && at < 3) {
    bytes /= 1024;
    ++at;
  }
  return `${digits(bytes).replace(/\.0+$/, '')} ${units[at]}`;
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

// A browser draws no canvas of any height, and nobody reads on for ever; tables have the rest.
const mostRows = 120, mostLines = 16;
const headOf = (all, most, about) => ({
  some: all.slice(0, most),
  about: all.length > most ? `${about} Shown are the first ${most} of ${all.length}.` : about
});
const known = (value) => value !== null && value !== undefined;
const distinct = (values) => [...new Set(values)];
