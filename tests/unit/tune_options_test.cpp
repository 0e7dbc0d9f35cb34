// What `pipebench tune` searches, and what it refuses.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/request.hpp"
#include "app/tuning.hpp"
#include "fake_machine.hpp"
#include "pipebench/plan/plan.hpp"
#include "pipebench/strategies/registry.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Arguments = std::vector<std::string>;

OptionTexts options_of(Arguments arguments) {
  arguments.insert(arguments.begin(), "tune");
  const OptionTexts given = parse_command_line(arguments).options;
  return with_overrides(tune_defaults(given, whole_catalog(), fake_machine()), given);
}

std::string text_of(const Arguments& arguments, std::string_view option) {
  return options_of(arguments).at(std::string(option)).at(0).text;
}

std::string refused(const Arguments& arguments) {
  return refusal([&] { (void)options_of(arguments); });
}

TEST(TuneOptions, SearchesWhatAProgramCanUse) {
  EXPECT_EQ(text_of({}, "writer"), "write,writev,memcpy-vmsplice,vmsplice,vmsplice-drop,splice,sendfile");
  EXPECT_EQ(text_of({}, "reader"), "read,readv,vmsplice,splice,splice-file");
  EXPECT_EQ(text_of({}, "wait"), "block,poll,busy,busy-poll");
  EXPECT_EQ(text_of({}, "pipe-size"), "auto,64K,256K");
  EXPECT_EQ(text_of({}, "budget"), "30s");
  EXPECT_FALSE(options_of({}).contains("payload"));
}

TEST(TuneOptions, LeavesOutWhatDoesNotMeetTheNeeds) {
  EXPECT_EQ(text_of({"--need", "bytes"}, "reader"), "read,readv,vmsplice,splice-file");
  EXPECT_EQ(text_of({"--need", "no-spin"}, "wait"), "block,poll");
  EXPECT_EQ(text_of({"--need", "no-spin, fresh"}, "payload"), "fresh");
}

TEST(TuneOptions, KeepsWhatIsGiven) {
  EXPECT_EQ(text_of({"--writer", "tee,write", "--budget", "5s"}, "writer"), "tee,write");
  EXPECT_EQ(text_of({"--writer", "write", "--budget", "5s"}, "budget"), "5s");
  const RunSettings settings = settings_of(options_of({"--need", "fresh,bytes,fresh", "--max-memory", "4M"}));
  ASSERT_TRUE(settings.tuning);
  EXPECT_EQ(settings.tuning->needs, (std::vector<Need>{Need::fresh, Need::bytes}));
  EXPECT_EQ(settings.tuning->max_memory_bytes, 4U << 20U);
}

TEST(TuneOptions, RefusesContradictions) {
  EXPECT_EQ(refused({"--need", "no-spin", "--wait", "block,busy"}),
            "--wait: 'busy' contradicts --need: no-spin wants ends that sleep while they wait.");
  EXPECT_EQ(refused({"--need", "bytes", "--reader", "splice"}),
            "--reader: 'splice' contradicts --need: bytes wants a reader that gets to see them.");
  EXPECT_TRUE(holds(refused({"--need", "fresh", "--payload", "static"}), "'static' contradicts --need"));
  EXPECT_TRUE(holds(refused({"--need", "fresh", "--writer", "write,tee"}), "'tee' contradicts --need"));
  EXPECT_TRUE(holds(refused({"--need", "no-spin", "--wait", "all"}), "'all' contradicts --need"));
  EXPECT_TRUE(holds(refused({"--isolation", "none"}), "--isolation: 'none' cannot be searched"));
  EXPECT_EQ(refused({"--need", "fresh", "--payload", "fresh", "--isolation", "processes"}), "accepted");
}

TEST(TuneOptions, NamesTheNearestNeed) {
  EXPECT_EQ(refused({"--need", "no-spinn"}),
            "--need: unknown need 'no-spinn'; did you mean 'no-spin'? Known: fresh, no-spin, bytes.");
}

// The candidates of such a plan.
std::vector<CaseResult> candidates_of(const Arguments& arguments, Machine machine = fake_machine()) {
  const Catalog catalog = whole_catalog();
  const RunRequest request = read_request(options_of(arguments), {.config = ""});
  const Plan plan(request.groups, {.catalog = catalog, .machine = machine});
  Candidates candidates;
  for (std::size_t i = 0; i < plan.size(); ++i) candidates.take(plan.at(i));
  return candidates.all();
}

TEST(Candidates, AreSafeAndDifferent) {
  const auto cases =
      candidates_of({"--writer", "vmsplice", "--reader", "read", "--wait", "block", "--buffer-size", "64K,128K"});
  for (const CaseResult& result : cases) {
    EXPECT_TRUE(result.traits.safe) << result.name;
    EXPECT_EQ(result.status, Status::planned);
    EXPECT_GT(result.spec.buffers, 1U) << "with one no pipe is safe";
  }
  // Two buffers of 64K: auto is 64K. Of 128K: auto is 128K, and 64K. Four of 64K: 128K and 64K. Of 128K: 256K and 64K.
  EXPECT_EQ(cases.size(), 2U * (1 + 2 + 2 + 2)) << "with two kinds of pages each";
}

TEST(Candidates, FitIntoTheMemory) {
  Machine machine = fake_machine();
  machine.available_bytes = 1U << 20U;
  for (const CaseResult& result :
       candidates_of({"--writer", "write", "--reader", "read", "--wait", "block"}, machine)) {
    EXPECT_EQ(result.spec.pages, Pages::k4) << "one huge page is more";
    EXPECT_LE(result.spec.buffers * result.spec.buffer_bytes, 1U << 20U);
  }
  machine.available_bytes = 4096;
  const std::string refusal_text = refusal([&] {
    (void)candidates_of({"--writer", "write", "--reader", "read", "--wait", "block"}, machine);
  });
  EXPECT_NE(refusal_text.find("No case that may be searched meets all of this"), std::string::npos) << refusal_text;
  EXPECT_NE(refusal_text.find("of memory"), std::string::npos) << refusal_text;
}

TEST(SearchSpace, BeginsWithWhatRunDoes) {
  const auto cases = candidates_of({"--writer", "write", "--reader", "read,splice"});
  const SearchSpace space = search_space(cases);
  const std::vector<std::string> options{"reader", "wait", "pages", "buffer-size", "buffers", "pipe-size"};
  ASSERT_EQ(space.axes.size(), options.size());
  EXPECT_EQ(space.axes[0].trial, Trial::all);
  EXPECT_EQ(space.axes[2].trial, Trial::freely);
  EXPECT_EQ(space.axes[3].trial, Trial::by_steps);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (space.places[i] !=
        std::vector<unsigned>{0, 0, space.axes[2].usual, space.axes[3].usual, space.axes[4].usual, space.axes[5].usual})
      continue;
    EXPECT_EQ(cases[i].name, "write-read:wait=block,pages=4k,buffer-size=256K,buffers=2,pipe-size=auto");
    return;
  }
  FAIL() << "there is no such case";
}

}  // namespace
}  // namespace pipebench
