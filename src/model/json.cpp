#include "pipebench/model/json.hpp"

#include <functional>
#include <istream>
#include <ostream>

#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

/// Text from outside may not be UTF-8.
std::string as_text(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace); }

/// Takes each case out of the tree as soon as it is complete, so that the tree of all cases is never in memory.
class DocumentReader {
 public:
  explicit DocumentReader(const std::string& source) : source_(source), reading_(source) {}

  /// For nlohmann's parser; false: leave this value out of the tree.
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    constexpr int deepest = 16;  // twice what results are
    if (depth > deepest) throw UsageError(fmt::format("{}: it is nested too deeply to be results.", source_));
    if (event == Json::parse_event_t::key && depth == 1) top_key_ = parsed.get<std::string>();
    if (event == Json::parse_event_t::value && depth == 1 && top_key_ == "schema") check_schema(parsed);
    if (event != Json::parse_event_t::object_end || depth != 2 || top_key_ != "cases") return true;
    const Reading::Step cases(reading_, "cases");
    const Reading::Step index(reading_, result_.document.cases.size());
    decode(parsed, result_.document.cases.emplace_back(), reading_);
    return false;
  }

  /// `frame`: the tree without the cases.
  ReadDocument finish(const Json& frame) {
    if (!frame.is_object()) reading_.refuse(frame, "an object");
    if (!frame.contains("schema")) reading_.refuse_missing("schema");
    read_part(frame, "tool", result_.document.tool);
    read_part(frame, "host", result_.document.host);
    read_part(frame, "plan", result_.document.plan);
    if (!frame.contains("cases")) reading_.refuse_missing("cases");
    for (const auto& [key, value] : frame.items()) {
      if (key != "schema" && key != "tool" && key != "host" && key != "plan" && key != "cases")
        reading_.skip_unknown(key);
    }
    result_.unknown_keys = reading_.unknown();
    return std::move(result_);
  }

 private:
  void check_schema(const Json& found) const {
    if (found == schema) return;
    throw UsageError(
        fmt::format("{}: its schema is {}; this version of pipebench reads \"{}\".", source_, found.dump(), schema));
  }
  template <class Part>
  void read_part(const Json& frame, std::string_view key, Part& part) {
    const auto at = frame.find(key);
    if (at == frame.end()) reading_.refuse_missing(key);
    const Reading::Step here(reading_, key);
    decode(*at, part, reading_);
  }

  const std::string& source_;
  Reading reading_;
  std::string top_key_;
  ReadDocument result_;
};

}  // namespace

nlohmann::ordered_json to_json(const CaseResult& result) { return encode(result); }

nlohmann::ordered_json to_json(const Finding& finding) { return encode(finding); }

nlohmann::ordered_json to_json(const std::vector<Finding>& findings) { return encode(findings); }

nlohmann::ordered_json frame_to_json(const Document& document) {
  return {
      {"schema", schema},
      {"tool", encode(document.tool)},
      {"host", encode(document.host)},
      {"plan", encode(document.plan)},
      {"cases", Json::array()},
  };
}

void write_json(std::ostream& out, const Document& document) {
  std::string frame = as_text(frame_to_json(document));
  constexpr std::string_view end = "[]\n}";  // the cases come last
  if (document.cases.empty()) {
    out << frame << '\n';
    return;
  }
  frame.resize(frame.size() - end.size());
  out << frame;
  std::string_view before = "[";
  for (const CaseResult& result : document.cases) {
    out << before << "\n    ";
    before = ",";
    for (const char c : as_text(encode(result))) {
      out << c;
      if (c == '\n') out << "    ";
    }
  }
  out << "\n  ]\n}\n";
}

ReadDocument read_json(std::istream& in, const std::string& source) try {
  DocumentReader reader(source);
  const Json frame = Json::parse(in, std::ref(reader));
  return reader.finish(frame);
} catch (const Json::exception& error) {
  throw UsageError(fmt::format("{}: it is not JSON as results are: {}.", source, error.what()));
}

}  // namespace pipebench
