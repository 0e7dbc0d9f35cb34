// Descriptors must not contradict themselves or each other: results are called safe, and pairs sensible, on their word.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "pipebench/model/case.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

using Contradictions = std::vector<std::string>;

struct Rule {
  std::string_view says;
  bool (*broken)(const StrategyInfo& info);
};

bool is_writer(const StrategyInfo& info) { return info.role == Role::writer; }
bool is_reader(const StrategyInfo& info) { return info.role == Role::reader; }

constexpr std::array rules{
    Rule{"it has no name or no summary",
         [](const StrategyInfo& info) { return info.name.empty() || info.summary.empty(); }},
    Rule{"its summary is no line without a full stop",
         [](const StrategyInfo& info) {
           return info.summary.ends_with('.') || info.summary.find('\n') != std::string_view::npos;
         }},
    Rule{"it copies and touches no byte", [](const StrategyInfo& info) { return info.copies > 0 && !info.touches; }},
    Rule{"it moves nothing and does something with the bytes",
         [](const StrategyInfo& info) {
           return !info.moves_bytes && (info.copies > 0 || info.touches || info.receives || !info.system_call.empty());
         }},
    Rule{"it moves bytes by no system call",
         [](const StrategyInfo& info) { return info.moves_bytes && info.system_call.empty(); }},
    Rule{"it is no pipe, and pairs with what is one",
         [](const StrategyInfo& info) { return info.transport != Transport::pipe && info.partner != info.name; }},
    // Writers.
    Rule{"a writer has traits of a reader",
         [](const StrategyInfo& info) {
           return is_writer(info) &&
                  (info.release != Release::copied || info.receives || !info.sees_bytes || info.copies_to_consume > 0);
         }},
    Rule{"its buffer is free at once, and nothing was copied",
         [](const StrategyInfo& info) {
           return is_writer(info) && info.moves_bytes && info.reuse == Reuse::at_once && info.copies == 0;
         }},
    Rule{"the pipe refers to its pages, and they were copied",
         [](const StrategyInfo& info) {
           return is_writer(info) && (info.reuse == Reuse::after_pipe || info.reuse == Reuse::on_return) &&
                  info.copies > 0;
         }},
    Rule{"it sends whole pages or none",
         [](const StrategyInfo& info) {
           const bool refers = info.reuse != Reuse::at_once && info.reuse != Reuse::own_ring;
           return is_writer(info) && refers != info.whole_pages;
         }},
    Rule{"it sends the same pages again and has a rule that rewrites them",
         [](const StrategyInfo& info) { return info.replay && info.reuse != Reuse::after_pipe; }},
    Rule{"it keeps no pages that it could send again",
         [](const StrategyInfo& info) { return info.replay && info.kept_pipe_bytes == nullptr; }},
    Rule{"its pages come back, from nobody or into no pipe",
         [](const StrategyInfo& info) {
           return is_writer(info) && info.reuse == Reuse::on_return &&
                  (info.partner.empty() || info.kept_pipe_bytes == nullptr);
         }},
    Rule{"it copies into a ring of its own, and says nothing of it",
         [](const StrategyInfo& info) {
           return (info.reuse == Reuse::own_ring) !=
                  (info.ring_is_long_enough != nullptr && info.further != nullptr && info.copies > 0);
         }},
    Rule{"skb pages are in no file, and nobody copies out of them at this end",
         [](const StrategyInfo& info) {
           return is_writer(info) && info.takes_skb && (info.backing == Backing::memfd || info.copies > 0);
         }},
    Rule{"it takes skb pages, and keeps none",
         [](const StrategyInfo& info) { return is_writer(info) && info.takes_skb && info.kept_pipe_bytes == nullptr; }},
    Rule{"it gives pages away without the switch that does it",
         [](const StrategyInfo& info) { return info.gives_pages && !info.uses.gift; }},
    Rule{"its buffers are one file, or circulate in order, and it can have them in several mappings",
         [](const StrategyInfo& info) {
           return info.uses.contiguous && (info.backing == Backing::memfd || info.reuse == Reuse::on_return);
         }},
    // Readers.
    Rule{"a reader has traits of a writer",
         [](const StrategyInfo& info) {
           return is_reader(info) &&
                  (info.replay || info.reuse != Reuse::at_once || info.backing != Backing::anonymous ||
                   info.kept_pipe_bytes != nullptr || info.uses.buffers || info.uses.contiguous);
         }},
    Rule{"it receives bytes into memory that cannot be locked or left untouched",
         [](const StrategyInfo& info) { return info.receives && !(info.uses.lock && info.uses.no_touch); }},
    Rule{"it receives bytes and does not see or copy them",
         [](const StrategyInfo& info) { return info.receives && (!info.sees_bytes || info.copies == 0); }},
    Rule{"it copies out of the pipe, and nobody can see the copy",
         [](const StrategyInfo& info) { return is_reader(info) && info.copies > 0 && !info.sees_bytes; }},
    Rule{"it copied no byte before it released the pages",
         [](const StrategyInfo& info) {
           return is_reader(info) && info.moves_bytes && info.release == Release::copied && info.copies == 0;
         }},
    Rule{"it releases pages unseen, and sees them",
         [](const StrategyInfo& info) { return info.release == Release::discarded && info.sees_bytes; }},
};

