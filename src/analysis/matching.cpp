#include "pipebench/analysis/matching.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "pipebench/model/identity.hpp"

namespace pipebench {
namespace {

std::string whole_key(const CaseResult& result) { return spec_key(result.spec); }

bool is_named_alike(const CaseResult* one, const CaseResult* other) { return one->name == other->name; }

void match(Cases& base, Cases& other, std::string (*key)(const CaseResult&), CasePairs& pairs) {
  std::multimap<std::string, const CaseResult*> candidates;
  for (const CaseResult* result : other) candidates.emplace(key(*result), result);
  std::map<std::string, std::size_t> wanted;
  for (const CaseResult* result : base) ++wanted[key(*result)];
  std::set<const CaseResult*> taken;
  std::erase_if(base, [&](const CaseResult* result) {
    const auto [first, last] = candidates.equal_range(key(*result));
    auto found = std::find_if(first, last, [&](const auto& one) { return is_named_alike(one.second, result); });
    if (found == last && std::distance(first, last) == 1 && wanted[key(*result)] == 1) found = first;
    if (found == last) return false;
    pairs.emplace_back(result, found->second);
    taken.insert(found->second);
    candidates.erase(found);
    return true;
  });
  std::erase_if(other, [&](const CaseResult* result) { return taken.contains(result); });
}

const CaseResult* first_of(const Cases& row) {
  return *std::ranges::find_if(row, [](const CaseResult* result) { return result != nullptr; });
}

}  // namespace

std::string key_without_cpus(const CaseResult& result) {
  CaseSpec spec = result.spec;
  spec.placement = {};
  spec.further_placements.clear();
  return spec_key(spec);
}

CasePairs take_matching(Cases& base, Cases& other) {
  CasePairs pairs;
  for (const auto key : {whole_key, key_without_cpus}) match(base, other, key, pairs);
  return pairs;
}

std::vector<Cases> common_cases(std::span<const Cases> lists) {
  std::vector<Cases> rows;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    Cases known, mine = lists[i];
    std::map<const CaseResult*, std::size_t> row_of;
    for (const Cases& row : rows) {
      row_of.emplace(first_of(row), known.size());
      known.push_back(first_of(row));
    }
    for (const auto& [head, result] : take_matching(known, mine)) rows[row_of.at(head)][i] = result;
    for (const CaseResult* result : mine) rows.emplace_back(lists.size(), nullptr)[i] = result;
  }
  std::erase_if(rows, [](const Cases& row) { return std::ranges::count(row, nullptr) + 1 >= std::ssize(row); });
  return rows;
}

}  // namespace pipebench
