#include "pipebench/model/json.hpp"

#include <exception>
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
    if (depth == 1) see_part(event, parsed);
    if (depth != 2 || !in_cases_ || !is_complete(event)) return true;
    read_case(parsed);
    return false;
  }

  /// `frame`: the tree without the cases.
  ReadDocument finish(const Json& frame) {
    if (!frame.is_object()) reading_.refuse(frame, "an object");
    if (!frame.contains("schema")) reading_.refuse_missing("schema");
    check_schema(frame.at("schema"));
    read_part(frame, "tool", result_.document.tool);
    read_part(frame, "host", result_.document.host);
    read_part(frame, "plan", result_.document.plan);
    std::vector<CaseResult> none;  // what is left of the list
    read_part(frame, "cases", none);
    for (const auto& [key, value] : frame.items()) {
      if (key != "schema" && key != "tool" && key != "host" && key != "plan" && key != "cases")
        reading_.skip_unknown(key);
    }
    result_.unknown_keys = reading_.unknown();
    return std::move(result_);
  }

 private:
  using Event = Json::parse_event_t;

  static bool is_complete(Event event) {
    return event == Event::value || event == Event::object_end || event == Event::array_end;
  }
  void see_part(Event event, const Json& parsed) {
    if (event == Event::key) top_key_ = parsed.get<std::string>();
    if (event == Event::value && top_key_ == "schema") check_schema(parsed);
    if (event == Event::array_start) in_cases_ = top_key_ == "cases";
    if (event == Event::array_end) in_cases_ = false;
  }
  /// Of another schema, cases may be anything: until the schema is known, what is wrong with them waits.
  void read_case(const Json& parsed) try {
    const Reading::Step cases(reading_, "cases");
    const Reading::Step index(reading_, result_.document.cases.size());
    decode(parsed, result_.document.cases.emplace_back(), reading_);
  } catch (const UsageError&) {
    if (schema_is_known_) throw;
    if (!wrong_case_) wrong_case_ = std::current_exception();
  }
  void check_schema(const Json& found) {
    if (found != schema) {
      throw UsageError(
          fmt::format("{}: its schema is {}; this version of pipebench reads \"{}\".", source_, found.dump(), schema));
    }
    schema_is_known_ = true;
    if (wrong_case_) std::rethrow_exception(wrong_case_);
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
  bool in_cases_ = false;
  bool schema_is_known_ = false;
  std::exception_ptr wrong_case_;
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
