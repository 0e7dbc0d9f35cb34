// What reading results takes: files with few and with many samples in a case. Usage: reading [SAMPLES...]. The time for
// each sample should be the same in all.
#include <fmt/format.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/clock.hpp"
#include "pipebench/model/json.hpp"

using namespace pipebench;

namespace {

// A case with so many samples, all the same.
std::string text_with(std::size_t samples) {
  Document document;
  document.cases.resize(1);
  document.cases[0].samples.resize(1);
  std::ostringstream one;
  write_json(one, document);
  const std::string text = std::move(one).str();
  constexpr std::string_view list = "\"samples\": [";
  const std::size_t begin = text.find(list) + list.size();
  const std::size_t end = text.find("\n      ]", begin);
  std::string all = text.substr(0, end);
  for (std::size_t i = 1; i < samples; ++i) all.append(1, ',').append(text, begin, end - begin);
  return all + text.substr(end);
}

void measure(std::size_t samples) {
  std::istringstream text(text_with(samples));
  const std::uint64_t began = monotonic_ns();
  const ReadDocument read = read_json(text, "results");
  const auto took = static_cast<double>(monotonic_ns() - began);
  fmt::print("{:>9} samples: {:7.3f} s, {:6.2f} us each\n", read.document.cases[0].samples.size(), took / 1e9,
             took / 1e3 / static_cast<double>(samples));
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::size_t> sizes{1000, 20'000, 130'000};
  if (argc > 1) sizes.clear();
  for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  for (const std::size_t samples : sizes) measure(samples);
}
