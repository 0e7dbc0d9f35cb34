// vmsplice(2) from the pipe to user memory: in this direction the kernel copies, as read(2) does.
#include "pipebench/strategies/receiving.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class VmspliceReader : public Receiving {
 public:
  explicit VmspliceReader(const EndSetup& setup) : Receiving(setup), flags_(splice_flags(setup.spec)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept { return send_pages(pipe.fd, {buffer(), limit}, flags_); }

 private:
  unsigned flags_;
};

}  // namespace

extern const StrategyDescriptor reader_vmsplice = {
    .info = receiving({.name = "vmsplice",
                       .summary = "vmsplice(2) from the pipe to user memory, which copies",
                       .role = Role::reader,
                       .system_call = "vmsplice",
                       .recipe = {.transfer = "vmsplice(in, &(struct iovec){memory, SIZE}, 1, FLAGS)"}}),
    .make = make_end<Role::reader, VmspliceReader>,
};

}  // namespace pipebench
