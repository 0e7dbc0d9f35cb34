#include "pipebench/model/case.hpp"

#include <cctype>
#include <charconv>

#include "pipebench/base/units.hpp"

namespace pipebench {

bool set_membind(CaseSpec& spec, std::string_view text) {
  int node = 0;
  if (const auto named = value_named<Membind>(text); named && *named != Membind::node) {
    spec.membind = *named;
    spec.membind_node.reset();
    return true;
  }
  if (!text.starts_with(node_prefix)) return false;
  text.remove_prefix(node_prefix.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), node);
  if (error != std::errc{} || end != text.data() + text.size() || node < 0) return false;
  spec.membind = Membind::node;
  spec.membind_node = node;
  return true;
}

std::string page_name(std::uint64_t bytes) {
  std::string name = format_size(bytes);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::string obtained_name(Pages pages, const PageSizes& sizes) {
  return pages == Pages::k4 ? page_name(sizes.base) : std::string(name_of(pages));
}

}  // namespace pipebench
