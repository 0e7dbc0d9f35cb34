// Verification on the real kernel: it says intact only of what it has seen whole, and catches what it should.
#include <gtest/gtest.h>

#include <cstring>

#include "engine/runner.hpp"
#include "engine/verification.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/plan/plan.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/strategies/splicing.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

const Catalog& catalog() {
  static const Catalog probed = probe_catalog();
  return probed;
}

// Cases as the command line would make them.
std::vector<CaseResult> cases_of(const std::map<std::string, std::string>& options) {
  static const Machine machine = topology().machine();
  Group group;
  for (const auto& [name, text] : options) group.axes[name] = {{.text = text, .origin = "--" + name}};
  group.sampling.verify = true;
  group.sampling.timeout_seconds = 60;
  const Plan plan({group}, {.catalog = catalog(), .machine = machine});
  std::vector<CaseResult> cases;
  for (std::size_t i = 0; i < plan.size(); ++i) cases.push_back(plan.at(i));
  return cases;
}

VerifyOutcome verify(const CaseResult& result) {
  static const std::atomic<int> never{0};
  return Sampler(topology(), never, std::nullopt)
      .verify(result.spec, result.sampling, result.verify ? result.verify->reason : "");
}

void expect_as_claimed(const std::map<std::string, std::string>& options) {
  for (const CaseResult& result : cases_of(options)) {
    if (result.status != Status::planned) continue;
    SCOPED_TRACE(result.name);
    const VerifyOutcome outcome = verify(result);
    EXPECT_EQ(outcome.failure, "");
    const Outcome claimed = result.verify        ? Outcome::not_applicable
                            : result.traits.safe ? Outcome::intact
                                                 : Outcome::torn;
    EXPECT_EQ(outcome.verification.outcome, claimed) << outcome.verification.reason;
    EXPECT_EQ(outcome.verification.outcome == Outcome::torn, outcome.verification.offset.has_value());
    EXPECT_TRUE(result.verify || outcome.verification.bytes >= std::uint64_t{64} << 20U);
  }
}

TEST(Verification, FindsEachPairAsItsTraitsClaim) {
  expect_as_claimed({{"writer", "all"}, {"reader", "all"}, {"wait", "busy"}});
}

TEST(Verification, FindsEachPairAsItsTraitsClaimWithStripesAndCredit) {
  expect_as_claimed({{"writer", "vmsplice,memcpy-vmsplice,splice,recycle"},
                     {"reader", "read,splice,relay,recycle"},
                     {"stripe", "1,3"},
                     {"wait", "block,credit"}});
}

// Buffers of one chunk and more, pipes of one chunk and more, sizes that do not divide each other.
TEST(Verification, FindsTheRingThatReadersHoldAsItsTraitsClaim) {
  expect_as_claimed({{"writer", "memcpy-vmsplice"},
                     {"reader", "relay,splice-socket"},
                     {"buffer-size", "12K,128K,136K,192K"},
                     {"pipe-size", "64K,128K,1M"}});
  expect_as_claimed({{"writer", "memcpy-vmsplice"},
                     {"reader", "relay"},
                     {"buffer-size", "128K,256K"},
                     {"pipe-size", "256K"},
                     {"stripe", "2"},
                     {"wait", "busy,credit"},
                     {"buffers", "1,5"}});
}

// Pipes of up to half a buffer, and of more.
TEST(Verification, FindsWhatReadersPassOnOutOfSmallPipesAsItsTraitsClaim) {
  expect_as_claimed({{"writer", "vmsplice,sendfile"},
                     {"reader", "relay,splice-socket"},
                     {"buffer-size", "64K"},
                     {"pipe-size", "4K,32K,64K"},
                     {"wait", "busy"}});
}

TEST(Verification, FindsEachPairIntactInOneThread) {
  expect_as_claimed({{"writer", "all"}, {"reader", "all"}, {"isolation", "none"}});
  // With threads, all of these would be unsafe.
  expect_as_claimed({{"writer", "vmsplice,memcpy-vmsplice,splice"},
                     {"reader", "splice,relay,splice-socket"},
                     {"isolation", "none"},
                     {"buffers", "1"},
                     {"pipe-size", "64K"}});
}

