#include "report/html/data.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <new>
#include <ostream>
#include <set>
#include <streambuf>
#include <string_view>
#include <utility>
#include <vector>

#include "pipebench/analysis/sweep.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/model/json.hpp"
#include "report/html/columns.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

// ------------------------------------------------------------------------------------------------ for charts

// A page must open at once, whatever was measured, so it has details only of so many samples.
constexpr std::size_t most_samples_with_counters = 5000;  // of a document that has more, none
constexpr std::size_t most_samples_with_conditions = 100'000;
constexpr std::size_t most_cases_with_conditions = 500;

// To six digits, which is more than a chart or a hover shows.
double rounded(double value) { return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr); }

// Without what is null, and with texts as people may see them: nothing on the page is done with these but to show them.
Json shown(const Json& value) {
  if (value.is_string()) return escaped(value.get_ref<const std::string&>());
  if (value.is_number_float()) return rounded(value.get<double>());
  if (!value.is_structured()) return value;
  Json kept = value.is_array() ? Json::array() : Json::object();
  for (const auto& [key, each] : value.items()) {
    if (value.is_array()) {
      kept.push_back(shown(each));
    } else if (!each.is_null()) {
      kept[key] = shown(each);
    }
  }
  return kept;
}

// Throws when a key is none of the results: what was renamed there has to be renamed here.
Json picked(const Json& object, std::initializer_list<const char*> keys) {
  if (object.is_null()) return object;
  Json some = Json::object();
  for (const char* key : keys) some[key] = object.at(key);
  return some;
}

// What is known of the samples of a case besides their figures.
enum class Detail : std::uint8_t { figures, conditions, counters };

Json for_charts(const Sample& sample, bool takes_turns, Detail detail) {
  if (detail == Detail::figures) {
    Json some{{"round", sample.round}, {"set_aside", sample.set_aside}};
    if (!takes_turns) some["gib_per_second"] = sample.gib_per_second();
    if (takes_turns && sample.turns_ns_per_page()) some["turns_ns_per_page"] = *sample.turns_ns_per_page();
    return some;
  }
  const Json all = to_json(sample);
  Json some =
      picked(all, {"round", "set_aside", "gib_per_second", "counted_seconds", "turns_ns_per_page", "conditions"});
  for (const char* turns : {"writer_turns", "reader_turns"})
    if (takes_turns) some[turns] = picked(all.at(turns), {"median_ns_per_page"});
  if (detail == Detail::counters) some.update(picked(all, {"writer", "reader"}));
  return some;
}

Json for_charts(const CaseResult& result, Detail detail, const std::map<const CaseResult*, std::size_t>& common) {
  Json object =
      picked(to_json_without_samples(result), {"name", "section", "varied", "spec", "status", "reason", "obtained",
                                               "traits", "verify", "summary", "only_for_ceilings", "profile", "notes"});
  Json& varied = object.at("varied") = Json::object();  // whose keys may be anything, too
  for (const auto& [option, value] : result.varied) varied[escaped(option)] = value;
  Json& summary = object.at("summary");
  summary = picked(summary, {"n",
                             "median_gib_per_second",
                             "ci95_low",
                             "ci95_high",
                             "ns_per_page",
                             "cpu_seconds_per_gib",
                             "writer_ns_per_page",
                             "reader_ns_per_page",
                             "turns_ns_per_page",
                             "turns_ns_per_page_ci95_low",
                             "turns_ns_per_page_ci95_high",
                             "ratio",
                             "ratio_ci95_low",
                             "ratio_ci95_high",
                             "relative_to",
                             "explanation",
                             "stable",
                             "doubts",
                             "advice",
                             "latency",
                             "round_trip"});
  if (result.profile) {
    for (const auto* end : {"writer", "reader"}) {
      Json& profile = object.at("profile").at(end);
      profile = picked(profile, {"samples", "work", "functions", "conclusion"});
    }
  }
  if (const auto found = common.find(&result); found != common.end()) object["common"] = found->second;
  if (const auto distance = median_handover(result)) object["handover_ns"] = *distance;
  object["has_conditions"] = detail != Detail::figures;
  std::vector<Json> samples;
  for (const Sample& sample : result.samples)
    samples.push_back(shown(for_charts(sample, result.spec.takes_turns(), detail)));
  object = shown(object);
  object["samples"] = packed_columns(samples);
  return object;
}

