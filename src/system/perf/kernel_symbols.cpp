#include "pipebench/system/perf/kernel_symbols.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "system/kernel_text.hpp"
#include "system/symbol_rights.hpp"

namespace pipebench {
namespace {

/// The largest functions have some 100 KiB: what is further from a symbol does not belong to it.
constexpr std::uint64_t furthest_from_symbol = 1U << 20U;

/// Not the names that a function is known by: padding before it, its type for control-flow integrity, its second name
/// for code that runs at boot, marks of the arm64 assembler.
bool is_mark(std::string_view name) {
  return name.starts_with("__pfx_") || name.starts_with("__cfi_") || name.starts_with("__pi_") || name.starts_with('$');
}

std::size_t leading_underscores(std::string_view name) { return std::min(name.find_first_not_of('_'), name.size()); }

Finding missing_names(const std::filesystem::path& root, bool hidden) {
  Finding finding{.what = "/proc/kallsyms does not name the kernel's functions.",
                  .why = "The kernel may be built without CONFIG_KALLSYMS, or /proc is not shown in full."};
  if (!hidden) return finding;
  finding.what = "/proc/kallsyms hides the addresses of the kernel's functions.";
  const auto sysctl = [&](const char* name) {
    return parse_number<std::int64_t>(read_line(root / "proc/sys/kernel" / name).value_or("")).value_or(0);
  };
  // What CAP_SYSLOG would show is hidden, so it is not there.
  const auto hiding =
      hidden_symbols(static_cast<std::uint64_t>(sysctl("kptr_restrict")), sysctl("perf_event_paranoid"), false);
  finding.why = hiding ? hiding->cause : "A kernel without perf events shows them to CAP_SYSLOG alone.";
  if (hiding) finding.mend = hiding->mend;
  return finding;
}

}  // namespace

std::string_view without_suffixes(std::string_view name) noexcept {
  const auto dot = name.find('.', 1);  // no name in C holds one
  return name.substr(0, dot);
}

KernelSymbols::KernelSymbols(std::string_view kallsyms) {
  constexpr std::size_t typical_line = 45;
  symbols_.reserve(kallsyms.size() / typical_line);
  names_.reserve(kallsyms.size() / 2);
  while (!kallsyms.empty()) {
    const auto end = std::min(kallsyms.find('\n'), kallsyms.size());
    add_line(kallsyms.substr(0, end));
    kallsyms.remove_prefix(std::min(end + 1, kallsyms.size()));
  }
  sort();
}

KernelSymbols KernelSymbols::read(const std::filesystem::path& root) {
  std::ostringstream text;
  text << std::ifstream(root / "proc/kallsyms").rdbuf();
  KernelSymbols symbols(text.view());
  const bool names_code = std::ranges::any_of(symbols.symbols_, &Symbol::is_function);
  if (!names_code) symbols.finding_ = missing_names(root, symbols.hidden_);
  return symbols;
}

void KernelSymbols::add_line(std::string_view line) {
  Symbol symbol{};
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), symbol.address, 16);
  const auto digits = static_cast<std::size_t>(end - line.data());
  // " T name", "\t[module]"
  constexpr std::size_t before_name = 3;
  if (error != std::errc{} || line.size() <= digits + before_name || line[digits] != ' ' || line[digits + 2] != ' ')
    return;
  const char type = line[digits + 1];
  std::string_view name = line.substr(digits + before_name);
  name = name.substr(0, name.find('\t'));
  if (name.empty() || is_mark(name)) return;
  if (symbol.address == 0) {
    hidden_ = true;
    return;
  }
  name = without_suffixes(name).substr(0, std::numeric_limits<std::uint16_t>::max());
  symbol.name = static_cast<std::uint32_t>(names_.size());
  symbol.length = static_cast<std::uint16_t>(name.size());
  symbol.is_function = std::string_view("tTwW").find(type) != std::string_view::npos;
  symbol.is_global = type == 'T';
  names_ += name;
  symbols_.push_back(symbol);
}

void KernelSymbols::sort() {
  std::ranges::stable_sort(symbols_, {}, &Symbol::address);
  std::size_t kept = 0;
  for (const Symbol& symbol : symbols_) {
    if (kept == 0 || symbols_[kept - 1].address != symbol.address) {
      symbols_[kept++] = symbol;
    } else if (is_better(symbol, symbols_[kept - 1])) {
      symbols_[kept - 1] = symbol;
    }
  }
  symbols_.resize(kept);
  hidden_ = hidden_ && symbols_.empty();
}

std::string_view KernelSymbols::text_of(const Symbol& symbol) const {
  return std::string_view(names_).substr(symbol.name, symbol.length);
}

bool KernelSymbols::is_better(const Symbol& a, const Symbol& b) const {
  if (a.is_function != b.is_function) return a.is_function;
  if (a.is_global != b.is_global) return a.is_global;
  return leading_underscores(text_of(a)) < leading_underscores(text_of(b));
}

std::string_view KernelSymbols::name_of(std::uint64_t address) const {
  const auto next = std::ranges::upper_bound(symbols_, address, {}, &Symbol::address);
  if (next == symbols_.begin()) return {};
  const Symbol& symbol = *std::prev(next);
  if (!symbol.is_function || address - symbol.address > furthest_from_symbol) return {};
  return text_of(symbol);
}

namespace {

std::vector<std::string> names_in(const StackSample& sample, const KernelSymbols& symbols) {
  if (sample.is_user) return {std::string(user_frame)};
  std::vector<std::string> names;
  for (const std::uint64_t address : sample.addresses) {
    // A call may be its function's last instruction: then the return address belongs to the next function.
    const std::string_view name = symbols.name_of(names.empty() ? address : address - 1);
    names.emplace_back(name.empty() ? unknown_frame : name);
  }
  return names;
}

}  // namespace

std::vector<Stack> named_stacks(const StackSamples& samples, const KernelSymbols& symbols, std::optional<int> tag) {
  std::map<std::vector<std::string>, std::uint64_t> counts;
  for (const StackSample& sample : samples.samples) {
    if (!tag || sample.tag == *tag) ++counts[names_in(sample, symbols)];
  }
  std::vector<Stack> stacks;
  stacks.reserve(counts.size());
  for (const auto& [frames, count] : counts) stacks.push_back({.frames = frames, .count = count});
  std::ranges::stable_sort(stacks, std::greater{}, &Stack::count);
  return stacks;
}

}  // namespace pipebench
