// splice(2) to /dev/null: the pipe's slots are released, the bytes unseen.
#include "pipebench/strategies/discarding.hpp"

namespace pipebench {
namespace {

class SpliceToNull : public Discarding {
 public:
  explicit SpliceToNull(const EndSetup& setup) : Discarding(setup), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    return look_and(pipe, limit,
                    [&](std::size_t size) { return ::splice(pipe.fd, nullptr, sink(), nullptr, size, flags_); });
  }

 private:
  unsigned flags_;
};

}  // namespace

extern const StrategyDescriptor reader_splice = {
    .info = {.name = "splice",
             .summary = "splice(2) to /dev/null: releases the pages unseen",
             .role = Role::reader,
             .release = Release::discarded,
             .sees_bytes = false,
             .takes_skb = true,
             .uses = {.gift = true},
             .further = peek_buffer,
             .system_call = "splice",
             .recipe = {.transfer = "splice(in, NULL, null, NULL, SIZE, FLAGS)",
                        .setup = "int null = open(\"/dev/null\", O_WRONLY | O_CLOEXEC);\n"
                                 "if (null < 0) return -1;\n"}},
    .make = make_end<Role::reader, SpliceToNull>,
};

}  // namespace pipebench