Contradictions contradictions(const StrategyInfo& info) {
  Contradictions found;
  for (const Rule& rule : rules) {
    if (rule.broken(info)) found.emplace_back(rule.says);
  }
  return found;
}

/// A partner is a strategy of the other side, whose partner this one is.
Contradictions wrong_partners(const Catalog& catalog) {
  Contradictions wrong;
  const auto look = [&](const std::vector<StrategyInfo>& these, const std::vector<StrategyInfo>& others) {
    for (const StrategyInfo& info : these) {
      if (info.partner.empty()) continue;
      const auto other = std::ranges::find(others, info.partner, &StrategyInfo::name);
      if (other == others.end() || other->partner != info.name) wrong.emplace_back(info.name);
    }
  };
  look(catalog.writers, catalog.readers);
  look(catalog.readers, catalog.writers);
  return wrong;
}

TEST(Descriptors, DoNotContradictThemselves) {
  const Catalog catalog = whole_catalog();
  for (const auto* infos : {&catalog.writers, &catalog.readers}) {
    for (const StrategyInfo& info : *infos) {
      if (info.outside) continue;                                  // another program's traits are not known
      if (info.system_call.empty() && info.moves_bytes) continue;  // built without it
      EXPECT_EQ(contradictions(info), Contradictions{}) << info.name;
      EXPECT_EQ(info.role, infos == &catalog.writers ? Role::writer : Role::reader) << info.name;
      EXPECT_EQ(std::ranges::count(*infos, info.name, &StrategyInfo::name), 1) << info.name;
    }
  }
  EXPECT_EQ(wrong_partners(catalog), Contradictions{});
}

TEST(Descriptors, ThatContradictThemselvesAreFound) {
  const StrategyInfo writer = find_strategy(Role::writer, "vmsplice")->info;
  const StrategyInfo reader = find_strategy(Role::reader, "read")->info;
  const auto is_found = [](StrategyInfo info, const auto& change) {
    change(info);
    return !contradictions(info).empty();
  };
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.copies = 1; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.reuse = Reuse::at_once; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.reuse = Reuse::on_return; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.reuse = Reuse::own_ring; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.replay = true; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.whole_pages = false; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.takes_skb = true; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.moves_bytes = false; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.release = Release::passed_on; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.uses.gift = false; }));
  EXPECT_TRUE(is_found(writer, [](StrategyInfo& info) { info.backing = Backing::memfd; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.uses = {}; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.uses.buffers = true; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.touches = false; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.copies = 0; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.sees_bytes = false; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.release = Release::discarded; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.reuse = Reuse::after_pipe; }));
  EXPECT_TRUE(is_found(reader, [](StrategyInfo& info) { info.summary = "Reads."; }));
}

// A list of names is out of date as soon as there is another strategy.
TEST(PageKinds, AreExplainedWithoutNamesOfStrategies) {
  const Catalog catalog = whole_catalog();
  const auto skb = std::ranges::find(names<Pages>, Pages::skb, &Named<Pages>::value);
  const std::string summary = fmt::format(" {} ", skb->summary);
  for (const auto* infos : {&catalog.writers, &catalog.readers}) {
    for (const StrategyInfo& info : *infos) {
      const bool is_named = summary.find(fmt::format(" {} ", info.name)) != std::string::npos;
      EXPECT_FALSE(info.takes_skb && is_named) << info.name;
    }
  }
}

TEST(Descriptors, WithAPartnerThatIsNoneAreFound) {
  Catalog catalog = whole_catalog();
  const auto at = [](std::vector<StrategyInfo>& infos, std::string_view name) -> StrategyInfo& {
    return *std::ranges::find(infos, name, &StrategyInfo::name);
  };
  at(catalog.writers, "write").partner = "read";
  EXPECT_EQ(wrong_partners(catalog), Contradictions{"write"}) << "read pairs with anybody";
  at(catalog.writers, "write").partner = "nobody";
  EXPECT_EQ(wrong_partners(catalog), Contradictions{"write"});
}

}  // namespace
}  // namespace pipebench
