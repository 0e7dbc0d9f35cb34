// How the keys of the results are written down. Each struct of the results has one table of fields, in a file of this
// folder: `fields_of<Struct>()`, specialised in tables.hpp. A line of it is a key: field<&Struct::member>(key, meaning,
// null_when). JSON is written, read and checked by these tables, in their order, and docs/output.md is made of them.
//
// - field<>() is a member as it is; its type decides what it looks like in JSON (codec.hpp).
// - derived() follows from other members: it is written, and ignored when read.
// - A key that is neither is a Field with functions of its own.
// - A member whose type is a struct with a table is an object; documentation.cpp says under which name it is explained.
#pragma once

#include <algorithm>
#include <array>

#include "model/codec.hpp"

namespace pipebench {

template <class Class, class Value>
Class class_of(Value Class::*);

/// A member as it is.
template <auto member>
constexpr auto field(std::string_view key, std::string_view meaning, std::string_view null_when = "") {
  using Struct = decltype(class_of(member));
  return Field<Struct>{key, meaning, null_when, [](const Struct& from) { return encode(from.*member); },
                       [](Struct& to, const Json& json, Reading& reading) { decode(json, to.*member, reading); }};
}

/// Derived from other members: written, but ignored when read.
template <class Struct>
constexpr Field<Struct> derived(std::string_view key, std::string_view meaning, Json (*write)(const Struct&),
                                std::string_view null_when = "") {
  return {key, meaning, null_when, write, nullptr};
}

/// The fields of a struct whose table is in several parts.
template <class Struct, std::size_t... size>
constexpr auto joined(const std::array<Field<Struct>, size>&... parts) {
  std::array<Field<Struct>, (size + ...)> all{};
  auto next = all.begin();
  ((next = std::ranges::copy(parts, next).out), ...);
  return all;
}

}  // namespace pipebench
