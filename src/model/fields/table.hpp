// How the keys of the results are written down. Each struct of the results has one table of fields, in a file of this
// folder: `fields_of<Struct>()`, specialised in tables.hpp. A line of it is a key: field<&Struct::member>(key, meaning,
// null_when). JSON is written, read and checked by these tables, in their order, and docs/output.md is made of them.
//
// - field<>() is a member as it is; its type determines its form in JSON (codec.hpp). An enumeration puts its
//   own words into the meaning, in the place of {words} or {meanings}, so that a new one documents itself.
// - derived() follows from other members: it is written, and ignored when read.
// - A key that is neither is a Field with functions of its own.
// - A member whose type is a struct with a table is an object; documentation.cpp says under which name it is explained.
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "model/codec.hpp"

namespace pipebench {

template <HasNames E>
Words words_of() {
  std::vector<std::string> words, meanings;
  for (const Named<E>& entry : names<E>) {
    words.push_back(fmt::format("`{}`", entry.name));
    meanings.push_back(fmt::format("`{}`: {}", entry.name, entry.summary));
  }
  const std::string last = words.back();
  words.pop_back();
  return {.names = words.empty() ? last : fmt::format("{} or {}", fmt::join(words, ", "), last),
          .meanings = fmt::format("{}", fmt::join(meanings, "; "))};
}

/// What an optional value or a list is of.
template <class T>
struct Element {
  using Type = T;
};
template <class T>
struct Element<std::optional<T>> : Element<T> {};
template <class T>
struct Element<std::vector<T>> : Element<T> {};

template <class Class, class Value>
Class class_of(Value Class::*);

/// A member or, of several, a member of a member.
template <auto member, auto... further>
constexpr auto& member_of(auto& from) {
  if constexpr (sizeof...(further) == 0) {
    return from.*member;
  } else {
    return member_of<further...>(from.*member);
  }
}

/// A member, or a member of a member, as it is. The meaning of an enumeration has to have a place for its words.
template <auto member, auto... further>
constexpr auto field(std::string_view key, std::string_view meaning, std::string_view null_when = "") {
  using Struct = decltype(class_of(member));
  Field<Struct> made{
      key, meaning, null_when, [](const Struct& from) { return encode(member_of<member, further...>(from)); },
      [](Struct& to, const Json& json, Reading& reading) { decode(json, member_of<member, further...>(to), reading); }};
  using Value = std::remove_cvref_t<decltype(member_of<member, further...>(std::declval<Struct&>()))>;
  using Enumeration = typename Element<Value>::Type;
  if constexpr (HasNames<Enumeration>) {
    const bool has_place = meaning.find("{words}") != meaning.npos || meaning.find("{meanings}") != meaning.npos;
    if (!has_place) throw std::logic_error("no place for words");  // tables are constexpr, so this does not compile
    made.words = words_of<Enumeration>;
  }
  return made;
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