TEST(Verification, FindsPairsOfProcessesAsTheirTraitsClaim) {
  expect_as_claimed({{"writer", "all"}, {"reader", "read,splice,relay,recycle"}, {"isolation", "processes"}});
  expect_as_claimed({{"writer", "write,vmsplice,tee,recycle"},
                     {"reader", "vmsplice,uring-read,recycle"},
                     {"stripe", "3"},
                     {"wait", "credit"},
                     {"isolation", "processes"}});
}

TEST(Verification, WaitsForNoWriterThatBlocksInTheMiddleOfACall) {
  expect_as_claimed({{"writer", "write,writev,uring-write,vmsplice"},
                     {"reader", "read"},
                     {"buffer-size", "256K"},
                     {"pipe-size", "64K"},
                     {"wait", "block"}});
}

TEST(Verification, FindsChainsOfRequestsAsTheirTraitsClaim) {
  expect_as_claimed({{"writer", "uring-write,uring-splice"},
                     {"reader", "uring-read,uring-splice"},
                     {"depth", "8"},
                     {"buffer-size", "64K"},
                     {"wait", "block,busy"}});
  // Larger than the pipe, not of whole pages, in processes and in turns, by a thread of the kernel.
  expect_as_claimed({{"writer", "uring-write"},
                     {"reader", "uring-read"},
                     {"depth", "8"},
                     {"buffer-size", "24000"},
                     {"pipe-size", "64K"},
                     {"isolation", "processes,none"},
                     {"sqpoll", "on"},
                     {"registered", "on"}});
  // Too few buffers, enough of them, and before a reader that holds some.
  expect_as_claimed({{"writer", "uring-splice"},
                     {"reader", "uring-read,relay"},
                     {"depth", "4"},
                     {"buffers", "4,8"},
                     {"buffer-size", "64K"},
                     {"pipe-size", "256K"}});
}

TEST(Verification, CatchesAPipeDeeperThanTheRuleOfReuse) {
  for (const CaseResult& result : cases_of({{"writer", "vmsplice"},
                                            {"reader", "read,splice"},
                                            {"buffer-size", "128K"},
                                            {"pipe-size", "256K"},
                                            {"wait", "busy,block"}})) {
    EXPECT_FALSE(result.traits.safe);
    EXPECT_EQ(verify(result).verification.outcome, Outcome::torn) << result.name;
  }
}

TEST(Verification, SaysWhetherTheWriterCopies) {
  for (const auto& [writer, zero_copy] : {std::pair{"write", false},
                                          {"writev", false},
                                          {"memcpy-vmsplice", false},
                                          {"splice", true},
                                          {"tee", vmsplice_is_zero_copy() == true},
                                          {"vmsplice", vmsplice_is_zero_copy() == true}}) {
    EXPECT_EQ(verify(cases_of({{"writer", writer}, {"reader", "read"}}).at(0)).verification.zero_copy, zero_copy)
        << writer;
  }
}

TEST(Verification, NeverSaysIntactOfWhatItCannotLookAt) {
  for (const CaseResult& result : cases_of({{"writer", "tee,null"}, {"reader", "splice,null"}, {"pages", "4k,skb"}})) {
    if (result.status != Status::planned) continue;
    EXPECT_EQ(verify(result).verification.outcome, Outcome::not_applicable) << result.name;
  }
}

// --- Strategies that are wrong on purpose.

enum class Fault { none, stamps_too_early, loses_a_page, swaps_pages };

