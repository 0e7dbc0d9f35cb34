// Names of the kernel's functions, modules and BPF programs included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/finding.hpp"
#include "pipebench/model/stack.hpp"
#include "pipebench/system/perf/sampler.hpp"

namespace pipebench {

/// `name` without what compilers append: "free_unref_page_commit.isra.0", "copy_page_to_iter.part.0.cold".
[[nodiscard]] std::string_view without_suffixes(std::string_view name) noexcept;

class KernelSymbols {
 public:
  KernelSymbols() = default;  ///< none
  /// Of a text in the format of /proc/kallsyms: "ffffffff81000000 T _stext", a module's name behind a tab. Lines that
  /// are not of this format are skipped.
  explicit KernelSymbols(std::string_view kallsyms);
  /// `root`/proc/kallsyms. Never throws for what is missing there: see finding(). Takes some 60 ms, mostly the
  /// kernel's.
  [[nodiscard]] static KernelSymbols read(const std::filesystem::path& root = "/");

  /// Why there are no names, and how to get them; empty where there are.
  [[nodiscard]] const std::optional<Finding>& finding() const { return finding_; }
  /// The function that holds `address`, without_suffixes(); empty where none is known. Of several names of a function
  /// it is the one that is global and has the fewest underscores in front. Valid as long as this object.
  [[nodiscard]] std::string_view name_of(std::uint64_t address) const;
  [[nodiscard]] std::size_t size() const { return symbols_.size(); }

 private:
  struct Symbol {
    std::uint64_t address;
    std::uint32_t name;  ///< where it begins in names_
    std::uint16_t length;
    bool is_function;  ///< others only say where a function ends
    bool is_global;
  };
  void add_line(std::string_view line);
  void sort();
  [[nodiscard]] std::string_view text_of(const Symbol& symbol) const;
  [[nodiscard]] bool is_better(const Symbol& a, const Symbol& b) const;

  std::string names_;
  std::vector<Symbol> symbols_;  ///< by address, one for each
  bool hidden_ = false;          ///< there are symbols, but all at address 0
  std::optional<Finding> finding_;
};

/// The samples of `tag` (of all, without one) by names: one stack for each different chain, the most frequent first.
[[nodiscard]] std::vector<Stack> named_stacks(const StackSamples& samples, const KernelSymbols& symbols,
                                              std::optional<int> tag = std::nullopt);

}  // namespace pipebench
