#include "report/html/data.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <string_view>
#include <utility>

#include "pipebench/base/printable.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

// ------------------------------------------------------------------------------------------------ for charts

// A page must open at once; the counters are most of it.
constexpr std::size_t most_samples_with_counters = 5000;

// Without what is null, and with texts as people may see them: nothing on the page is done with these but to show them.
Json shown(const Json& value) {
  if (value.is_string()) return escaped(value.get_ref<const std::string&>());
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

Json for_charts(const CaseResult& result, bool with_counters, const std::map<const CaseResult*, std::size_t>& common) {
  Json object = picked(to_json(result), {"name", "section", "varied", "spec", "status", "reason", "obtained", "traits",
                                         "verify", "samples", "summary", "only_for_ceilings", "profile", "notes"});
  Json& varied = object.at("varied") = Json::object();  // whose keys may be anything, too
  for (const auto& [option, value] : result.varied) varied[escaped(option)] = value;
  for (Json& sample : object.at("samples")) {
    Json some =
        picked(sample, {"round", "set_aside", "gib_per_second", "counted_seconds", "turns_ns_per_page", "conditions"});
    for (const char* turns : {"writer_turns", "reader_turns"})
      if (result.spec.takes_turns()) some[turns] = picked(sample.at(turns), {"median_ns_per_page"});
    if (with_counters) some.update(picked(sample, {"writer", "reader"}));
    sample = std::move(some);
  }
  Json& summary = object.at("summary");
  summary = picked(summary, {"n", "median_gib_per_second", "ci95_low", "ci95_high", "ns_per_page",
                             "cpu_seconds_per_gib", "writer_ns_per_page", "reader_ns_per_page", "turns_ns_per_page",
                             "turns_ns_per_page_ci95_low", "turns_ns_per_page_ci95_high", "ratio", "ratio_ci95_low",
                             "ratio_ci95_high", "relative_to", "explanation", "stable", "doubts", "advice"});
  if (result.profile) {
    for (const auto* end : {"writer", "reader"}) {
      Json& profile = object.at("profile").at(end);
      profile = picked(profile, {"samples", "work", "functions", "conclusion"});
    }
  }
  if (const auto found = common.find(&result); found != common.end()) object["common"] = found->second;
  return shown(object);
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

std::string gzip(std::string text) {
  constexpr int with_gzip_header = 15 + 16;  // deflateInit2() in zlib.h
  constexpr int usual_memory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header, usual_memory, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    throw std::bad_alloc();
  std::string packed;
  std::array<char, 1U << 16U> piece{};
  // zlib counts what is left in 32 bits.
  constexpr std::size_t most = 1U << 30U;
  std::size_t taken = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<uInt>(std::min(most, text.size() - taken));
      stream.next_in = reinterpret_cast<Bytef*>(text.data() + taken);
      taken += stream.avail_in;
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = deflate(&stream, taken == text.size() ? Z_FINISH : Z_NO_FLUSH);
    packed.append(piece.data(), piece.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return packed;
}

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
  constexpr std::string_view end = "[]}";  // the cases come last
  std::string frame = as_text(shown(frame_to_json(document)));
  frame.resize(frame.size() - end.size());
  std::string text = without_markup(frame);
  std::string_view before = "[";
  for (const CaseResult& result : document.cases) {
    text += before;
    text += without_markup(as_text(for_charts(result, samples <= most_samples_with_counters, common)));
    before = ",\n";
  }
  return text + (document.cases.empty() ? "[]}" : "]}");
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

std::string packed_data(const Document& document) { return base64(gzip(results_as_json(document, {}))); }

}  // namespace pipebench
