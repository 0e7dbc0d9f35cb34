// A square of figures, writers down and readers across, that is legible without colour.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pipebench {

class HeatMap {
 public:
  void set(int writer, int reader, double speed) { cells_[{writer, reader}] = speed; }

  /// Within `width` columns: the figures where they fit; else one digit per pair, its share of the fastest in tenths;
  /// else one digit for several neighbouring CPUs, from the median of their pairs.
  [[nodiscard]] std::string render(unsigned width, bool color) const;

 private:
  [[nodiscard]] std::string as_figures(bool color) const;
  [[nodiscard]] std::string as_digits(unsigned width, bool color) const;
  [[nodiscard]] std::vector<int> cpus() const;
  [[nodiscard]] double fastest() const;

  std::map<std::pair<int, int>, double> cells_;
};

}  // namespace pipebench
