// From values to JSON and back, by type. A struct with a table of fields (fields/table.hpp) becomes an object.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/error.hpp"
#include "pipebench/base/named.hpp"

namespace pipebench {

using Json = nlohmann::ordered_json;

/// Text of a file, in an error: as much as says which.
[[nodiscard]] inline std::string shortened(std::string text, std::size_t most) {
  if (text.size() > most) text = text.substr(0, most) + "...";
  return text;
}

/// The state of reading: the place, for errors, and the unknown keys.
class Reading {
 public:
  /// `source` begins errors: a file's name.
  explicit Reading(std::string source) : source_(std::move(source)) {}

  /// Throws UsageError: "x.json: cases[3].samples[0].bytes: a whole number is expected, not "many"."
  [[noreturn]] void refuse(const Json& found, std::string_view expected) const {
    const std::string shown = shortened(found.dump(-1, ' ', true, Json::error_handler_t::replace), 60);
    throw UsageError(fmt::format("{}: {}: {} is expected, not {}.", source_, path(), expected, shown));
  }
  [[noreturn]] void refuse_missing(std::string_view key) const {
    throw UsageError(fmt::format("{}: {}: the key \"{}\" is missing.", source_, path(), key));
  }
  void skip_unknown(std::string_view key) {
    const Step here(*this, key);
    unknown_.insert(shortened(path(false), 100));
  }
  /// Each named once: "cases[].colour".
  [[nodiscard]] std::vector<std::string> unknown() const { return {unknown_.begin(), unknown_.end()}; }

  /// A key or an index on the way down.
  class Step {
   public:
    Step(Reading& reading, std::string_view key) : Step(reading, key, no_index) {}
    Step(Reading& reading, std::size_t index) : Step(reading, {}, index) {}
    ~Step() { reading_.steps_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Step(Reading& reading, std::string_view key, std::size_t index) : reading_(reading) {
      reading.steps_.push_back({key, index});
    }
    Reading& reading_;
  };

 private:
  static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();
  struct Place {
    std::string_view key;
    std::size_t index;
  };
  [[nodiscard]] std::string path(bool with_indices = true) const {
    if (steps_.empty()) return "the document";
    std::string text;
    for (const Place& place : steps_) {
      if (place.index != no_index) {
        text += with_indices ? fmt::format("[{}]", place.index) : "[]";
      } else {
        if (!text.empty()) text += '.';
        text += place.key;
      }
    }
    return text;
  }
  std::string source_;
  std::vector<Place> steps_;
  std::set<std::string> unknown_;
};

/// The words of an enumeration, as docs/output.md lists them.
struct Words {
  std::string names;     ///< "`block`, `poll` or `busy`"
  std::string meanings;  ///< "`block`: the call itself sleeps in the kernel; `poll`: ..."
};

/// One key of an object.
template <class Struct>
struct Field {
  std::string_view key;
  std::string_view meaning;    ///< Markdown, for docs/output.md; {words} and {meanings} stand for those of `words`
  std::string_view null_when;  ///< likewise; empty: never null. Otherwise an empty text or list is null, too
  Json (*write)(const Struct&);
  void (*read)(Struct&, const Json&, Reading&);  ///< nullptr: follows from the others, so it is not read
  Words (*words)() = nullptr;                    ///< of its type, when that is an enumeration with names
};

/// The fields of a struct, in the order of its keys; specialised in fields/tables.hpp.
template <class Struct>
std::span<const Field<Struct>> fields_of();

template <class T>
concept HasFields = requires {
  fields_of<T>().front();
};

// ---------------------------------------------------------------------------------------------- to JSON

/// The object of a struct that has a table; `without`: a key that is left out.
template <class T>
[[nodiscard]] Json encode_fields(const T& value, std::string_view without = {}) {
  Json object = Json::object();
  for (const Field<T>& field : fields_of<T>()) {
    if (field.key == without) continue;
    Json member = field.write(value);
    const bool blank =
        (member.is_string() && member.get_ref<const std::string&>().empty()) || (member.is_array() && member.empty());
    object[std::string(field.key)] = blank && !field.null_when.empty() ? Json(nullptr) : std::move(member);
  }
  return object;
}

template <class T>
[[nodiscard]] Json encode(const T& value) {
  if constexpr (HasNames<T>) {
    return name_of(value);
  } else if constexpr (std::floating_point<T>) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);  // JSON has no NaN and no infinity
  } else if constexpr (std::is_class_v<T> && !std::convertible_to<T, std::string_view>) {
    return encode_fields(value);
  } else {
    return value;
  }
}

