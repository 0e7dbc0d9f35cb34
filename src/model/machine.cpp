#include "pipebench/model/machine.hpp"

namespace pipebench {
namespace {

/// An unknown group is not shared.
[[nodiscard]] bool shared(int a, int b) { return a >= 0 && a == b; }

}  // namespace

Relation relation_between(const Cpu& a, const Cpu& b) noexcept {
  if (a.os == b.os) return Relation::same_cpu;
  const bool packages_known = a.package >= 0 && b.package >= 0;
  if (packages_known && a.package != b.package) return Relation::cross_package;
  if (shared(a.core, b.core)) return Relation::smt;
  if (shared(a.l2, b.l2)) return Relation::l2;
  if (shared(a.l3, b.l3)) return Relation::l3;
  if (shared(a.node, b.node)) return Relation::numa;
  return a.node >= 0 && b.node >= 0 ? Relation::package : Relation::unknown;
}

}  // namespace pipebench
