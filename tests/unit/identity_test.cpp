#include "pipebench/model/identity.hpp"

#include <gtest/gtest.h>

namespace pipebench {
namespace {

CaseSpec spec_of(std::string_view writer, std::string_view reader) {
  CaseSpec spec;
  spec.writer = writer;
  spec.reader = reader;
  return spec;
}

TEST(SpecKey, HasWhatIsNotAtItsDefault) {
  CaseSpec spec = spec_of("write", "read");
  EXPECT_EQ(spec_key(spec), "writer=write reader=read");
  spec.wait = Wait::busy;
  spec.buffer_bytes = 4096;
  spec.lock = true;
  EXPECT_EQ(spec_key(spec), "writer=write reader=read wait=busy buffer_bytes=4096 lock=true");
  spec.placement = {0, 1, Relation::l3};
  EXPECT_NE(spec_key(spec).find("writer_cpu=0 reader_cpu=1 relation=l3"), std::string::npos) << spec_key(spec);
}

TEST(SpecDifferences, AreTheKeysWithOtherValues) {
  const CaseSpec one = spec_of("write", "read");
  CaseSpec other = one;
  EXPECT_TRUE(spec_differences(one, other).empty());
  other.pages = Pages::thp;
  other.buffer_bytes = 4096;
  const std::vector<KeyDifference> differences = spec_differences(one, other);
  ASSERT_EQ(differences.size(), 2U);
  EXPECT_EQ(differences[0].key + differences[0].base + differences[0].other, "pages4kthp");
  EXPECT_EQ(differences[1].key + differences[1].base + differences[1].other, "buffer_bytes04096");
}

TEST(SpecKey, IsThatOfNoOtherSpec) {
  const CaseSpec plain = spec_of("write", "read");
  std::vector<CaseSpec> specs(11, plain);
  specs[0].buffers = 3;
  specs[1].pipe_bytes = 4096;
  specs[2].stripe = 2;
  specs[3].membind = Membind::interleave;
  specs[4].payload = Payload::fresh;
  specs[5].placement = {1, 0, Relation::l3};
  specs[6].streams = 2;
  specs[7].streams = 2;
  specs[7].placement = {0, 1, Relation::l3};
  specs[7].further_placements = {{2, 3, Relation::l3}};
  specs[8].streams = 2;
  specs[8].placement = {0, 1, Relation::l3};
  specs[8].further_placements = {{4, 5, Relation::l3}};
  specs[9].writer_threads = 2;
  specs[10].reader_threads = 2;
  for (const CaseSpec& one : specs) {
    EXPECT_NE(spec_key(one), spec_key(plain));
    for (const CaseSpec& other : specs) EXPECT_EQ(spec_key(one) == spec_key(other), one == other) << spec_key(one);
  }
}

TEST(CaseName, IsTheSectionAndWhatVaries) {
  const CaseSpec spec = spec_of("write", "read");
  EXPECT_EQ(case_name("sizes", spec, {}), "sizes");
  EXPECT_EQ(case_name("sizes", spec, {{"writer", "write"}, {"wait", "busy"}}), "sizes:writer=write,wait=busy");
}

TEST(CaseName, HasTheStrategiesOnceOutsideSections) {
  EXPECT_EQ(case_name("", spec_of("write", "read"), {{"writer", "write"}, {"reader", "read"}, {"wait", "busy"}}),
            "write-read:wait=busy");
}

}  // namespace
}  // namespace pipebench