// Sends what it should, but for one fault in the middle of the stream.
template <Fault fault>
class Faulty {
 public:
  explicit Faulty(const EndSetup& setup) : buffers_(writer_buffers(setup)), page_(4096) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    const bool now = ++calls_ == 20 && rest.size >= 3 * page_.size();
    if (now && fault == Fault::loses_a_page) {
      ::write(pipe.fd, rest.data, page_.size());  // the first page stands for the second
      return sent(::write(pipe.fd, rest.data + 2 * page_.size(), page_.size()), 2);
    }
    if (now && fault == Fault::swaps_pages) {
      ::write(pipe.fd, rest.data + page_.size(), page_.size());
      return sent(::write(pipe.fd, rest.data, page_.size()), 2);
    }
    if (now && fault == Fault::stamps_too_early) {
      const ssize_t moved = send_pages(pipe.fd, {rest.data, page_.size()}, 0);
      std::memset(rest.data, 0, 8);  // while the page is in the pipe
      return moved;
    }
    return ::write(pipe.fd, rest.data, page_.size() < rest.size ? page_.size() : rest.size);
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  ssize_t sent(ssize_t result, ssize_t pages) const {
    return result < 0 ? result : pages * static_cast<ssize_t>(page_.size());
  }
  BufferSet buffers_;
  std::vector<char> page_;
  int calls_ = 0;
};

template <class Strategy>
std::optional<Mismatch> mismatch_by(std::uint64_t pipe_bytes = 65536) {
  CaseSpec spec;
  spec.writer = "faulty";
  spec.reader = "read";
  spec.buffer_bytes = 65536;
  spec.buffers = 2;
  spec.pipe_bytes = pipe_bytes;
  const StrategyDescriptor faulty{.info = {.name = "faulty", .summary = "", .system_call = "write"},
                                  .make = make_end<Role::writer, Strategy>};
  const std::atomic<int> interrupt{0};
  const Sampling sampling{.bytes = 1U << 20U, .warmup_seconds = 0, .counters = false};
  Streams streams({faulty, *find_strategy(Role::reader, "read")}, spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::verify, topology(), interrupt);
  EXPECT_EQ(run.failure, "");
  EXPECT_EQ(run.readers.at(0).tally.bytes, 1U << 20U);
  return run.readers.at(0).tally.mismatch;
}

TEST(Verification, IsQuietAboutAWriterWithoutFault) { EXPECT_FALSE(mismatch_by<Faulty<Fault::none>>()); }
TEST(Verification, CatchesALostPage) { EXPECT_TRUE(mismatch_by<Faulty<Fault::loses_a_page>>()); }
TEST(Verification, CatchesSwappedPages) { EXPECT_TRUE(mismatch_by<Faulty<Fault::swaps_pages>>()); }
TEST(Verification, CatchesAWriterThatStampsTooEarly) { EXPECT_TRUE(mismatch_by<Faulty<Fault::stamps_too_early>>()); }

// --- Writers that are slow, as any may be on a busy or emulated machine.

// Follows the rule of reuse for a pipe of one buffer, and takes its time before each call and after it.
class Slow {
 public:
  explicit Slow(const EndSetup& setup) : buffers_(writer_buffers(setup)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    dawdle();
    const ssize_t moved = send_pages(pipe.fd, rest, 0);
    dawdle();
    return moved;
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  static void dawdle() noexcept { ::usleep(5000); }
  BufferSet buffers_;
};

TEST(Verification, CatchesAnUnsafeWriterHoweverSlowItIs) {
  EXPECT_TRUE(mismatch_by<Slow>(131072));
  EXPECT_FALSE(mismatch_by<Slow>(65536));
}

TEST(Verification, IsCutWhenItTakesTooLong) {
  static const std::atomic<int> never{0};
  // Millions of calls.
  const CaseResult tiny = cases_of({{"writer", "write"}, {"reader", "read"}, {"buffer-size", "16"}}).at(0);
  const VerifyOutcome outcome = Sampler(topology(), never, 0.05).verify(tiny.spec, tiny.sampling, "");
  EXPECT_EQ(outcome.failure, "");
  EXPECT_FALSE(outcome.interrupted);
  EXPECT_LT(outcome.verification.bytes, std::uint64_t{64} << 20U);
  EXPECT_TRUE(holds(outcome.verification.reason, "Stopped after 50ms"));
}

}  // namespace
}  // namespace pipebench
