// The keys of all tables, for docs/output.md.
#include "model/fields/tables.hpp"
#include "pipebench/model/json.hpp"

namespace pipebench {
namespace {

template <class Struct>
std::string meaning_of(const Field<Struct>& field) {
  if (field.words == nullptr) return std::string(field.meaning);
  const Words words = field.words();
  return fmt::format(fmt::runtime(field.meaning), fmt::arg("words", words.names), fmt::arg("meanings", words.meanings));
}

template <class Struct>
KeyGroup group(std::string_view name) {
  KeyGroup keys{name, {}};
  for (const Field<Struct>& field : fields_of<Struct>())
    keys.keys.push_back({field.key, meaning_of(field), field.null_when});
  return keys;
}

}  // namespace

std::vector<KeyGroup> documented_keys() {
  return {group<Tool>("tool"),
          group<Host>("host"),
          group<Finding>("findings"),
          group<PlanRecord>("plan"),
          group<TuningRecord>("tuning"),
          group<CaseResult>("cases"),
          group<CaseSpec>("spec"),
          group<Sampling>("sampling"),
          group<Obtained>("obtained"),
          group<Traits>("traits"),
          group<Verification>("verify"),
          group<Sample>("samples"),
          group<Turns>("turns"),
          group<Percentiles>("percentiles"),
          group<Conditions>("conditions"),
          group<EndCounters>("counters"),
          group<Summary>("summary"),
          group<EndFigures>("figures"),
          group<Explanation>("explanation"),
          group<ConditionGroup>("groups"),
          group<Ceilings>("ceilings"),
          group<Profile>("profile"),
          group<EndProfile>("end_profile"),
          group<WorkShare>("work"),
          group<FunctionShare>("functions"),
          group<NamedCount>("other"),
          group<Stack>("stacks")};
}

}  // namespace pipebench