template <class T>
[[nodiscard]] Json encode(const std::optional<T>& value) {
  return value ? encode(*value) : Json(nullptr);
}

template <class T>
[[nodiscard]] Json encode(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(encode(value));
  return array;
}

// ---------------------------------------------------------------------------------------------- from JSON

inline void decode(const Json& json, bool& value, Reading& reading) {
  if (!json.is_boolean()) reading.refuse(json, "true or false");
  value = json.get<bool>();
}

inline void decode(const Json& json, double& value, Reading& reading) {
  if (!json.is_number() && !json.is_null()) reading.refuse(json, "a number or null");
  value = json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

inline void decode(const Json& json, std::string& value, Reading& reading) {
  if (!json.is_string()) reading.refuse(json, "a text");
  value = json.get<std::string>();
}

template <std::integral Number>
void decode(const Json& json, Number& value, Reading& reading) {
  const bool fits = json.is_number_unsigned()  ? std::in_range<Number>(json.get<std::uint64_t>())
                    : json.is_number_integer() ? std::in_range<Number>(json.get<std::int64_t>())
                                               : false;
  if (!fits) {
    reading.refuse(json, fmt::format("a whole number from {} to {}", std::numeric_limits<Number>::min(),
                                     std::numeric_limits<Number>::max()));
  }
  value = json.get<Number>();
}

template <HasNames E>
void decode(const Json& json, E& value, Reading& reading) {
  const std::optional<E> found = json.is_string() ? value_named<E>(json.get_ref<const std::string&>()) : std::nullopt;
  if (!found) {
    std::vector<std::string> known;
    for (const Named<E>& entry : names<E>) known.push_back(fmt::format("\"{}\"", entry.name));
    reading.refuse(json, fmt::format("one of {}", fmt::join(known, ", ")));
  }
  value = *found;
}

template <class T>
requires std::is_class_v<T>
void decode(const Json& json, T& value, Reading& reading);

template <class T>
void decode(const Json& json, std::optional<T>& value, Reading& reading) {
  if (json.is_null()) return value.reset();
  decode(json, value.emplace(), reading);
}

template <class T>
void decode(const Json& json, std::vector<T>& values, Reading& reading) {
  if (!json.is_array()) reading.refuse(json, "a list");
  values.clear();
  values.reserve(json.size());
  for (const Json& element : json) {
    const Reading::Step here(reading, values.size());
    decode(element, values.emplace_back(), reading);
  }
}

/// The field of this key. The search begins at `next`, where the field is if the file has the keys in the table's
/// order.
template <class Struct>
[[nodiscard]] const Field<Struct>* find_field(std::string_view key, std::size_t next) {
  const auto fields = fields_of<Struct>();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field<Struct>& field = fields[(next + i) % fields.size()];
    if (field.key == key) return &field;
  }
  return nullptr;
}

template <class T>
requires std::is_class_v<T>
void decode(const Json& json, T& value, Reading& reading) {
  if (!json.is_object()) reading.refuse(json, "an object");
  std::vector<bool> found(fields_of<T>().size());
  std::size_t next = 0;
  for (const auto& [key, member] : json.items()) {
    const Field<T>* field = find_field<T>(key, next);
    if (field == nullptr) {
      reading.skip_unknown(key);
      continue;
    }
    next = static_cast<std::size_t>(field - fields_of<T>().data());
    found[next++] = true;
    // Null means what the struct says when nothing is put into it.
    if (field->read == nullptr || (member.is_null() && !field->null_when.empty())) continue;
    const Reading::Step here(reading, field->key);
    field->read(value, member, reading);
  }
  // Files of earlier versions lack what came later; what may be null, or follows from other keys, is not missed.
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Field<T>& field = fields_of<T>()[i];
    if (!found[i] && field.read != nullptr && field.null_when.empty()) reading.refuse_missing(field.key);
  }
}

}  // namespace pipebench
