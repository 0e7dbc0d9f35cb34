#include "pipebench/model/json.hpp"

#include <exception>
#include <istream>
#include <ostream>
#include <string>
#include <utility>

#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

/// Text from outside may not be UTF-8.
std::string as_text(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace); }

/// Each line after the first is four columns further in.
void write_indented(std::ostream& out, std::string_view text) {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    out << text.substr(0, end + 1) << "    ";
    text.remove_prefix(end + 1);
  }
  out << text;
}

/// Builds a tree of what nlohmann's parser reports, and takes each sample and each case out of it as soon as it is
/// complete, so that a tree of all cases, or of all samples of one, is never in memory.
class DocumentReader : public nlohmann::json_sax<Json> {
 public:
  explicit DocumentReader(const std::string& source) : source_(source), reading_(source) {}

  bool null() override { return take(nullptr); }
  bool boolean(bool value) override { return take(value); }
  bool number_integer(number_integer_t value) override { return take(value); }
  bool number_unsigned(number_unsigned_t value) override { return take(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return take(value); }
  bool string(string_t& value) override { return take(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }  // JSON has none
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override {
    if (is_in_object(1) && key_ == "cases") in_cases_ = true;
    if (in_cases_ && is_in_object(3) && key_ == "samples") {
      in_samples_ = true;
      samples_.clear();
    }
    return open(Json::array());
  }
  bool end_array() override {
    if (open_.size() == 2) in_cases_ = false;
    if (open_.size() == 4) in_samples_ = false;
    return close();
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    throw UsageError(fmt::format("{}: it is not JSON as results are: {}.", source_, shortened(error.what(), 300)));
  }

  /// When all was read.
  ReadDocument finish() {
    const Json& frame = root_;  // without the cases
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
  [[nodiscard]] bool is_in_object(std::size_t depth) const {
    return open_.size() == depth && open_.back()->is_object();
  }
  // A key that comes twice is there twice: to look for it would take as long as there are keys, for each of them.
  Json& add(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_array()) return open_.back()->get_ref<Json::array_t&>().emplace_back(std::move(value));
    auto& members = open_.back()->get_ref<Json::object_t&>();
    static_cast<Json::object_t::Container&>(members).emplace_back(key_, std::move(value));
    return members.back().second;
  }
  bool take(Json value) {
    add(std::move(value));
    see_complete();
    return true;
  }
  bool open(Json container) {
    constexpr std::size_t deepest = 16;  // twice what results are
    if (open_.size() == deepest) throw UsageError(fmt::format("{}: it is nested too deeply to be results.", source_));
    open_.push_back(&add(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    see_complete();
    return true;
  }
  /// The last member of the innermost open object or array is complete.
  void see_complete() {
    if (is_in_object(1)) {
      const auto& [key, value] = open_.back()->get_ref<const Json::object_t&>().back();
      if (key == "schema") check_schema(value);
    } else if (in_cases_ && open_.size() == 2) {
      read_and_drop(&DocumentReader::read_case);
    } else if (in_samples_ && open_.size() == 4) {
      read_and_drop(&DocumentReader::read_sample);
    }
  }
  /// Of another schema, cases may be anything: until the schema is known, what is wrong with them waits.
  void read_and_drop(void (DocumentReader::*read)(const Json&)) {
    auto& list = open_.back()->get_ref<Json::array_t&>();
    try {
      (this->*read)(list.back());
    } catch (const UsageError&) {
      if (schema_is_known_) throw;
      if (!wrong_case_) wrong_case_ = std::current_exception();
    }
    list.pop_back();
  }
  void read_case(const Json& parsed) {
    const Reading::Step cases(reading_, "cases");
    const Reading::Step index(reading_, result_.document.cases.size());
    CaseResult& result = result_.document.cases.emplace_back();
    decode(parsed, result, reading_);
    result.samples = std::exchange(samples_, {});
  }
  void read_sample(const Json& parsed) {
    const Reading::Step cases(reading_, "cases");
    const Reading::Step index(reading_, result_.document.cases.size());
    const Reading::Step samples(reading_, "samples");
    const Reading::Step at(reading_, samples_.size());
    decode(parsed, samples_.emplace_back(), reading_);
  }
  void check_schema(const Json& found) {
    if (found != schema) {
      throw UsageError(fmt::format("{}: its schema is {}; this version of pipebench reads \"{}\".", source_,
                                   shortened(found.dump(-1, ' ', true, Json::error_handler_t::replace), 60), schema));
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
  Json root_;
  std::vector<Json*> open_;  // the objects and arrays around what comes next, outermost first
  std::string key_;
  bool in_cases_ = false;
  bool in_samples_ = false;
  std::vector<Sample> samples_;  // of the case that is being read
  bool schema_is_known_ = false;
  std::exception_ptr wrong_case_;
  ReadDocument result_;
};

}  // namespace

nlohmann::ordered_json to_json(const CaseResult& result) { return encode(result); }

nlohmann::ordered_json to_json_without_samples(const CaseResult& result) { return encode_fields(result, "samples"); }

nlohmann::ordered_json to_json(const Sample& sample) { return encode(sample); }

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
    write_indented(out, as_text(encode(result)));
  }
  out << "\n  ]\n}\n";
}

ReadDocument read_json(std::istream& in, const std::string& source) {
  DocumentReader reader(source);
  Json::sax_parse(in, &reader);
  // The parser takes a NUL for the end.
  if (in.rdbuf()->sgetc() != std::char_traits<char>::eof())
    throw UsageError(
        fmt::format("{}: something comes after the end of the results; give one file of one run.", source));
  return reader.finish();
}

}  // namespace pipebench