// Does a reader want to see when its samples differed?
bool is_doubtful(const CaseResult& result) {
  if (!result.summary) return false;
  const auto doubted_for = [&](Doubt doubt) { return std::ranges::count(result.summary->doubts, doubt) > 0; };
  return result.summary->explanation || doubted_for(Doubt::conditions) || doubted_for(Doubt::two_groups);
}

// The cases whose samples have their conditions: doubtful ones first.
std::set<const CaseResult*> cases_with_conditions(const Document& document) {
  std::set<const CaseResult*> chosen;
  std::size_t samples = 0;
  for (const bool doubtful : {true, false}) {
    for (const CaseResult& result : document.cases) {
      if (is_doubtful(result) != doubtful || result.samples.empty() || chosen.size() == most_cases_with_conditions)
        continue;
      samples += result.samples.size();
      if (chosen.empty() || samples <= most_samples_with_conditions) chosen.insert(&result);
    }
  }
  return chosen;
}

std::string as_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// These stand in strings alone, where JSON has another way to write them. The last two end a line in old scripts.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> replacements{
    {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}}};

std::string without_markup(std::string_view json) {
  std::string text;
  while (!json.empty()) {
    const std::size_t plain = std::min(json.find_first_of("<>&\xe2"), json.size());
    text += json.substr(0, plain);
    json.remove_prefix(plain);
    if (json.empty()) break;
    const auto found =
        std::ranges::find_if(replacements, [&](const auto& each) { return json.starts_with(each.first); });
    const bool is_plain = found == replacements.end();  // another character that begins like U+2028
    text += is_plain ? json.substr(0, 1) : found->second;
    json.remove_prefix(is_plain ? 1 : found->first.size());
  }
  return text;
}

// ------------------------------------------------------------------------------------------------ packed

/// What is written to it, packed as gzip(1) does. Throws std::bad_alloc.
class Gzip : public std::streambuf {
 public:
  Gzip() {
    constexpr int with_gzip_header = 15 + 16;  // deflateInit2() in zlib.h
    constexpr int usual_memory = 8;
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header, usual_memory, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc();
    setp(text_.data(), text_.data() + text_.size());
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { deflateEnd(&stream_); }
  /// All of it; nothing may be written afterwards.
  std::string finish() {
    pack(Z_FINISH);
    return std::move(packed_);
  }

 protected:
  int_type overflow(int_type c) override {
    pack(Z_NO_FLUSH);
    if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }

 private:
  void pack(int flush) {
    std::array<char, 1U << 16U> piece{};
    stream_.next_in = reinterpret_cast<Bytef*>(pbase());
    stream_.avail_in = static_cast<uInt>(pptr() - pbase());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      deflate(&stream_, flush);
      packed_.append(piece.data(), piece.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    setp(text_.data(), text_.data() + text_.size());
  }

  z_stream stream_{};
  std::array<char, 1U << 16U> text_{};
  std::string packed_;
};

// RFC 4648.
std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8U | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= group.size() ? digits[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

}  // namespace

std::string chart_data(const Document& document, const std::map<const CaseResult*, std::size_t>& common) {
  std::size_t samples = 0;
  for (const CaseResult& result : document.cases) samples += result.samples.size();
  const std::set<const CaseResult*> detailed = cases_with_conditions(document);
  const Detail most = samples <= most_samples_with_counters ? Detail::counters : Detail::conditions;
  std::vector<Json> cases;
  for (const CaseResult& result : document.cases)
    cases.push_back(for_charts(result, detailed.contains(&result) ? most : Detail::figures, common));
  Json data = shown(frame_to_json(document));
  data["cases"] = packed_columns(cases);
  return without_markup(as_text(data));
}

std::string relation_data() {
  Json list = Json::array();
  for (const auto& relation : names<Relation>) {
    list.push_back({{"name", relation.name},
                    {"in_one_cache", relation.value <= Relation::l3},
                    {"in_one_package", relation.value <= Relation::package}});
  }
  return list.dump();
}

std::string packed_data(const Document& document) {
  Gzip packed;
  std::ostream out(&packed);
  out.exceptions(std::ios::badbit);  // what is thrown while it writes is passed on
  write_json(out, document);
  return base64(packed.finish());
}

}  // namespace pipebench
