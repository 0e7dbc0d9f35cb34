#include "pipebench/model/case.hpp"

#include <charconv>

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

}  // namespace pipebench
